"""Value of information: what a measurement would change. A preposterior analysis with the people of the ensemble.

Each person j in turn is taken for the true one. A measurement y of j is simulated, the others are weighted by how
likely they would have given it, and the option is chosen that is then expected to be the best:

    w_i(y)  ~  p(y | person i),  i other than j         (an ordinary value, or a bound where it is below the limit)
    choice(y) = argmin over options k of  sum over i of w_i(y) v[k, i]
    wrong     = share of j for whom choice(y_j) is worse than their own best option by more than the margin

Person j is left out of the update: with j inside, any noise would seem informative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr

from bonecast.decisions.aims import Aim
from bonecast.engine import normals

REPEATS = 4  # measurements simulated of each person
MOST_PEOPLE = (
    800  # who are weighed against each other, the first of the ensemble: work grows with their square
)


@dataclass(frozen=True)
class PlannedReading:
    """A measurement that could be made, on one scale (ln for markers).

    Parameters
    ----------
    expected : ndarray
        Expected value of each person, expected[person].
    sd : float
        Standard deviation of the error.
    limit : float
        Below which the laboratory reports a bound only; minus infinity without one.
    """

    expected: np.ndarray
    sd: float
    limit: float = -np.inf


@dataclass(frozen=True)
class ValueOfInformation:
    """The value of a measurement for a choice.

    Parameters
    ----------
    wrong_before, wrong_after : float
        Chance of a choice that is worse than the person's own best by more than the margin.
    saved : float
        By how much the expected outcome of the choice improves, in the unit of the aim.
    error : float
        Standard error of the fall of the chance, from the number of people in the ensemble.
    """

    wrong_before: float
    wrong_after: float
    saved: float
    error: float

    @property
    def fall(self) -> float:
        """By how much the chance of a wrong choice falls."""
        return self.wrong_before - self.wrong_after

    @property
    def tells(self) -> bool:
        """Is the fall more than the noise of the ensemble (1.64 standard errors)?"""
        return self.fall > 1.645 * self.error


def value_of_information(
    values: Mapping[str, np.ndarray], aim: Aim, reading: PlannedReading, seed: int, name: str
) -> ValueOfInformation:
    """Estimate by how much a measurement makes a wrong choice between options less likely.

    With one option, or fewer than three people, nothing can be learned.

    Parameters
    ----------
    values : mapping of str to ndarray
        Option to value[person].
    aim : Aim
        What the options are ranked by.
    reading : PlannedReading
        The measurement.
    seed : int
        Of the random streams.
    name : str
        Of the random stream, so that each test has its own noise and one more test changes no other.

    Returns
    -------
    The chance of a wrong choice before and after, and the gain in the outcome.

    Examples
    --------
    >>> from bonecast.decisions import find_aim
    >>> x = np.linspace(-1, 1, 200)
    >>> options = {"a": 50 + 20 * x, "b": 50 - 20 * x}
    >>> sharp = value_of_information(options, find_aim("vertebral"), PlannedReading(x, 0.1), 1, "sharp")
    >>> bool(sharp.wrong_before > 0.4 and sharp.wrong_after < 0.1)
    True
    """
    costs = aim.cost(np.array([of[:MOST_PEOPLE] for of in values.values()], np.float64))
    count = costs.shape[1]
    if len(costs) < 2 or count < 3:
        return ValueOfInformation(0.0, 0.0, 0.0, 0.0)
    seen = replace(reading, expected=reading.expected[:MOST_PEOPLE])
    behind = costs - costs.min(axis=0)
    others = (costs.sum(axis=1, keepdims=True) - costs) / (count - 1)
    before = others.argmin(axis=0)  # without j too, so that before and after are compared fairly
    who = np.arange(count)
    wrong_before = behind[before, who] > aim.margin
    wrong_after, gained = np.zeros(count), np.zeros(count)
    for repeat in range(REPEATS):
        noise = normals(seed, f"reading {name} {repeat}", 0, count)
        chosen = _chosen(costs, seen, seen.expected + seen.sd * noise)
        wrong_after += (behind[chosen, who] > aim.margin) / REPEATS
        gained += (costs[before, who] - costs[chosen, who]) / REPEATS
    fall = wrong_before - wrong_after
    return ValueOfInformation(
        float(wrong_before.mean()),
        float(wrong_after.mean()),
        float(gained.mean()),
        float(fall.std(ddof=1) / np.sqrt(count)),
    )


def _chosen(costs: np.ndarray, reading: PlannedReading, measured: np.ndarray) -> np.ndarray:
    """The option[j] that is expected to be the best once measured[j] is known."""
    z = (measured[:, None] - reading.expected[None, :]) / reading.sd
    bound = (reading.limit - reading.expected) / reading.sd
    logs = np.where((measured < reading.limit)[:, None], log_ndtr(bound)[None, :], -0.5 * z**2)
    np.fill_diagonal(logs, -np.inf)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return (weights @ costs.T).argmin(axis=1)
