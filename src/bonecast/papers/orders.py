"""Orders for a year: injections and tests with their days, as a list and as FHIR proposals, and when they are renewed.

The next injection is dated where the rules let it be. Those after it are planned by the same table, each as if the one
before it had been given on its day: proposals, which the check of the day decides about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bonecast.care import Entry, InjectionTests, Override, Schedule, check, injection_tests, schedule
from bonecast.core import spreadsheet_csv
from bonecast.interop import bundle_about, guidance_response, service_requests
from bonecast.papers.states import is_dated
from bonecast.records import GivenDose, Patient

YEAR_D = 365
MOST_INJECTIONS = 14  # in a year, at one every four weeks and the loading doses
KINDS = {"next": "injection", "before": "test", "after": "test", "long": "test", "now": "first"}


@dataclass(frozen=True)
class Order:
    """One thing that is ordered for a day.

    Parameters
    ----------
    entry : Entry
        The entry of the schedule.
    planned : bool
        Whether it comes after the next injection: it counts from an injection that is not given yet.
    """

    entry: Entry
    planned: bool = False

    @property
    def kind(self) -> str:
        """Tell what it is: "injection", "test", or "first" for what is to be settled before anything else."""
        return KINDS[self.entry.part]


def year_of_orders(
    patient: Patient, jurisdiction: str | None = None, overrides: Iterable[Override] = ()
) -> list[Order]:
    """List what is ordered for the year from the day of the record.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest.
    overrides : iterable of Override
        Findings that a clinician overrode, each with a reason.

    Returns
    -------
    list of Order
        In order of the day. No injection stands in it where the rules withhold the next one, or its check is not
        complete.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> made = year_of_orders(read_patient("examples/long-denosumab.toml"), "UK")
    >>> sorted({one.kind for one in made})
    ['test']
    """
    overridden = tuple(overrides)
    made = schedule(patient, jurisdiction, overrides=overridden)
    possible = made.injection is not None and is_dated(
        check(patient, None, jurisdiction, overrides=overridden)
    )
    ends = patient.record_date + dt.timedelta(YEAR_D)
    kept = [
        Order(entry)
        for entry in made.entries
        if entry.part in KINDS
        and entry.date < ends
        and entry.have is None
        and (possible or entry.part != "next")
    ]
    if possible:
        kept += _later(patient, made, jurisdiction, ends)
    return sorted(kept, key=lambda one: (one.entry.date, one.kind, one.entry.what))


def _later(patient: Patient, made: Schedule, jurisdiction: str | None, ends: dt.date) -> list[Order]:
    """The injections after those that are dated, with the tests around them: each counts from the one before it."""
    given = [entry.date for entry in made.entries if entry.part == "next"]
    kept: list[Order] = []
    while given and len(given) < MOST_INJECTIONS:
        coming = _after(patient, given, jurisdiction)
        if coming is None or coming.injection >= ends:
            break
        kept += [
            Order(entry, planned=True)
            for entry in coming.entries
            if entry.date < ends and (entry.part != "next" or entry.date == coming.injection)
        ]
        given.append(coming.injection)
    return kept


def _after(patient: Patient, days: list[dt.date], jurisdiction: str | None) -> InjectionTests | None:
    """The injection that follows, had the last one been given again on each of these days."""
    last = patient.last_dose("denosumab")
    if last is None:
        return None
    doses = tuple(GivenDose(last.drug, last.amount, last.unit, day) for day in days)
    then = replace(patient, doses=(*patient.doses, *doses), record_date=days[-1])
    return injection_tests(then, jurisdiction)


def renewal_day(patient: Patient, orders: Iterable[Order]) -> dt.date | None:
    """The day by which the orders are renewed: the first day of tests for the injection after the last ordered one."""
    days = [one.entry.date for one in orders if one.kind == "injection"]
    coming = _after(patient, days, None) if days else None
    if coming is None:
        return None
    firsts = [entry.first for entry in coming.entries if entry.part == "before" and entry.first is not None]
    return min(firsts, default=coming.injection)


def orders_table(people: Iterable[tuple[Patient, list[Order]]]) -> bytes:
    """Write the orders of many people as CSV.

    Parameters
    ----------
    people : iterable of (Patient, list of Order)
        Each with their orders.

    Returns
    -------
    bytes
        id, name, birth_date, kind, what, date, first, last, rules, note, renew_by.

    Examples
    --------
    >>> orders_table([]).decode("utf-8-sig").strip()
    'id,name,birth_date,kind,what,date,first,last,rules,note,renew_by'
    """
    rows = [
        (
            patient.id, patient.name or patient.id, patient.birth_date, one.kind, one.entry.what, one.entry.date,
            one.entry.first, _last_day(one.entry), " ".join(one.entry.rules), _note(one),
            renewal_day(patient, orders) if one.kind == "injection" else None,
        )
        for patient, orders in people
        for one in orders
    ]  # fmt: skip
    heads = ("id", "name", "birth_date", "kind", "what", "date", "first", "last", "rules", "note", "renew_by")
    return spreadsheet_csv(heads, rows)


def orders_bundle(
    patient: Patient,
    orders: Iterable[Order],
    jurisdiction: str | None,
    overrides: Iterable[Override],
    written: dt.datetime,
) -> dict[str, Any]:
    """Write the orders of a person as a FHIR R4 Bundle.

    Parameters
    ----------
    patient : Patient
        The person.
    orders : iterable of Order
        What is ordered.
    jurisdiction : str, optional
        Whose rules decide.
    overrides : iterable of Override
        Findings that a clinician overrode.
    written : datetime
        Time of writing, with its time zone.

    Returns
    -------
    dict of str to object
        A Bundle: Patient, GuidanceResponse (the check of the next injection) and ServiceRequest proposals.
    """
    overridden = tuple(overrides)
    made = schedule(patient, jurisdiction, overrides=overridden)
    proposed = replace(made, ending=False, entries=tuple(one.entry for one in orders))
    checked = guidance_response(check(patient, None, jurisdiction, overrides=overridden), patient, written)
    return bundle_about(patient, [checked, *service_requests(proposed, patient)], written)


def _last_day(entry: Entry) -> dt.date | None:
    """The end of the window; None where it has closed."""
    return entry.last if entry.last is not None and entry.last >= entry.date else None


def _note(one: Order) -> str:
    if one.kind == "injection":
        return "only where the check of that day is complete and finds no contraindication"
    return "counts from an injection that is not given yet" if one.planned else ""
