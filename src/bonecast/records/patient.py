"""The record of one person, checked and frozen: what every later room works from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from bonecast.drugs import find_drug
from bonecast.records.quantity import find_test
from bonecast.records.site import find_site

Sex = Literal["female", "male"]
FactValue = bool | int | float | str


@dataclass(frozen=True)
class GivenDose:
    """One dose that was given: the agent, the amount in mg or ug as written, the day."""

    drug: str
    amount: float
    unit: str
    date: dt.date
    product: str | None = None
    lot: str | None = None


@dataclass(frozen=True)
class Course:
    """A drug taken again and again: `amount` every `every_d` days, from `start` to `end`, both days included.

    `end` is None while the course goes on at the date of the record.
    """

    drug: str
    amount: float
    unit: str
    every_d: float
    start: dt.date
    end: dt.date | None
    product: str | None = None


@dataclass(frozen=True)
class Measurement:
    """One measured value in the usual unit of its test.

    `below_limit` says that the true value lies below `value`, the assay's limit. `t_score`, `site` and
    `scanner` belong to BMD. `fasting` is None where the record does not say. `reference_low` and
    `reference_high` are the laboratory's own limits in the usual unit. `given` is the value as written.
    """

    test: str
    site: str | None
    value: float
    unit: str
    below_limit: bool
    date: dt.date
    given: str
    time: dt.time | None = None
    fasting: bool | None = None
    assay: str | None = None
    lab: str | None = None
    scanner: str | None = None
    t_score: float | None = None
    reference_low: float | None = None
    reference_high: float | None = None


@dataclass(frozen=True)
class Skipped:
    """Something in a FHIR Bundle that was not read, and why. Nothing is dropped without one of these."""

    place: str
    reason: str
    is_drug: bool = False


@dataclass(frozen=True)
class Patient:
    """One person on the day of the record. Doses, courses and measurements are in order of date.

    `record_date` is the "today" of a forecast. `facts` are conditions and habits by the name they are kept
    under; what is not there is unknown. Made by `read_patient`, which has checked everything.

    >>> import datetime as dt
    >>> her = Patient("A1", "female", dt.date(1955, 2, 10), dt.date(2026, 9, 15), weight_kg=61.0)
    >>> her.age
    71
    """

    id: str
    sex: Sex
    birth_date: dt.date
    record_date: dt.date
    weight_kg: float | None = None
    height_cm: float | None = None
    name: str | None = None
    menopause_age: float | None = None
    facts: tuple[tuple[str, FactValue], ...] = ()
    doses: tuple[GivenDose, ...] = ()
    courses: tuple[Course, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    death_date: dt.date | None = None
    # What was not read is about the file, not about the person: two readers of one person agree.
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        from bonecast.records.notebook import line

        return line(self)

    def _repr_html_(self) -> str:
        from bonecast.records.notebook import html

        return html(self)

    @property
    def age(self) -> int:
        """How old is the person on the day of the record, in completed years?"""
        return int(self.age_on(self.record_date))

    def age_on(self, date: dt.date) -> float:
        """How old is the person on this day, in years? The whole part changes on the birthday."""
        birthday = _birthday(self.birth_date, date.year)
        return date.year - self.birth_date.year + (date - birthday).days / 365.25

    def fact(self, name: str) -> FactValue | None:
        """What does the record say of this fact, such as "glucocorticoid" or "calcium_intake_mg_day"?

        None where it says nothing.
        """
        return dict(self.facts).get(name)

    def doses_of(self, drug: str) -> tuple[GivenDose, ...]:
        """Which single doses of this drug (agent or product name) were given, in order of date?"""
        agent = find_drug(drug).generic
        return tuple(dose for dose in self.doses if dose.drug == agent)

    def last_dose(self, drug: str) -> GivenDose | None:
        """Which single dose of this drug was the last? None where none was given; courses do not count."""
        given = self.doses_of(drug)
        return given[-1] if given else None

    def courses_of(self, drug: str) -> tuple[Course, ...]:
        """Which courses of this drug were taken, in order of start?"""
        agent = find_drug(drug).generic
        return tuple(course for course in self.courses if course.drug == agent)

    def measured(self, test: str, site: str | None = None) -> tuple[Measurement, ...]:
        """Which values of this test were measured, in order of date? With a site, only those there (BMD)."""
        name = find_test(test).name
        where = find_site(site) if site is not None else None
        return tuple(m for m in self.measurements if m.test == name and (where is None or m.site == where))

    def latest(self, test: str, site: str | None = None) -> Measurement | None:
        """Which value of this test is the latest? None where it was never measured."""
        found = self.measured(test, site)
        return found[-1] if found else None


def _birthday(birth: dt.date, year: int) -> dt.date:
    """The birthday in that year; someone born on 29 February has it on 1 March in other years."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return dt.date(year, 3, 1)
