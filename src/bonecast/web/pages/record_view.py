"""A record laid out for reading: latest values, scans by site, markers, drugs given, facts, and open questions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bonecast.care import check
from bonecast.records import Measurement, Patient, known_facts, site_names
from bonecast.web.pages.check_view import capital
from bonecast.web.pages.record_fields import words

MARKERS = ("CTX", "P1NP", "BSAP", "TRACP-5b", "uNTX")


def view_of(patient: Patient, record: dict[str, Any]) -> dict[str, Any]:
    """What the page of a record shows."""
    scans = patient.measured("BMD")
    others = [m for m in patient.measurements if m.test != "BMD"]
    return {
        "patient": patient,
        "capital": capital,
        "scans": _by_visit(scans),
        "sites": [site for site in site_names() if any(scan.site == site for scan in scans)],
        "markers": sorted((m for m in others if m.test in MARKERS), key=lambda m: m.date, reverse=True),
        "laboratory": sorted(
            (m for m in others if m.test not in MARKERS), key=lambda m: m.date, reverse=True
        ),
        "given": _given(patient),
        "fractures": sorted(patient.fractures, key=lambda one: one.date, reverse=True),
        "facts": _facts(record["person"]),
        "asked": check(patient).questions,
    }


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
