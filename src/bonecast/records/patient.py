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
    """One dose that was given.

    Parameters
    ----------
    drug : str
        Generic name.
    amount : float
        In `unit`, as written.
    unit : str
        "mg" or "ug".
    date : date
        The day.
    product : str, optional
        Product name, where the record gives one.
    lot : str, optional
        Lot number, where the record gives one.
    injection_site : str, optional
        Where on the body, where the record says so.
    given_by : str, optional
        Who gave it, where the record says so.
    """

    drug: str
    amount: float
    unit: str
    date: dt.date
    product: str | None = None
    lot: str | None = None
    injection_site: str | None = None
    given_by: str | None = None


@dataclass(frozen=True)
class Course:
    """A drug taken again and again.

    Parameters
    ----------
    drug : str
        Generic name.
    amount : float
        Amount each time, in `unit`.
    unit : str
        "mg" or "ug".
    every_d : float
        Days between doses.
    start : date
        First day.
    end : date or None
        Last day; None while the course goes on at the date of the record.
    product : str, optional
        Product name, where the record gives one.
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

    Parameters
    ----------
    test : str
        Name of the test.
    site : str or None
        Site of a BMD measurement.
    value : float
        In `unit`; the limit where `below_limit` or `above_limit` is set.
    unit : str
        Usual unit of the test.
    below_limit : bool
        Whether the true value lies below `value`.
    date : date
        The day.
    given : str
        The value as written.
    time : time, optional
        Time of day.
    fasting : bool, optional
        Whether the person fasted; None where the record does not say.
    assay : str, optional
        Name of the assay.
    lab : str, optional
        Name of the laboratory.
    scanner : str, optional
        Maker of the DXA scanner.
    t_score : float, optional
        T-score of a BMD measurement, as printed.
    reference_low : float, optional
        The laboratory's lower limit, in the usual unit.
    reference_high : float, optional
        The laboratory's upper limit, in the usual unit.
    above_limit : bool
        Whether the true value lies above `value`, such as an eGFR of ">60".
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
    above_limit: bool = False


@dataclass(frozen=True)
class PriorFracture:
    """One fragility fracture of the past.

    Parameters
    ----------
    site : str
        The bone, such as "vertebra" or "hip".
    date : date
        The day it broke, or was found.
    """

    site: str
    date: dt.date


@dataclass(frozen=True)
class Skipped:
    """Something in a file that was not read.

    Parameters
    ----------
    place : str
        Where it stands.
    reason : str
        Why it was not read.
    is_drug : bool
        Whether it is a drug, which may be denosumab.
    """

    place: str
    reason: str
    is_drug: bool = False


@dataclass(frozen=True)
class Patient:
    """One person on the day of the record.

    Doses, courses, measurements and fractures are in order of date. `read_patient` makes a checked one.

    Parameters
    ----------
    id : str
        Identifier in the file.
    sex : Sex
        "female" or "male".
    birth_date : date
        Date of birth.
    record_date : date
        The "today" of a forecast.
    weight_kg : float, optional
        Weight, kg.
    height_cm : float, optional
        Height, cm.
    name : str, optional
        Name, where the record gives one.
    menopause_age : float, optional
        Age at menopause, years.
    facts : tuple of tuple of (str, FactValue)
        Conditions and habits by the name under which they are kept; what is not there is unknown.
    doses : tuple of GivenDose
        Single doses.
    courses : tuple of Course
        Repeated doses.
    measurements : tuple of Measurement
        Measurements.
    fractures : tuple of PriorFracture
        Fragility fractures with a day; the facts count those without one too.
    death_date : date, optional
        Date of death.
    address : str, optional
        Postal address, its lines with commas between them; for letters and labels alone.
    phone : str, optional
        Phone number; for texts alone.
    language : str, optional
        Code of the language in which this person is written to.
    skipped : tuple of Skipped
        What of a FHIR Bundle was not read.

    Examples
    --------
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
    fractures: tuple[PriorFracture, ...] = ()
    death_date: dt.date | None = None
    # How the person is reached decides nothing: two records that differ in it alone are equal, and forecast alike.
    address: str | None = field(default=None, compare=False)
    phone: str | None = field(default=None, compare=False)
    language: str | None = field(default=None, compare=False)
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
