"""Weights that bring people to a target table: exponential tilting (entropy balancing).

    w_i = exp(lambda . h(x_i)) / mean,      lambda such that sum w_i h(x_i) = 0

h has (x - m) for each mean m, and (x - m)^2 - s^2 for each SD s. Of all weights that meet the table these lie closest,
in relative entropy, to equal ones (Hainmueller 2012, doi 10.1093/pan/mpr025). lambda is the minimum of the convex
ln sum exp(lambda . h). Fitted once on a reference draw, the tilting is applied to any chunk by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from bonecast.cohorts.column import columns
from bonecast.cohorts.covariates import Covariates, concatenated
from bonecast.cohorts.eligibility import Eligibility
from bonecast.cohorts.source import REFERENCE, REFERENCE_SEED, Population
from bonecast.cohorts.target import TargetValue, read_target
from bonecast.errors import InputError

Target = Mapping[str, Any] | Sequence[TargetValue]  # a table as in a design file, or read
MET = 1e-4  # of an SD: a table is met where every line is this close
FARTHEST = 1e3  # of a coefficient: the search for a table that cannot be met runs away
MOST_SCREENED = 400_000  # candidates looked at for a reference of eligible people
FEW = 200  # fewer say too little of what the others are like
LEAST = 0.02  # effective share of the people, below which a few of them would speak for all


def _near(coefficients: np.ndarray) -> None:
    """End a search that runs away."""
    if np.abs(coefficients).max() > FARTHEST:
        raise StopIteration


@dataclass(frozen=True)
class Tilting:
    """Weights that bring people of a population to a target table.

    Parameters
    ----------
    aims : tuple of TargetValue
        The lines of the table.
    scales : tuple of float
        SD of each line's covariate among the people it was fitted on.
    coefficients : tuple of float
        Of the lines, in units of `scales`.
    level : float
        Makes the mean weight 1.
    effective : float
        Effective sample size as a share of the people it was fitted on.
    most : float
        The largest weight there, which no other person's goes beyond.
    """

    aims: tuple[TargetValue, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    level: float
    effective: float
    most: float

    def weights(self, people: Mapping[str, np.ndarray]) -> np.ndarray:
        """The weight of each person, 1 on average over the population."""
        logs = np.einsum("ij,i->j", _lines(people, self.aims, self.scales), np.array(self.coefficients))
        return np.minimum(np.exp(logs + self.level), self.most)

    @staticmethod
    def fit(people: Mapping[str, np.ndarray], target: Target) -> Tilting:
        """The tilting of these people to the table.

        Raises InputError where the table cannot be reached, or only with so few people that they speak for all.
        """
        aims = read_target(target) if isinstance(target, Mapping) else tuple(target)
        scales = []
        for aim in aims:
            values = np.asarray(people[aim.column], np.float64)
            low, high = (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)
            if not low <= aim.mean <= high or (low == high and aim.sd is not None):
                raise _out_of_reach(aim, people)
            scales.append(float(values.std()) or 1.0)
        h = _lines(people, aims, tuple(scales))

        def sums(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
            logs = np.einsum("ij,i->j", h, coefficients)
            total: Any = logsumexp(logs)
            return float(total), np.einsum("ij,j->i", h, np.exp(logs - total))

        found = (
            minimize(
                sums, np.zeros(len(h)), jac=True, method="BFGS", options={"gtol": MET / 100}, callback=_near
            ).x
            if aims
            else np.zeros(0)
        )
        away = np.abs(sums(found)[1])
        if not away.max(initial=0.0) <= MET:
            raise _out_of_reach(max(aims, key=lambda aim: _distance(aim, people)), people)
        logs = np.einsum("ij,i->j", h, found)
        level = float(np.log(len(logs)) - logsumexp(logs))
        weights = np.exp(logs + level)
        made = Tilting(
            tuple(aims),
            tuple(scales),
            tuple(found.tolist()),
            level,
            effective_size(weights) / len(weights),
            float(weights.max()),
        )
        if made.effective < LEAST:
            raise _out_of_reach(max(aims, key=lambda aim: _distance(aim, people)), people, made.effective)
        return made


def tilting(population: Population, target: Target, eligibility: Eligibility | None = None) -> Tilting:
    """The weights of the eligible people of a population, from a reference draw that is always the same.

    Parameters
    ----------
    population : Population
    target : mapping, or sequence of TargetValue
        Means, SDs and shares to be met.
    eligibility : Eligibility, optional

    Returns
    -------
    Tilting

    Raises
    ------
    InputError
        If the table cannot be reached, or only with very few people, or hardly anybody is eligible.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> women = population("postmenopausal-osteoporosis")
    >>> tilt = tilting(women, {"age": {"mean": 72.3}})
    >>> people = women.draw(7, 0, 20000)
    >>> round(float(np.average(people["age"], weights=tilt.weights(people))))
    72
    """
    asked = eligibility or Eligibility.of(())
    kept: list[Covariates] = []
    for first in range(0, MOST_SCREENED, REFERENCE):
        drawn = population.draw(REFERENCE_SEED, first, REFERENCE)
        kept.append(drawn.select(asked.holds(drawn)))
        if sum(people.count for people in kept) >= REFERENCE:
            break
    people = concatenated(kept).select(np.arange(min(REFERENCE, sum(people.count for people in kept))))
    if people.count < FEW:
        cause = f"of {MOST_SCREENED:,} candidates {people.count:,} are eligible"
        raise InputError("eligible", cause, "ask for less, or of another population")
    return Tilting.fit(people, target)


def weights_to(people: Mapping[str, np.ndarray], target: Target) -> np.ndarray:
    """Weights of these very people with which they meet a table.

    Parameters
    ----------
    people : mapping of str to ndarray, shape (person,)
        Covariates.
    target : mapping, or sequence of TargetValue
        Means, SDs and shares to be met.

    Returns
    -------
    ndarray, shape (person,)
        1 on average.

    Raises
    ------
    InputError
        If the table cannot be reached, or only with very few people.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> men = population("men").draw(1, 0, 5000)
    >>> weights = weights_to(men, {"age": {"mean": 68.0, "sd": 8.0}, "prior_vertebral": {"share": 0.3}})
    >>> round(float(np.average(men["age"], weights=weights)), 2), effective_size(weights) < 5000
    (68.0, True)
    """
    return Tilting.fit(people, target).weights(people)


def effective_size(weights: np.ndarray) -> float:
    """How many people with equal weights say as much (Kish): (sum w)^2 / sum w^2.

    Parameters
    ----------
    weights : ndarray, shape (person,)

    Returns
    -------
    float

    Examples
    --------
    >>> effective_size(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    return float(weights.sum() ** 2 / np.square(weights).sum())


def _lines(
    people: Mapping[str, np.ndarray], aims: Sequence[TargetValue], scales: Sequence[float]
) -> np.ndarray:
    """h[line, person]."""
    lines = []
    for aim, scale in zip(aims, scales, strict=True):
        away = (np.asarray(people[aim.column], np.float64) - aim.mean) / scale
        lines.append(away)
        if aim.sd is not None:
            lines.append(away**2 - (aim.sd / scale) ** 2)
    return np.array(lines) if lines else np.zeros((0, len(next(iter(people.values())))))


def _distance(aim: TargetValue, people: Mapping[str, np.ndarray]) -> float:
    """How far the people lie from a line: the mean in SDs, and the SD in its logarithm."""
    values = np.asarray(people[aim.column], np.float64)
    sd = float(values.std()) or 1.0
    return abs(float(values.mean()) - aim.mean) / sd + (abs(np.log(aim.sd / sd)) if aim.sd else 0.0)


def _out_of_reach(
    aim: TargetValue, people: Mapping[str, np.ndarray], effective: float | None = None
) -> InputError:
    values = np.asarray(people[aim.column], np.float64)
    column = columns()[aim.column]
    asked = f"a mean of {aim.mean:g}" if column.is_number else f"a share of {aim.mean:g}"
    asked += f" with an SD of {aim.sd:g}" if aim.sd is not None else ""
    have = "there are no candidates"
    if len(values):
        spread = (
            f" +/- {values.std():.3g} ({values.min():.3g} to {values.max():.3g})" if column.is_number else ""
        )
        have = f"candidates have {values.mean():.3g}{spread}"
    why = (
        "cannot be reached" if effective is None else f"leaves {100 * effective:.2g} % of the people's worth"
    )
    return InputError(
        f"target, {aim.column}",
        f"{asked} {why}: {have}",
        "bring the target nearer, widen who is eligible or take another population",
    )
