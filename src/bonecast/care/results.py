"""A result that serves a step of the schedule: its value, whether it is flagged, and whether it is new enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.care.case import CareCase
from bonecast.care.schedule_table import ScheduleStep
from bonecast.care.variables import variables
from bonecast.core import Between

FRESH_D = 90  # days for which a result counts as there (rule PD-04)


@dataclass(frozen=True)
class Result:
    """The latest result of a test.

    Attributes
    ----------
    flag : "low", "high", "unclear" where only a bound is known that does not decide, or empty.
    fresh : it is at most 90 days old on the day of the injection, and newer than the last injection.
    """

    value: float
    unit: str
    date: dt.date
    flag: str
    fresh: bool

    def __str__(self) -> str:
        number = str(self.value) if isinstance(self.value, Between) else f"{self.value:.4g}"
        return f"{number} {self.unit}".strip() + (f", {self.flag}" if self.flag else "")

    @property
    def done(self) -> bool:
        """Is nothing left to do? A flagged or an old result is never ticked."""
        return self.fresh and not self.flag


def result_of(step: ScheduleStep, case: CareCase) -> Result | None:
    """The result that this step asks for; None where there is none with a day."""
    fact = case.facts.get(step.have) if step.have else None
    if fact is None or fact.date is None or not isinstance(fact.value, float):
        return None
    age, since = (case.on - fact.date).days, case.values.get("days_since_last_denosumab")
    limits = [(name, when) for name, when in (("low", step.low), ("high", step.high)) if when]
    flag = next((name for name, when in limits if when.closed(case.values)), "")
    if not flag and isinstance(fact.value, Between):
        flag = "unclear" if any(when.known(case.values) is None for _, when in limits) else ""
    fresh = age <= FRESH_D and (not isinstance(since, float) or age < since)
    return Result(fact.value, variables()[step.have].unit, fact.date, flag, fresh)
