"""A strategy from today: a plan laid behind the history, its doses on whole days."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bonecast.errors import InputError
from bonecast.regimens.course import Dose
from bonecast.regimens.history import History
from bonecast.regimens.regimen import Regimen


@dataclass(frozen=True)
class PlannedStrategy:
    """A named plan on the history's axis of days. `start_d` is day 0 of the plan."""

    name: str
    plan: Regimen
    start_d: int
    doses: tuple[Dose, ...]

    @property
    def drugs(self) -> frozenset[str]:
        """The drugs that it brings."""
        return frozenset(d.drug for d in self.doses) - {"placebo"}


def place_strategy(name: str, plan: Regimen, history: History, horizon_d: float) -> PlannedStrategy:
    """Place a plan: where the cover of the last dose ends, or today if that day is past.

    A plan that begins with a wait ("6 months after the last dose ...") counts it from the last dose given. Doses
    of drugs given at long intervals fall on whole days; doses after the horizon are left out.
    """
    wait = plan.starts_after_last_dose_d
    if wait is not None and history.last_d is None:
        raise InputError(
            f"strategy {name}",
            "it counts from the last dose, and none was given",
            "begin it with a drug instead",
        )
    start = history.cover_end_d if wait is None or history.last_d is None else history.last_d + round(wait)
    start = max(start, history.today_d)
    end = history.today_d + horizon_d
    doses = tuple(
        replace(
            d, time_d=float(round(start + d.time_d)) if d.cover_d == 0 or d.cover_d >= 7 else start + d.time_d
        )
        for d in plan.doses
        if start + d.time_d <= end
    )
    return PlannedStrategy(name, plan, start, doses)
