"""The outcome of each person of the ensemble under each strategy, by the aim of the choice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.decisions import Aim, Ranking, rank
from bonecast.forecasts.follow_up import TODAY, FollowUp, outcome_within
from bonecast.forecasts.track import Track
from bonecast.outcomes import MONTHS, Columns, Fractures, at_day, change_since
from bonecast.regimens import DAYS_IN, History

DEFAULT_AIM = "vertebral"
_KINDS = {name: name.replace("-", " ") for name in ("vertebral", "multiple-vertebral", "hip", "nonvertebral")}
_SITES = {"spine-bmd": "LS_BMD", "hip-bmd": "TH_BMD"}


def months_ahead(horizon_d: float) -> int | None:
    """How far ahead strategies are compared: the longest of 12, 24 and 60 months in the forecast; None below 12.

    >>> months_ahead(3 * 365.25), months_ahead(90.0)
    (24, None)
    """
    within = [m for m in MONTHS if m * DAYS_IN["months"] <= horizon_d + 1]
    return max(within, default=None)


def outcome_per_person(
    aim: Aim,
    months: int,
    columns: Mapping[str, Columns],
    fractures: Fractures,
    days: np.ndarray,
    today_d: float,
) -> np.ndarray | None:
    """The value[person] of one strategy in the unit of the aim; None where the model cannot say.

    columns : endpoint key to its columns over `days`. fractures : (kind, months) to probability[person].
    """
    if aim.name in _KINDS:
        chance = fractures.get((_KINDS[aim.name], months))
        return None if chance is None else 1000 * chance
    key = _SITES[aim.name]
    if key not in columns:
        return None
    curves = columns[key][f"{key}_pct_change"][1]
    from_now = change_since(curves, at_day(curves, days, today_d))
    return at_day(from_now, days, today_d + months * DAYS_IN["months"])


def exact_outcome(aim: Aim, months: int, exact: Mapping[tuple[str, int], np.ndarray]) -> np.ndarray:
    """The value[person] of one strategy without the error of the model. exact : as `Track` has it."""
    if aim.name in _KINDS:
        return 1000 * exact[_KINDS[aim.name], months]
    return exact[_SITES[aim.name], months]


class PersonOutcomes:
    """The outcome of each person under each strategy, collected as the strategies are followed with the same people."""

    def __init__(
        self, aim: Aim, history: History, horizon_d: float, follow_up: FollowUp | None = None
    ) -> None:
        self.aim, self.history, self.horizon_d = aim, history, horizon_d
        self.follow_up = None if follow_up is None or follow_up.since == TODAY else follow_up
        self.months = months_ahead(horizon_d) if self.follow_up is None else self.follow_up.months
        self.values: dict[str, np.ndarray] = {}
        self.exact: dict[str, np.ndarray] = {}  # without the error of the model
        self.people: np.ndarray | None = None

    def add(self, track: Track) -> None:
        """Add this strategy; one that the model cannot follow is left out."""
        if self.months is None:
            return
        if self.follow_up is not None:
            self._add_within(track, self.follow_up)
            return
        today = float(self.history.today_d)
        value = outcome_per_person(self.aim, self.months, track.columns, track.fractures, track.days, today)
        if value is not None:
            self.values[track.way.name] = value
            self.exact[track.way.name] = exact_outcome(self.aim, self.months, track.exact)
            self.people = track.succeeded if self.people is None else self.people & track.succeeded

    def _add_within(self, track: Track, follow_up: FollowUp) -> None:
        """Add this strategy over its own time; one that has no such time in the forecast is left out."""
        window = follow_up.window(track.way, self.history)
        names = (_KINDS.get(self.aim.name, ""), _SITES.get(self.aim.name, ""))
        found = outcome_within(*names, track, window)
        if found is not None:
            self.values[track.way.name], self.exact[track.way.name] = found
            self.people = track.succeeded if self.people is None else self.people & track.succeeded

    def ranking(self) -> Ranking | None:
        """The strategies by the aim; None with fewer than two, or where nobody could be followed in all of them."""
        if self.months is None or self.people is None or len(self.values) < 2 or not self.people.any():
            return None
        values, exact = ({k: v[self.people] for k, v in of.items()} for of in (self.values, self.exact))
        return rank(values, self.aim, self.months, exact)
