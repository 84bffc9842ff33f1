"""Paired ranking of options: which is the best, with what probability, and which have no meaningful difference.

With v[k, i] the value of option k for person i, less being better:

    chance that k is best      mean over i of [k = argmin over options of v[., i]]
    difference of k and l      d[i] = v[k, i] - v[l, i], the same person twice
    meaningful difference      5 % quantile of d > margin, or 95 % quantile < -margin

Values may hold an error of the model that made them. It has no direction, so it changes how sure the order is and not
the order: the expected value is that of the exact values, without the error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np

from bonecast.decisions.aims import Aim
from bonecast.errors import InputError

SURE = 0.95  # above it a probability of being best is given as a bound


@dataclass(frozen=True)
class Rank:
    """One option. All values are in the unit of the aim.

    Parameters
    ----------
    option : str
        Name of the option.
    mean : float
        Expected value.
    best : float
        Probability of being the best option for a similar patient.
    behind : tuple of (float, float, float)
        Difference to the first option, person by person: 5, 50 and 95 %; zeros for the first itself.
    bracket : str
        Compact letter display; two options with a letter in common have no meaningful difference.
    within_model_error : bool
        The difference to the first option would be meaningful if the model had no error, and is not with it.
    """

    option: str
    mean: float
    best: float
    behind: tuple[float, float, float]
    bracket: str
    within_model_error: bool = False

    @property
    def best_of_100(self) -> str:
        """The probability of being best as people of 100, as it is printed: never as certain."""
        return of_100(self.best)


@dataclass(frozen=True)
class Ranking:
    """Options by one aim, the best expected one first.

    Parameters
    ----------
    aim : Aim
        What they are ranked by.
    months : int
        Horizon.
    ranks : tuple of Rank
        The options in order.
    """

    aim: Aim
    months: int
    ranks: tuple[Rank, ...]

    def __repr__(self) -> str:
        return f"<Ranking of {len(self.ranks)} options: {self.ranks[0].option} first>"

    def _repr_html_(self) -> str:
        from bonecast.decisions.notebook import html

        return html(self)

    @property
    def first(self) -> Rank:
        """The option that is expected to be the best."""
        return self.ranks[0]

    @property
    def tied(self) -> tuple[str, ...]:
        """The other options without a meaningful difference to the first."""
        letters = set(self.first.bracket)
        return tuple(r.option for r in self.ranks[1:] if letters & set(r.bracket))

    @property
    def within_model_error(self) -> tuple[str, ...]:
        """Those of `tied` that only the error of the model keeps from being distinguished from the first."""
        return tuple(r.option for r in self.ranks[1:] if r.within_model_error)


def of_100(chance: float) -> str:
    """Write a chance as people of 100; below 1 and above 95 only the bound, for nothing here is certain.

    Parameters
    ----------
    chance : float
        0 to 1.

    Returns
    -------
    str

    Examples
    --------
    >>> of_100(0.372), of_100(0.95), of_100(0.999), of_100(0.002)
    ('37', '95', 'more than 95', 'fewer than 1')
    """
    if chance > SURE:
        return f"more than {100 * SURE:.0f}"
    return "fewer than 1" if chance < 0.005 else f"{100 * chance:.0f}"


def rank(
    values: Mapping[str, np.ndarray], aim: Aim, months: int, exact: Mapping[str, np.ndarray] | None = None
) -> Ranking:
    """Rank options by an aim.

    Parameters
    ----------
    values : mapping of str to ndarray
        Option to value[person], the same people in each. A person for whom several options are equally good counts for
        each of them in part.
    aim : Aim
        What they are ranked by.
    months : int
        Horizon.
    exact : mapping of str to ndarray, optional
        The same values without the error of the model; `values` by default.

    Returns
    -------
    The options in order, each with its difference to the first.

    Raises
    ------
    InputError
        There is no option.

    Examples
    --------
    >>> from bonecast.decisions import find_aim
    >>> people = np.array([30.0, 40.0, 50.0])
    >>> found = rank({"stop": people + 20, "go on": people}, find_aim("vertebral"), 24)
    >>> found.first.option, found.first.best, found.tied
    ('go on', 1.0, ())
    """
    if not values:
        raise InputError("ranking", "there is no option", "give at least one")
    names = list(values)
    matrix, sharp = (np.array([of[name] for name in names], np.float64) for of in (values, exact or values))
    costs = aim.cost(matrix)
    lowest = costs == costs.min(axis=0)
    best = (lowest / lowest.sum(axis=0)).mean(axis=1)
    expected = aim.cost(sharp).mean(axis=1)
    order = sorted(range(len(names)), key=lambda k: (expected[k], names[k]))
    letters = compact_letters(costs[order], aim.margin)
    first = order[0]
    ranks = []
    for place, k in enumerate(order):
        low, middle, high = np.quantile(matrix[k] - matrix[first], (0.05, 0.5, 0.95))
        near = k != first and not _apart(costs[k] - costs[first], aim.margin)
        within = near and _apart(aim.cost(sharp[k]) - aim.cost(sharp[first]), aim.margin)
        ranks.append(
            Rank(
                names[k],
                float(sharp[k].mean()),
                float(best[k]),
                (float(low), float(middle), float(high)),
                letters[place],
                within,
            )
        )
    return Ranking(aim, months, tuple(ranks))


def compact_letters(costs: np.ndarray, margin: float) -> list[str]:
    """Letters for costs[option, person]: options share one where the paired 90 % interval does not clear the margin.

    Each letter is a largest set of options without a meaningful difference (a compact letter display).

    >>> compact_letters(np.array([[1.0, 2.0], [1.0, 2.0], [9.0, 9.0]]), 0.5)
    ['a', 'a', 'b']
    """
    count = len(costs)
    near = [
        {k for k in range(count) if k != j and not _apart(costs[j] - costs[k], margin)} for j in range(count)
    ]
    sets = sorted(sorted(group) for group in _largest_sets(set(), set(range(count)), set(), near))
    return ["".join(_letter(n) for n, group in enumerate(sets) if k in group) for k in range(count)]


def _apart(difference: np.ndarray, margin: float) -> bool:
    low, high = np.quantile(difference, (0.05, 0.95))
    return bool(low > margin or high < -margin)


def _largest_sets(
    chosen: set[int], open_: set[int], closed: set[int], near: Sequence[set[int]]
) -> list[set[int]]:
    """All sets of options that are near each other and that no further option fits (Bron and Kerbosch)."""
    if not open_ and not closed:
        return [chosen]
    found = []
    pivot = max(open_ | closed, key=lambda k: (len(near[k] & open_), -k))
    for k in sorted(open_ - near[pivot]):
        found += _largest_sets(chosen | {k}, open_ & near[k], closed & near[k], near)
        open_, closed = open_ - {k}, closed | {k}
    return found


def _letter(n: int) -> str:
    # more than 26 sets are seldom, and then the letters begin again with capitals
    return ascii_lowercase[n] if n < len(ascii_lowercase) else ascii_lowercase[n % 26].upper()
