"""A check laid out for reading: the state in words, the list of what was looked at, findings by cause, questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bonecast.care import (
    NOT_OVERRIDABLE,
    RESULT_LIMIT_D,
    STATE_WORDS,
    Check,
    Finding,
    Known,
    advice_shown,
    estimate_shown,
    find_rule,
    lifted_by,
    state_heading,
    state_name,
    state_sentence,
    variables,
)
from bonecast.core import Leaf, Symbol, gettext
from bonecast.records import Measurement, Patient
from bonecast.web.pages.fact_places import Place, place_of
from bonecast.web.pages.questions import answered_already, asked_of
from bonecast.web.store import StoredPerson
from bonecast.web.store.overrides import StoredOverride

# What is looked at before every injection, in the order in which it is asked for.
LOOKED_AT = (
    "albumin_corrected_calcium_mmol_L",
    "vitd_25oh_nmol_L",
    "egfr_mL_min_173m2",
    "crcl_mL_min",
    "magnesium_mmol_L",
    "days_since_last_denosumab",
    "concurrent_denosumab_product",
)
# Questions to the person whose answers stand in the record and are shown with every check, to be changed there.
ANSWERED = (
    "pregnancy_status",
    "hypersensitivity_denosumab",
    "severe_skin_reaction",
    "dental_status",
    "onj_external_history",
    "aff_confirmed",
    "active_serious_infection",
)
# What a value is held against: the rule that says so, the sign of its comparison, and the words for it.
LIMITS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "albumin_corrected_calcium_mmol_L": (
        ("CI-01", "albumin_corrected_calcium_mmol_L", "<", "{limit} or more"),
        ("PD-04", "calcium_result_age_days", ">", "up to {limit} days old"),
    ),
    "vitd_25oh_nmol_L": (("PD-07", "vitd_25oh_nmol_L", "<", "{limit} or more"),),
    "egfr_mL_min_173m2": (("RN-02", "egfr_mL_min_173m2", "<", "below {limit} more is asked"),),
    "magnesium_mmol_L": (("PD-09", "magnesium_mmol_L", "<", "{limit} or more"),),
    "days_since_last_denosumab": (("DD-03", "days_since_last_denosumab", ">", "up to day {limit}"),),
}
_ONLY_WHERE_ASKED = ("crcl_mL_min", "magnesium_mmol_L")
ESTIMATES = ("egfr_mL_min_173m2", "crcl_mL_min")
# Facts that say no more about a result than that it was measured, or that are said in the column of the value.
_PLAIN_ORIGIN = ("record", "measured", "chosen", "worked out", "given")
# The newest result where it is no fact of the rules: too old, or a total calcium that an albumin is missing for.
_RESULTS = {
    "albumin_corrected_calcium_mmol_L": ("corrected calcium", "calcium"),
    "vitd_25oh_nmol_L": ("25-OH vitamin D",),
    "egfr_mL_min_173m2": ("eGFR", "creatinine"),
    "crcl_mL_min": ("creatinine clearance", "creatinine"),
    "magnesium_mmol_L": ("magnesium",),
}
_LIVER_FACTS = ("hys_law", "stopping_rule_met", "hepatic_impairment")
WORDS = {  # the sign and the word of a severity, an outcome and a state: colour is never the only sign
    "block": ("■", "Block"),
    "warn": ("▲", "Caution"),
    "inform": ("●", "Information"),
    "blocked": ("■", "Blocked"),
    "warned": ("▲", "With cautions"),
    "allowed": ("○", "No block or caution"),
    **STATE_WORDS,
}


@dataclass(frozen=True)
class CheckRow:
    """One line of what was looked at: value, what it rests on, day, age, limit, findings, or where to enter it.

    `missing` : the check waits for it.
    """

    label: str
    value: str
    note: str
    date: dt.date | None
    age_days: int | None
    findings: tuple[Finding, ...]
    place: Place | None
    known: bool = True
    limit: str = ""
    missing: bool = False


def view_of(
    check: Check, patient: Patient, person: StoredPerson, kept: Iterable[StoredOverride]
) -> dict[str, Any]:
    """What the page of a check shows; `kept` are the overrides of this person that nobody undid."""
    causes = check.causes
    return {
        "check": check,
        "words": WORDS,
        "sign": STATE_WORDS[check.state][0],
        "heading": state_heading(check),
        "sentence": state_sentence(check),
        "emergency": check.emergency,
        "looked_at": looked_at(check, patient, person),
        "groups": {
            severity: [cause for cause in causes if cause.head.severity == severity]
            for severity in ("block", "warn")
        },
        "overridden": check.overridden,
        "ended": _ended(check, kept),
        "advice": advice_shown(check),
        "asked": asked_of(check.questions, person),
        "answered": answered_already(ANSWERED, person) if check.case.values.get("giving_dose") else [],
        "alternatives": check.alternatives if check.state == "do_not_give" else None,
        "place": lambda name: place_of(name, person),
        "elsewhere": _elsewhere(check),
        "newer_record": patient.record_date,
        "advice_of": advice_of,
        "lifted_by": lifted_by,
        "binds": lambda rule: find_rule(rule).binding,
        "fixed": NOT_OVERRIDABLE,
        "known": variables(),
    }


def looked_at(check: Check, patient: Patient, person: StoredPerson) -> list[CheckRow]:
    """The usual list before an injection, with what the record says to each line."""
    case, rows = check.case, []
    waited_for = set(check.missing())
    for name in LOOKED_AT:
        known = case.known(name)
        if known is None and name == "days_since_last_denosumab":
            continue
        row = replace(
            _row(name, known, check, patient), limit=_limit(name, check), missing=name in waited_for
        )
        if name in _ONLY_WHERE_ASKED and not (row.known or row.missing or row.findings or row.date):
            continue
        if known is None and (name in waited_for or row.findings or not row.known):
            row = replace(row, place=place_of(name, person) if name in waited_for or row.findings else None)
        rows.append(row)
    liver = _liver(check, patient, person)
    return [*rows, liver] if liver.known or liver.findings else rows


def _limit(name: str, check: Check) -> str:
    """What this value is held against for this act, as the rules have it; empty where they hold it against nothing."""
    facts = check.case.values
    if not facts.get("giving_dose"):
        return ""
    said = []
    for rule, variable, sign, words in LIMITS.get(name, ()):
        leaves = (leaf for leaf in find_rule(rule).condition.leaves() if isinstance(leaf, Leaf))
        others = (leaf.other for leaf in leaves if leaf.variable.name == variable and leaf.sign == sign)
        for other in others:
            limit = facts.get(other.name) if isinstance(other, Symbol) else other
            if isinstance(limit, float):
                said.append(gettext(words, limit=f"{limit:g}"))
    return "; ".join(said)


def _row(name: str, known: Known | None, check: Check, patient: Patient) -> CheckRow:
    """The line of one fact: its value, or the newest result that is none for the rules, and why."""
    label, findings = variables()[name].label, _led_to(check, (name,))
    if known is not None:
        shown = estimate_shown(name, known) if name in ESTIMATES else variables()[name].shown(known.value)
        notes = [] if known.origin in _PLAIN_ORIGIN else [gettext(known.origin)]
        notes += [
            gettext("also {value:.4g} on that day; the worse counts", value=one) for one in known.others
        ]
        day = check.case.facts[name].date if name in check.case.facts else None
        return CheckRow(
            label,
            gettext(shown.replace("_", " ")),
            "; ".join(notes),
            day,
            check.case.age_days(name),
            findings,
            None,
        )
    result = _newest(patient, _RESULTS.get(name, ()))
    if result is None:
        return CheckRow(label, gettext("not in the record"), "", None, None, findings, None, known=False)
    days = (check.case.on - result.date).days
    return CheckRow(
        label,
        f"{result.test} {result.value:.4g} {result.unit}",
        _why_not_used(result, days, patient),
        result.date,
        days,
        findings,
        None,
        known=False,
    )


def _why_not_used(result: Measurement, days: int, patient: Patient) -> str:
    """Why is the newest result no fact for the rules?"""
    if days > RESULT_LIMIT_D:
        return gettext("too old to count: measure again")
    if result.test == "calcium":
        return gettext("total calcium, not corrected: the albumin of that day is missing")
    if result.test == "creatinine" and patient.weight_kg is None:
        return gettext("no estimate: the weight is missing")
    return gettext("no estimate can be made from it")


def _newest(patient: Patient, tests: tuple[str, ...]) -> Measurement | None:
    found = [one for one in map(patient.latest, tests) if one is not None]
    return max(found, key=lambda one: one.date, default=None)


def _led_to(check: Check, names: tuple[str, ...]) -> tuple[Finding, ...]:
    """The blocks and cautions that use one of these facts."""
    return tuple(
        finding
        for finding in check.findings
        if finding.severity != "inform" and {fact.name for fact in finding.facts} & set(names)
    )


def _liver(check: Check, patient: Patient, person: StoredPerson) -> CheckRow:
    """The latest ALT, with the liver findings; the liver sheet has the rest."""
    label, findings, result = (
        gettext("liver panel (ALT)"),
        _led_to(check, _LIVER_FACTS),
        patient.latest("ALT"),
    )
    if result is None:
        return CheckRow(label, gettext("not in the record"), "", None, None, findings, None, known=False)
    sheet = Place("ALT", label, f"/people/{person.id}/safety#liver", gettext("see the liver sheet"))
    days = (check.case.on - result.date).days
    return CheckRow(label, f"{result.value:g} {result.unit}", "", result.date, days, findings, sheet)


def _ended(check: Check, kept: Iterable[StoredOverride]) -> list[dict[str, Any]]:
    """The overrides that do not hold for this check although their finding is there, each with the reason."""
    fired = {finding.rule for finding in check.findings}
    lapsed = [(one, why.replace("_", " ")) for one, why in check.lapsed]
    lapsed += [(one.override, one.ended) for one in kept if one.ended]
    return [
        {"rule": one.rule, "by": one.by, "at": one.at, "reason": one.reason, "why": why}
        for one, why in lapsed
        if one.rule in fired
    ]


def _elsewhere(check: Check) -> list[dict[str, Any]]:
    """The state in each jurisdiction, the one that decided first."""
    here: dict[str, Any] = {"place": check.jurisdiction, "state": check.state, "more": (), "less": ()}
    there = [
        {"place": one.jurisdiction, "state": one.state, "more": one.only_there, "less": one.only_here}
        for one in check.elsewhere
    ]
    return [{**row, "name": state_name(row["state"], check.action)} for row in (here, *there)]


def capital(text: str) -> str:
    """With a capital at the beginning, unless the word has its own spelling.

    >>> capital("magnesium"), capital("eGFR")
    ('Magnesium', 'eGFR')
    """
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def advice_of(rules: Iterable[str]) -> list[tuple[str, str]]:
    """What these rules advise, by their ids."""
    return [(rule, find_rule(rule).advice) for rule in rules]
