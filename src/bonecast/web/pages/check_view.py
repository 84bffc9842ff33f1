"""A check laid out for reading: the outcome in a sentence, the list of what was looked at, findings and gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bonecast.care import Check, Finding, find_rule, variables
from bonecast.records import Patient
from bonecast.web.pages.fact_places import Place, place_of
from bonecast.web.store import StoredPerson
from bonecast.web.store.overrides import StoredOverride

# What is looked at before every injection, in the order in which it is asked for.
LOOKED_AT = (
    "albumin_corrected_calcium_mmol_L",
    "vitd_25oh_nmol_L",
    "egfr_mL_min_173m2",
    "magnesium_mmol_L",
    "dental_status",
    "pregnancy_status",
    "concurrent_denosumab_product",
    "hypersensitivity_denosumab",
    "active_serious_infection",
    "days_since_last_denosumab",
)
WORDS = {  # the sign and the word of a severity and of an outcome: colour is never the only sign
    "block": ("■", "Block"),
    "warn": ("▲", "Warning"),
    "inform": ("●", "Information"),
    "blocked": ("■", "Do not do it now"),
    "warned": ("▲", "Possible, with warnings"),
    "allowed": ("○", "Nothing speaks against it"),
}


@dataclass(frozen=True)
class Row:
    """One line of what was looked at: value, day, age, the findings that it led to, or where to enter it."""

    label: str
    value: str
    date: dt.date | None
    age_days: int | None
    findings: tuple[Finding, ...]
    place: Place | None
    known: bool = True


@dataclass(frozen=True)
class Gap:
    """A missing fact: where it is entered, the rules that wait for it, and the worst severity among them."""

    place: Place
    rules: tuple[str, ...]
    worst: str


def view_of(
    check: Check, patient: Patient, person: StoredPerson, kept: Mapping[str, StoredOverride]
) -> dict[str, Any]:
    """What the page of a check shows; `kept` is what is set aside for this person."""
    loud = [finding for finding in check.findings if finding.severity != "inform" and not finding.overridden]
    return {
        "check": check,
        "words": WORDS,
        "verdict": verdict(check),
        "looked_at": looked_at(check, patient, person),
        "groups": [
            ("Speaks against it", "block", [f for f in loud if f.severity == "block"]),
            ("Think of this first", "warn", [f for f in loud if f.severity == "warn"]),
        ],
        "set_aside": [finding for finding in check.findings if finding.overridden],
        "informs": [f for f in check.findings if f.severity == "inform" and not f.overridden],
        "missing": _missing(check, person),
        "place": lambda name: place_of(name, person),
        "elsewhere": _elsewhere(check),
        "newer_record": patient.record_date,
        "advice_of": advice_of,
        "known": variables(),
        "aside": {rule: _aside(one, patient) for rule, one in kept.items()},
    }


def verdict(check: Check) -> str:
    """How many findings, set aside ones and gaps, in one sentence."""
    loud = [f for f in check.findings if not f.overridden]
    parts = [
        _counted(sum(f.severity == "block" for f in loud), "block"),
        _counted(sum(f.severity == "warn" for f in loud), "warning"),
        _counted(sum(bool(f.overridden) for f in check.findings), "finding", " set aside"),
        _counted(len(check.missing()), "fact", " missing"),
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said[0].upper()}{said[1:]}." if said else "Every block and warning could be decided."


def looked_at(check: Check, patient: Patient, person: StoredPerson) -> list[Row]:
    """The usual list before an injection, with what the record says to each line."""
    case, gaps, rows = check.case, check.missing(), []
    for name in LOOKED_AT:
        known = case.known(name)
        if name == "pregnancy_status" and case.values.get("reproductive_potential") is False:
            continue
        if name == "days_since_last_denosumab" and known is None:
            continue
        led_to = tuple(
            f for f in check.findings if f.severity != "inform" and name in {fact.name for fact in f.facts}
        )
        shown = variables()[name].shown(known.value) if known else "not in the record"
        open_ = place_of(name, person) if known is None and (name in gaps or led_to) else None
        day = case.facts[name].date if name in case.facts else None
        label = variables()[name].label
        rows.append(
            Row(label, shown.replace("_", " "), day, case.age_days(name), led_to, open_, known is not None)
        )
    return [*rows, _liver(check, patient, person)]


def _liver(check: Check, patient: Patient, person: StoredPerson) -> Row:
    """The latest ALT: no rule asks for it, the liver sheet reads it."""
    label, found = "liver panel (ALT)", patient.latest("ALT")
    if found is None:
        return Row(label, "not in the record; no rule asks for it", None, None, (), None, known=False)
    sheet = Place("ALT", label, f"/people/{person.id}/safety#liver", "see the liver sheet")
    return Row(
        label, f"{found.value:g} {found.unit}", found.date, (check.case.on - found.date).days, (), sheet
    )


def _missing(check: Check, person: StoredPerson) -> list[Gap]:
    """The facts that are missing, those that a block waits for first."""
    severity = {one.rule: one.severity for one in check.unchecked}
    found = [
        Gap(place_of(name, person), rules, "block" if "block" in map(severity.get, rules) else "warn")
        for name, rules in check.missing().items()
    ]
    return sorted(found, key=lambda gap: gap.worst)


def _elsewhere(check: Check) -> list[dict[str, Any]]:
    """The outcome in each jurisdiction, the one that decided first."""
    here = {"place": check.jurisdiction, "outcome": check.outcome, "more": (), "less": ()}
    there = [
        {"place": one.jurisdiction, "outcome": one.outcome, "more": one.only_there, "less": one.only_here}
        for one in check.elsewhere
    ]
    return [here, *there]


def _aside(one: StoredOverride, patient: Patient) -> dict[str, Any]:
    """What was set aside, and the day of a record that is newer than the reason: it may no longer hold."""
    old = patient.record_date if one.at.date() < patient.record_date else None
    return {"by": one.by, "at": one.at, "reason": one.reason, "old": old}


def capital(text: str) -> str:
    """With a capital at the beginning, unless the word has its own spelling.

    >>> capital("magnesium"), capital("eGFR")
    ('Magnesium', 'eGFR')
    """
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def _counted(count: int, what: str, after: str = "") -> str:
    return f"{count} {what}{'' if count == 1 else 's'}{after}" if count else ""


def advice_of(rules: Iterable[str]) -> list[tuple[str, str]]:
    """What these rules advise, by their ids."""
    return [(rule, find_rule(rule).advice) for rule in rules]
