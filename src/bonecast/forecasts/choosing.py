"""The choice between strategies: ranked person by person, how long it may wait, and which test would help it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from bonecast.decisions import Aim, Ranking, rank
from bonecast.forecasts.choice import LatestDate, NextTest, Search
from bonecast.forecasts.late import latest_dates
from bonecast.forecasts.levels import level_output
from bonecast.forecasts.next_measurement import TESTS, decision_day, next_tests
from bonecast.forecasts.search import grid_of, search_of
from bonecast.forecasts.stakes import months_ahead, stakes
from bonecast.forecasts.track import Track
from bonecast.outcomes.endpoints import endpoint
from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy


class Stakes:
    """What each strategy is worth to each person, collected as the strategies are followed, the same people in all.

    barred : strategies that are compared with the others and may not be chosen.
    """

    def __init__(
        self, aim: Aim, history: History, horizon_d: float, barred: frozenset[str] = frozenset()
    ) -> None:
        self.aim, self.history, self.horizon_d, self.barred = aim, history, horizon_d, barred
        self.months = months_ahead(horizon_d)
        self.values: dict[str, np.ndarray] = {}
        self.whole: np.ndarray | None = None

    def add(self, track: Track) -> None:
        """Take this strategy in; one that the model cannot follow is passed over."""
        if self.months is None:
            return
        today = float(self.history.today_d)
        found = stakes(self.aim, self.months, track.columns, track.fractures, track.days, today)
        if found is not None:
            self.values[track.way.name] = found
            self.whole = track.succeeded if self.whole is None else self.whole & track.succeeded

    def ranking(self) -> Ranking | None:
        """The strategies by the aim; None with fewer than two, where none may be chosen, or where nobody could be
        followed in all of them."""
        if self.months is None or self.whole is None or len(self.values) < 2 or not self.whole.any():
            return None
        if not self.open:
            return None
        return rank({k: v[self.whole] for k, v in self.values.items()}, self.aim, self.months, self.barred)

    @property
    def open(self) -> dict[str, np.ndarray]:
        """Of the strategies that may be chosen: what each is worth to each person."""
        return {name: of for name, of in self.values.items() if name not in self.barred}


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
    stakes_: Stakes,
    loss_pct: float,
    seed: int,
) -> Outlook:
    """By when must something be given, and what would a further test change?

    untreated : the forecast without a further dose, which all strategies share until the first one brings a dose.
    """
    if not untreated.columns or not untreated.succeeded.any():
        return Outlook()
    days, columns, whole = untreated.days, untreated.columns, untreated.succeeded
    latest = latest_dates(history, days, columns, whole, loss_pct)
    if stakes_.ranking() is None or stakes_.whole is None:
        return Outlook(latest)
    decision = decision_day(history, ways, stakes_.horizon_d)
    tests = next_tests(
        *(history, decision, days, columns),
        stakes_.open,
        whole & stakes_.whole,
        stakes_.aim,
        seed,
    )
    return Outlook(latest, tests)


def search(
    patient: Patient,
    history: History,
    aim: Aim,
    horizon_d: float,
    follow: Callable[[PlannedStrategy], Track],
    told: Callable[[float, str], None],
) -> Search | None:
    """The best exit by the aim among the plans that the care rules allow; None where there is none to search.

    told : called before each plan with the share of the plans that were followed, and with its name.
    """
    grid = grid_of(patient, history, horizon_d)
    found = Stakes(aim, history, horizon_d)
    for place, way in enumerate(grid.ways):
        told(place / len(grid.ways), f"exit {place + 1} of {len(grid.ways)}, {way.name}")
        found.add(follow(way))
    ranking = found.ranking()
    return None if ranking is None else search_of(grid, ranking)
