"""What stands beside a forecast in the report: the check of the next injection, its dates, and the liver."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bonecast.care import Check, check
from bonecast.care.calendar_file import calendar
from bonecast.care.schedule import Entry, schedule
from bonecast.charts import Picture
from bonecast.liver import LiverSection, liver_section
from bonecast.patients import Patient


@dataclass(frozen=True)
class Safety:
    """check : of the next injection. entries : what is done when. liver : None where no liver value is on record."""

    check: Check
    entries: tuple[Entry, ...]
    liver: LiverSection | None

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures of the liver."""
        if self.liver is None:
            return ()
        return tuple(p for p in (self.liver.timeline, self.liver.edish) if p is not None)


def safety_of(patient: Patient) -> Safety:
    """What do the care rules and the liver values say of this record?

    >>> from bonecast.patients import read_patient
    >>> safety_of(read_patient("examples/late-dose.toml")).check.outcome
    'warned'
    """
    return Safety(check(patient), schedule(patient).entries, liver_section(patient))


def calendar_of(patient: Patient) -> str:
    """The dates as a calendar file; its version is the day of the record, so that the same record gives the same."""
    written = dt.datetime.combine(patient.record_date, dt.time(), dt.UTC)
    return calendar(schedule(patient), written).decode("utf-8")
