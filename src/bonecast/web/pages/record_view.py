"""A record laid out for reading: latest values, scans by site, markers, drugs given, facts, and open questions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from bonecast.care import check
from bonecast.errors import InputError
from bonecast.records import (
    Measurement,
    Patient,
    find_test,
    from_usual,
    known_facts,
    least_significant_change,
    site_names,
)
from bonecast.web.pages.check_view import capital
from bonecast.web.pages.record_fields import words
from bonecast.web.pages.record_grid import USUAL_TESTS
from bonecast.web.store import history

MARKERS = ("CTX", "P1NP", "BSAP", "TRACP-5b", "uNTX")


def view_of(patient: Patient, record: dict[str, Any], units: dict[str, str]) -> dict[str, Any]:
    """What the page of a record shows; `units` : in which the clinic wants to see a test."""
    scans = patient.measured("BMD")
    others = [m for m in patient.measurements if m.test != "BMD"]
    return {
        "patient": patient,
        "capital": capital,
        "value_of": partial(_value, units),
        "limit_of": partial(_limit, units),
        "changes": _changes(scans),
        "scans": _by_visit(scans),
        "sites": [site for site in site_names() if any(scan.site == site for scan in scans)],
        "markers": _by_day([m for m in others if m.test in MARKERS]),
        "laboratory": _by_day([m for m in others if m.test not in MARKERS]),
        "given": _given(patient),
        "fractures": sorted(patient.fractures, key=lambda one: one.date, reverse=True),
        "facts": _facts(record["person"]),
        "asked": check(patient).questions,
    }


@dataclass(frozen=True)
class ResultDay:
    """The results of one day by test, with the flag of each: H or L by the laboratory's limits."""

    date: dt.date
    by_test: dict[str, Measurement]

    @property
    def taken(self) -> list[tuple[str, dt.time | None, bool | None]]:
        """Laboratory, time and whether the person fasted, each once."""
        found = {(m.lab or "", m.time, m.fasting): None for m in self.by_test.values()}
        return [one for one in found if one != ("", None, None)]

    def flag(self, test: str) -> str:
        """H above the laboratory's upper limit, L below the lower one, else nothing."""
        m = self.by_test[test]
        if m.reference_high is not None and m.value > m.reference_high and not m.below_limit:
            return "H"
        if m.reference_low is not None and m.value < m.reference_low and not m.above_limit:
            return "L"
        return ""


@dataclass(frozen=True)
class Results:
    """Results as a grid: the tests that there are, and the days, the newest first."""

    tests: tuple[str, ...]
    days: tuple[ResultDay, ...]


def _by_day(results: list[Measurement]) -> Results:
    """A row for each day; a second result of the same test gets a row of its own."""
    days: list[ResultDay] = []
    for m in sorted(results, key=lambda one: (one.date, one.time or dt.time.min)):
        if not days or days[-1].date != m.date or m.test in days[-1].by_test:
            days.append(ResultDay(m.date, {}))
        days[-1].by_test[m.test] = m
    tests = sorted({m.test for m in results}, key=lambda test: (_place(test), test.casefold()))
    return Results(tuple(tests), tuple(reversed(days)))


def _value(units: dict[str, str], m: Measurement) -> str:
    """A value as it was written, or in the unit of the clinic."""
    unit = units.get(m.test)
    if unit is None or m.given.endswith(f" {unit}"):
        return m.given
    sign = "<" if m.below_limit else ">" if m.above_limit else ""
    return f"{sign}{from_usual(find_test(m.test), m.value, unit):.4g} {unit}"


def _limit(units: dict[str, str], m: Measurement, limit: float | None) -> str:
    """A limit of the laboratory in the unit in which the value is shown; "" where there is none."""
    if limit is None:
        return ""
    unit = _value(units, m).partition(" ")[2]
    try:
        return f"{from_usual(find_test(m.test), limit, unit):.4g}"
    except InputError:
        return f"{limit:g}"


def _changes(scans: tuple[Measurement, ...]) -> dict[tuple[dt.date, str | None], tuple[float, bool | None]]:
    """By how many percent each scan differs from the one before on the same make, and whether that is a change."""
    found = {}
    last: dict[tuple[str | None, str | None], Measurement] = {}
    for scan in scans:
        before = last.get((scan.site, scan.scanner))
        if before is not None:
            change = 100 * (scan.value / before.value - 1)
            least = least_significant_change("BMD", scan.site, scanner=scan.scanner)
            found[scan.date, scan.site] = (change, None if least is None else abs(change) >= least.value)
        last[scan.site, scan.scanner] = scan
    return found


def _place(test: str) -> int:
    return USUAL_TESTS.index(test) if test in USUAL_TESTS else len(USUAL_TESTS)


@dataclass(frozen=True)
class SavedVersion:
    """One saved version of the record: who, when, and what was changed."""

    version: int
    who: str
    when: dt.datetime
    action: str
    changes: tuple[history.Change, ...]


def timeline(changes: list[history.Change]) -> list[SavedVersion]:
    """The changes of a record by version, the newest first."""
    grouped = (list(group) for _, group in groupby(changes, key=lambda one: one.version))
    return [SavedVersion(of[0].version, of[0].who, of[0].when, of[0].action, tuple(of)) for of in grouped]


def _by_visit(scans: tuple[Measurement, ...]) -> list[tuple[dt.date, dict[str | None, Measurement]]]:
    """The scans of each day by site, the newest day first."""
    days: dict[dt.date, dict[str | None, Measurement]] = {}
    for scan in scans:
        days.setdefault(scan.date, {})[scan.site] = scan
    return sorted(days.items(), reverse=True)


def _given(patient: Patient) -> list[dict[str, Any]]:
    """Every dose and course, the newest first."""
    doses = [
        {
            "drug": d.product or d.drug,
            "agent": d.drug,
            "amount": f"{d.amount:g} {d.unit}",
            "from": d.date,
            "lot": ", ".join(filter(None, (d.lot, d.injection_site, d.given_by))),
        }
        for d in patient.doses
    ]
    courses = [
        {
            "drug": c.product or c.drug,
            "agent": c.drug,
            "amount": f"{c.amount:g} {c.unit} every {c.every_d:g} days",
            "from": c.start,
            "to": c.end,
            "lot": None,
        }
        for c in patient.courses
    ]
    return sorted([*doses, *courses], key=lambda given: given["from"], reverse=True)


def _facts(person: dict[str, Any]) -> list[tuple[str, str]]:
    """The facts as they were written; a yes or no by its meaning."""
    found = []
    for key, fact in known_facts().items():
        value = person.get(key)
        if isinstance(value, bool):
            found.append((fact.meaning[0].upper() + fact.meaning[1:], "yes" if value else "no"))
        elif value is not None:
            found.append((words(key), str(value).replace("_", " ")))
    return found
