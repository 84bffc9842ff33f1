"""What a forecast says of the choice that is to be made: dates, tests and plans, as plain data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.decisions import Ranking, ValueOfInformation


@dataclass(frozen=True)
class Passing:
    """When people like this one pass a limit: by which date 5, 50 and 95 of 100 have (None: not in the forecast).

    limit : in the unit of what passes it. share : of people who do within the forecast.
    """

    limit: float
    share: float
    early: dt.date | None
    median: dt.date | None
    late: dt.date | None


@dataclass(frozen=True)
class LatestDate:
    """By when the next injection is needed, by one criterion. what : in words; passing : when it is met without one."""

    what: str
    key: str
    passing: Passing


@dataclass(frozen=True)
class CalciumTest:
    """A day on which calcium is tested, why, and the care rules that ask for it (none: the forecast itself)."""

    date: dt.date
    why: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class NextTest:
    """One test on one day, and what it is worth for the choice between the strategies."""

    key: str
    title: str
    date: dt.date
    worth: ValueOfInformation


@dataclass(frozen=True)
class Search:
    """Plans by an aim, the best first. plans : name to plan. warned, forbidden : name to what the care rules say."""

    ranking: Ranking
    plans: dict[str, str]
    warned: dict[str, str]
    forbidden: dict[str, str]
