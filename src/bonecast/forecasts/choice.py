"""What a forecast says of the choice that is to be made: dates, tests and plans, as plain data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.decisions import Ranking, ValueOfInformation
from bonecast.outcomes import TimeToThreshold


@dataclass(frozen=True)
class LatestDate:
    """By when the next injection is needed, by one criterion.

    Parameters
    ----------
    what : str
        The criterion in words.
    key : str
        Endpoint that it is read from.
    time : TimeToThreshold
        When it is met without a further dose.
    on_time_until : date or None
        Day 211 after the last injection. Up to it an injection counts as on time, and it stands beside any later date.
    """

    what: str
    key: str
    time: TimeToThreshold
    on_time_until: dt.date | None = None


@dataclass(frozen=True)
class NextTest:
    """One test on one day, and its value for the choice between the strategies.

    Parameters
    ----------
    key, title : str
        Endpoint and its name.
    date : date
        When it would be done.
    worth : Worth
        The chance of a wrong choice with and without it.
    """

    key: str
    title: str
    date: dt.date
    worth: ValueOfInformation


@dataclass(frozen=True)
class Search:
    """Plans by an aim, the best first.

    Parameters
    ----------
    ranking : Ranking
        Of the plans that were followed.
    plans : dict
        Name to plan.
    warned, forbidden : dict
        Name to what the care rules say.
    since : str
        The begin of the time over which they are compared: "today", "last dose" or "age" (`FollowUp`).
    """

    ranking: Ranking
    plans: dict[str, str]
    warned: dict[str, str]
    forbidden: dict[str, str]
    since: str = "today"
