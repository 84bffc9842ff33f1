"""A check as plain data, for JSON and for any page: the same fields whoever shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, is_dataclass
from typing import Any

from bonecast.care.check import Check
from bonecast.care.rules import Rule, Source
from bonecast.words import STANDING


def content(check: Check) -> dict[str, Any]:
    """What does a check say, in JSON's terms?

    >>> from bonecast.care import check
    >>> from bonecast.patients import read_patient
    >>> page = content(check(read_patient("examples/late-dose.toml"), "stop", "UK"))
    >>> page["outcome"], page["findings"][0]["rule"]
    ('blocked', 'DC-01')
    """
    return {
        "action": check.action,
        "on": check.case.on.isoformat(),
        "jurisdiction": check.jurisdiction,
        "jurisdiction_chosen": check.chosen,
        "outcome": check.outcome,
        "complete": check.complete,
        "block_ids": list(check.ids("block")),
        "warn_ids": list(check.ids("warn")),
        "inform_ids": list(check.ids("inform")),
        "contradictions": [{"id": one.id, "what": one.what} for one in check.contradictions],
        "findings": plain(check.findings),
        "symptoms": plain(check.symptoms),
        "missing": [{"fact": name, "rules": list(found)} for name, found in check.missing().items()],
        "unchecked": plain(check.unchecked),
        "elsewhere": plain(check.elsewhere),
        "standing": STANDING,
    }


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, tuples as lists, days as text."""
    match value:
        case Rule():
            return value.id
        case Source():
            return {"key": value.key, "year": value.year, "text": value.text, "where": value.where}
        case dt.date():
            return value.isoformat()
        case tuple() | list():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value
