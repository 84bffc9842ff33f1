"""What lateness costs the people of the list: the sum of their forecasts, by months of delay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bonecast.forecasts import MONTHS_LATE
from bonecast.regimens import DAYS_IN

_MONTH_D = DAYS_IN["months"]


@dataclass(frozen=True)
class LatenessLine:
    """People of the list with a new vertebral fracture within 24 months, if everyone's injection is so late.

    `more` than without a delay, with its range: the ends of all people added, which is the widest that it can be.
    """

    months: int
    expected: float
    more: float
    low: float
    high: float


def lateness_lines(costs: Collection[Mapping[str, Sequence[float]]]) -> list[LatenessLine]:
    """The sum over these people for each number of months; empty without people.

    >>> one = {"per_1000": [10.0] * 6 + [16.0], "more": [0.0] * 6 + [6.0], "low": [0.0] * 7, "high": [9.0] * 7}
    >>> lateness_lines([one] * 500)[-1]
    LatenessLine(months=6, expected=8.0, more=3.0, low=0.0, high=4.5)
    """
    if not costs:
        return []
    sums: dict[str, list[float]] = {
        name: [sum(of) / 1000 for of in zip(*(one[name] for one in costs), strict=True)]
        for name in ("per_1000", "more", "low", "high")
    }
    return [LatenessLine(*of) for of in zip(MONTHS_LATE, *sums.values(), strict=True)]


def at_delay(lines: Sequence[LatenessLine], days: float) -> float | None:
    """How many more people than on time, at a delay in days, between two lines; None outside of them.

    >>> lines = [LatenessLine(0, 1.0, 0.0, 0.0, 0.0), LatenessLine(1, 3.0, 2.0, 1.0, 4.0)]
    >>> at_delay(lines, 30.4375 / 2), at_delay(lines, 40.0), at_delay(lines, -3.0)
    (1.0, None, None)
    """
    months = days / _MONTH_D
    for before, after in pairwise(lines):
        if before.months <= months <= after.months:
            share = (months - before.months) / (after.months - before.months)
            return before.more + share * (after.more - before.more)
    return None


def measured_delay(figures: Collection[Any]) -> float | None:
    """The median delay of this service in days, all together; None where no pair was counted."""
    found = [one for one in figures if one.measure.key == "delay" and one.denominator]
    return float(found[0].shown) if len(found) == 1 else None
