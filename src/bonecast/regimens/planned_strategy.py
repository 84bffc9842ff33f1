"""A strategy from today: a plan laid behind the history, its doses on whole days."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bonecast.errors import InputError
from bonecast.regimens.course import Dose
from bonecast.regimens.history import History
from bonecast.regimens.regimen import Regimen


@dataclass(frozen=True)
class PlannedStrategy:
    """A named regimen on the axis of days of a history.

    Parameters
    ----------
    name : str
        Name of the strategy.
    plan : Regimen
        The regimen.
    start_d : int
        Day of the history on which the regimen starts.
    doses : tuple of Dose
        Doses on that axis.
    """

    name: str
    plan: Regimen
    start_d: int
    doses: tuple[Dose, ...]

    @property
    def drugs(self) -> frozenset[str]:
        """The drugs that it brings."""
        return frozenset(d.drug for d in self.doses) - {"placebo"}


def place_strategy(name: str, plan: Regimen, history: History, horizon_d: float) -> PlannedStrategy:
    """Place a regimen after a history.

    It starts where the cover of the last dose ends, or today if that day is past. A regimen that begins with a wait ("6
    months after the last dose ...") counts it from the last dose given. Doses at long intervals fall on whole days.

    Parameters
    ----------
    name : str
        Name of the strategy.
    plan : Regimen
        The regimen.
    history : History
        What was given.
    horizon_d : float
        Days from today; doses after it are left out.

    Returns
    -------
    PlannedStrategy
        The strategy on the axis of the history.
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
