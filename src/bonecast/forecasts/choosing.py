"""The choice between strategies: ranked person by person, how long it may wait, and which test would help it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from bonecast.core import gettext
from bonecast.decisions import Aim
from bonecast.forecasts.choice import LatestDate, NextTest, Search
from bonecast.forecasts.follow_up import FollowUp
from bonecast.forecasts.late import latest_dates
from bonecast.forecasts.next_measurement import TESTS, decision_day, next_tests
from bonecast.forecasts.person_outcome import PersonOutcomes
from bonecast.forecasts.search import grid_of, search_of
from bonecast.forecasts.track import Track
from bonecast.outcomes import endpoint, level_output
from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy

# What dates and tests are read from: a loss of spine density, and the levels that a test would show.
NEEDED = ("LS_BMD_pct_change", *(level_output(endpoint(key)) for key in TESTS))


@dataclass(frozen=True)
class Outlook:
    """What a forecast says of the choice beside the ranking."""

    latest: tuple[LatestDate, ...] = ()
    tests: tuple[NextTest, ...] = ()


def outlook(
    history: History,
    ways: Iterable[PlannedStrategy],
    untreated: Track,
    outcomes: PersonOutcomes,
    loss_pct: float,
    seed: int,
    may_inject: bool,
    scanner: str | None = None,
) -> Outlook:
    """By when must something be given, and what would a further test change?

    untreated : the forecast without a further dose, which all strategies share until the first one brings a dose.
    may_inject : no latest date is given for an injection that the care rules block. scanner : of the spine.
    """
    if not untreated.columns or not untreated.succeeded.any():
        return Outlook()
    days, columns, people = untreated.days, untreated.columns, untreated.succeeded
    latest = latest_dates(history, days, columns, people, loss_pct, scanner) if may_inject else ()
    if outcomes.ranking() is None or outcomes.people is None:
        return Outlook(latest)
    decision = decision_day(history, ways, outcomes.horizon_d)
    tests = next_tests(
        history=history,
        decision=decision,
        days=days,
        untreated=columns,
        values=outcomes.values,
        people=people & outcomes.people,
        aim=outcomes.aim,
        seed=seed,
    )
    return Outlook(latest, tests)


def search(
    patient: Patient,
    history: History,
    aim: Aim,
    horizon_d: float,
    follow: Callable[[PlannedStrategy], Track],
    progress: Callable[[float, str], None],
    follow_up: FollowUp | None = None,
    without: Collection[str] = (),
    own: Mapping[str, str] | None = None,
) -> Search | None:
    """The best exit by the aim among the plans that the care rules allow; None where there is none to search.

    progress : called before each plan with the share of the plans that were followed, and with its name. follow_up :
    the time over which they are compared. without : drugs that are not wanted. own : further plans by name.
    """
    grid = grid_of(patient, history, horizon_d, without=without, own=own)
    outcomes = PersonOutcomes(aim, history, horizon_d, follow_up)
    for place, way in enumerate(grid.ways):
        progress(
            place / len(grid.ways),
            gettext(
                "exit {number} of {total}, {name}", number=place + 1, total=len(grid.ways), name=way.name
            ),
        )
        outcomes.add(follow(way))
    ranking = outcomes.ranking()
    return None if ranking is None else search_of(grid, ranking, follow_up)
