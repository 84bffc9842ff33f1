"""What was given so far, as doses on an axis of days, with when the next one is or was due."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bonecast.drugs import find_drug
from bonecast.regimens.course import Dose
from bonecast.regimens.parser import parse_span

if TYPE_CHECKING:
    from bonecast.records import GivenDose, Patient


@dataclass(frozen=True)
class History:
    """The doses of a record on an axis of days.

    Parameters
    ----------
    zero : date
        Date of day 0: the first dose, or the day of the record where nothing was given.
    today_d : int
        Day of the record.
    doses : tuple of Dose
        Everything given, in order of time, courses written out.
    late_d : tuple of int
        For each single dose, days after the previous cover of the same drug ended; 0 for the first.
    cover_end_d : int
        When the cover of the last dose ends; today where nothing was given.
    last_d : int or None
        Day of the last dose.
    """

    zero: dt.date
    today_d: int
    doses: tuple[Dose, ...]
    late_d: tuple[int, ...]
    cover_end_d: int
    last_d: int | None

    @property
    def drugs(self) -> frozenset[str]:
        """The drugs given so far."""
        return frozenset(d.drug for d in self.doses)

    def date(self, day: float) -> dt.date:
        """The calendar date of a day on the axis."""
        return self.zero + dt.timedelta(days=round(day))


def history_of(patient: Patient) -> History:
    """Lay the doses and courses of a record on an axis of days.

    The cover of a single dose is the interval of the drug's labelled regimen of that amount (60 mg of denosumab: 6
    months), so that the next dose is due when it ends.

    Parameters
    ----------
    patient : Patient
        The record.

    Returns
    -------
    History
        The history.
    """
    dates = [d.date for d in patient.doses] + [c.start for c in patient.courses]
    zero = min(dates, default=patient.record_date)
    today = (patient.record_date - zero).days
    doses = [Dose((d.date - zero).days, d.drug, d.amount, d.unit, cover_d(d)) for d in patient.doses]
    for course in patient.courses:
        first, last = (course.start - zero).days, ((course.end or patient.record_date) - zero).days
        count = int((last - first) / course.every_d + 1e-9) + 1
        doses += [
            Dose(first + i * course.every_d, course.drug, course.amount, course.unit, course.every_d)
            for i in range(count)
        ]
    doses.sort(key=lambda d: d.time_d)
    last_dose = doses[-1] if doses else None
    return History(
        zero,
        today,
        tuple(doses),
        tuple(_lateness(doses)),
        round(last_dose.time_d + last_dose.cover_d) if last_dose else today,
        round(last_dose.time_d) if last_dose else None,
    )


def cover_d(given: GivenDose | Dose) -> float:
    """Compute how many days a dose covers by the labelled regimen of its amount.

    Parameters
    ----------
    given : GivenDose or Dose
        The dose.

    Returns
    -------
    float
        0 where there is no such regimen.
    """
    regimens = [r for r in find_drug(given.drug).regimens if r.interval]
    same = [r for r in regimens if r.dose == given.amount and r.unit == given.unit]
    return parse_span(same[0].interval) if same else 0.0


def _lateness(doses: list[Dose]) -> list[int]:
    ends: dict[str, float] = {}
    late = []
    for d in doses:
        late.append(max(0, round(d.time_d - ends.get(d.drug, d.time_d))))
        ends[d.drug] = d.time_d + d.cover_d
    return late
