"""What stands above every page of a person: the tabs with their parts, and the facts of the day as chips."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bonecast.care import CareCase, Finding, Override, case_of, check_case, emergency_of
from bonecast.core import Between, current_language, gettext
from bonecast.records import Patient, find_test
from bonecast.web.clinic import in_clinic_unit
from bonecast.web.store import StoredPerson
from bonecast.web.store.overrides import StoredOverride

# The four tabs, and the parts of each: the last word of its address and its name.
TABS: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("Overview", {"overview": "At a glance", "forecast": "Whole forecast", "safety": "Safety"}),
    "check": ("Check and give", {"check": "Check", "schedule": "Dates"}),
    "plan": (
        "Plan",
        {"plan": "Choices and exit", "compare": "Compare strategies", "late": "Late or stopped"},
    ),
    "record": ("Record", {"record": "Record", "history": "Timeline"}),
}
CALCIUM, KIDNEY, VITAMIN_D = "albumin_corrected_calcium_mmol_L", "egfr_mL_min_173m2", "vitd_25oh_nmol_L"
# The results that every page shows: the fact of the rules, its short name, digits and unit.
_RESULTS = (
    (CALCIUM, "Ca", 2, "calcium"),
    (KIDNEY, "eGFR", 0, ""),
    (VITAMIN_D, "25-OH-D", 0, "25-OH vitamin D"),
)


@dataclass(frozen=True)
class Chip:
    """One fact of the header; `kind` is "late", "missing", "override" or empty."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class PersonHeader:
    """The emergency of a person, if there is one, and the chips."""

    emergency: Finding | None = None
    chips: tuple[Chip, ...] = ()


def header_of(
    person: StoredPerson, patient: Patient, kept: Iterable[StoredOverride], usual: str | None, today: dt.date
) -> PersonHeader:
    """Collect the facts of the day.

    kept : the overrides that nobody undid. usual : whose rules decide where the record does not say. Raises
    InputError, as `case_of` does.
    """
    seen_today = replace(patient, record_date=max(today, patient.record_date))
    case = case_of(seen_today)
    chips = (*_doses(case, patient, person, today), *_results(case), *_overridden(seen_today, kept, usual))
    return PersonHeader(emergency_of(patient, today), chips)


def _doses(case: CareCase, patient: Patient, person: StoredPerson, today: dt.date) -> list[Chip]:
    chips = []
    if person.due is not None and person.due < today and patient.death_date is None:
        chips.append(Chip(gettext("Overdue {days} days", days=(today - person.due).days), "late"))
    count = int(float(case.values.get("n_doses_received", 0) or 0))  # type: ignore[arg-type]
    last = case.known("last_denosumab_offset_days")
    if count and last is not None and last.date is not None:
        chips.append(
            Chip(gettext("Dose {count}, {days} days ago", count=count, days=(case.on - last.date).days))
        )
    return chips


def _results(case: CareCase) -> list[Chip]:
    """Each result with its unit and age; one that is missing says so."""
    chips = []
    for fact, name, digits, test in _RESULTS:
        known = case.known(fact)
        if known is None:
            chips.append(Chip(gettext("{name} missing", name=name), "missing"))
            continue
        text = f"{name} {_shown(known.value, digits, test)}"
        if known.date is not None:
            text = gettext("{result}, {days} days old", result=text, days=(case.on - known.date).days)
        chips.append(Chip(text))
    return chips


def _shown(value: Any, digits: int, test: str) -> str:
    """A value as the clinic shows this test; without one, or a unit that may be left out, the number alone."""
    if isinstance(value, Between):
        return f"{value} {find_test(test).usual}" if test else str(value)
    return " ".join(in_clinic_unit(test, float(value), digits)) if test else f"{float(value):.{digits}f}"


def _overridden(patient: Patient, kept: Iterable[StoredOverride], usual: str | None) -> list[Chip]:
    """Who overrode which finding, where it still holds: on every page and paper of this person."""
    acts: dict[str, list[Override]] = {}
    for one in kept:
        if not one.ended and one.override.action:
            acts.setdefault(one.override.action, []).append(one.override)
    place = None if patient.fact("jurisdiction") else usual
    found = [
        finding
        for action, made in acts.items()
        for finding in check_case(case_of(patient, action, place), made).overridden
    ]
    said = set()
    for one in found:
        if one.overridden is not None and one.overridden.until is not None:
            until = current_language().date(one.overridden.until)
            who = one.overridden.by
            said.add(gettext("{rule} overridden by {name} until {day}", rule=one.rule, name=who, day=until))
    return [Chip(text, "override") for text in sorted(said)]
