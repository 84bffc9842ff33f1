"""A check as plain data, for JSON and for any page: the same fields wherever it is shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, is_dataclass
from typing import Any

from bonecast.care.case import Known
from bonecast.care.check import Check
from bonecast.care.findings import Finding
from bonecast.care.late import Lateness
from bonecast.care.rules import Rule
from bonecast.care.sources import RuleSource
from bonecast.care.state_words import advice_shown, findings_shown, kidney_estimates, state_heading
from bonecast.care.variables import find_variable
from bonecast.core import DISCLAIMER, Between


def content(check: Check) -> dict[str, Any]:
    """Convert a check to JSON data.

    Parameters
    ----------
    check : Check
        The check.

    Returns
    -------
    dict of str to object
        Outcome, findings and open questions, by field.

    Examples
    --------
    >>> from bonecast.care import check
    >>> from bonecast.interop import read_patient
    >>> page = content(check(read_patient("examples/late-dose.toml"), "stop", "UK"))
    >>> page["outcome"], page["state"], page["findings"][0]["rule"]
    ('blocked', 'do_not_give', 'DC-01')
    """
    return {
        "action": check.action,
        "on": check.case.on.isoformat(),
        "jurisdiction": check.jurisdiction,
        "jurisdiction_chosen": check.chosen,
        "outcome": check.outcome,
        "state": check.state,
        "heading": state_heading(check),
        "complete": check.complete,
        "emergency": plain(check.emergency),
        "conflicts": list(check.conflicts),
        "block_ids": list(check.ids("block")),
        "warn_ids": list(check.ids("warn")),
        "inform_ids": list(check.ids("inform")),
        "contradictions": [{"id": one.id, "what": one.what} for one in check.contradictions],
        "findings": plain(findings_shown(check)),
        "causes": [
            {"label": one.label, "rule": one.head.rule, "also": [other.rule for other in one.also]}
            for one in check.causes
        ],
        "advice": {
            name: [one.rule for one in getattr(advice_shown(check), name)]
            for name in ("new", "known", "routine")
        },
        "alternatives": plain(check.alternatives) if check.state == "do_not_give" else None,
        "overridden": [_overridden(one) for one in check.overridden],
        "lapsed": [{**plain(one), "until": plain(one.until), "why": why} for one, why in check.lapsed],
        "kidney": [_kidney(name, known, check) for name, known in kidney_estimates(check).items()],
        "symptoms": plain(check.symptoms),
        "questions": plain(check.questions),
        "missing": [{"fact": name, "rules": list(found)} for name, found in check.missing().items()],
        "unchecked": plain(check.unchecked),
        "elsewhere": plain(check.elsewhere),
        "standing": DISCLAIMER,
    }


def late_content(found: Lateness) -> dict[str, Any]:
    """Convert a late injection to JSON data.

    Parameters
    ----------
    found : Lateness
        How late, and the options.

    Returns
    -------
    dict of str to object
        Days, the rules at this lateness, and the options with their outcome and forecast.

    Examples
    --------
    >>> from bonecast.care import lateness
    >>> from bonecast.interop import read_patient
    >>> page = late_content(lateness(read_patient("examples/late-dose.toml"), "UK"))
    >>> {one["option"]: one["outcome"] for one in page["options"]}["nothing"]
    'blocked'
    """
    topical = [one for one in found.now.findings if one.rule in found.rules]
    return {
        "on": found.now.case.on.isoformat(),
        "last": found.last.isoformat(),
        "due": found.due.isoformat(),
        "days_since": found.days_since,
        "days_late": found.days_late,
        "jurisdiction": found.now.jurisdiction,
        "rules": [_rule(one) for one in topical],
        "options": [
            {
                "option": one.key,
                "title": one.title,
                "plan": one.plan,
                "text": one.text,
                "offered": one.outcome != "blocked",
                "outcome": one.outcome,
                "rules": [_rule(finding) for finding in one.check.findings if finding.severity != "inform"],
                "why": one.why,
                "forecast": plain(one.forecast),
            }
            for one in found.options
        ],
        "untreated": plain(found.untreated),
    }


def _overridden(found: Finding) -> dict[str, Any]:
    override = found.overridden
    assert override is not None
    return {**plain(override), "until": plain(override.until), "advice": found.advice}


def _kidney(name: str, known: Known | None, check: Check) -> dict[str, Any]:
    """One estimate of kidney function; its value is null where the record does not give it."""
    variable = find_variable(name, "kidney")
    return {
        "name": name,
        "label": variable.label,
        "value": plain(known.value) if known else None,
        "unit": variable.unit,
        "date": plain(known.date) if known else None,
        "age_days": check.case.age_days(name),
        "origin": known.origin if known else "not in the record",
    }


def _rule(found: Finding) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "severity": found.severity,
        "advice": found.advice,
        "source": plain(found.source),
        "strength": found.strength,
        "mark": found.mark,
    }


def plain(value: Any) -> Any:
    """Convert a value to JSON data: dataclasses as dictionaries, tuples as lists, days as text.

    Parameters
    ----------
    value : object
        The value; a rule is converted to its id, a number known by a bound to text such as "<2.3".

    Returns
    -------
    object
        Data of JSON types.

    Examples
    --------
    >>> plain((dt.date(2026, 9, 15), None))
    ['2026-09-15', None]
    """
    match value:
        case Rule():
            return value.id
        case RuleSource():
            return {"key": value.key, "year": value.year, "text": value.text, "where": value.where}
        case dt.date():
            return value.isoformat()
        case Between():
            return str(value)
        case tuple() | list():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value
