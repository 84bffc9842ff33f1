"""Paired ranking of options: which is the best, with what probability, and which have no meaningful difference.

With v[k, i] the value of option k for person i, less being better:

    chance that k is best      mean over i of [k = argmin over options of v[., i]]
    difference of k and l      d[i] = v[k, i] - v[l, i], the same person twice
    meaningful difference      5 % quantile of d > margin, or 95 % quantile < -margin
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np

from bonecast.decisions.aims import Aim
from bonecast.errors import InputError


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
    barred : bool
        Excluded by rule: compared with the others and never chosen.
    """

    option: str
    mean: float
    best: float
    behind: tuple[float, float, float]
    bracket: str
    barred: bool = False


@dataclass(frozen=True)
class Ranking:
    """Options by one aim, the best expected one first, excluded ones last.

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
        """The other options without a meaningful difference to the first that may be chosen."""
        letters = set(self.first.bracket)
        return tuple(r.option for r in self.ranks[1:] if letters & set(r.bracket) and not r.barred)


def rank(values: Mapping[str, np.ndarray], aim: Aim, months: int, barred: Collection[str] = ()) -> Ranking:
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
    barred : collection of str
        Options that may not be chosen; they are compared with the others and never the best.

    Returns
    -------
    The options in order, each with its difference to the first.

    Raises
    ------
    InputError
        No option may be chosen.

    Examples
    --------
    >>> from bonecast.decisions import find_aim
    >>> people = np.array([30.0, 40.0, 50.0])
    >>> found = rank({"stop": people + 20, "go on": people}, find_aim("vertebral"), 24)
    >>> found.first.option, found.first.best, found.tied
    ('go on', 1.0, ())
    """
    if not set(values) - set(barred):
        raise InputError("ranking", "there is no option", "give at least one")
    names = list(values)
    matrix = np.array([values[name] for name in names], np.float64)
    costs = aim.cost(matrix)
    shut = np.array([name in barred for name in names])
    lowest = (costs == costs[~shut].min(axis=0)) & ~shut[:, None]
    best = (lowest / lowest.sum(axis=0)).mean(axis=1)
    order = sorted(range(len(names)), key=lambda k: (shut[k], costs[k].mean(), names[k]))
    letters = compact_letters(costs[order], aim.margin)
    first = matrix[order[0]]
    ranks = []
    for place, k in enumerate(order):
        low, middle, high = np.quantile(matrix[k] - first, (0.05, 0.5, 0.95))
        behind = (float(low), float(middle), float(high))
        mean, chance = float(matrix[k].mean()), float(best[k])
        ranks.append(Rank(names[k], mean, chance, behind, letters[place], bool(shut[k])))
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
