"""A finding set aside by a clinician: never without a reason, and kept on file."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bonecast.care.rules import find_rule
from bonecast.errors import InputError, printable

LONGEST_REASON = 2000  # characters


@dataclass(frozen=True)
class Override:
    """A rule set aside: the reason, by whom, and when. `rule` is its id."""

    rule: str
    reason: str
    by: str
    at: dt.datetime


def read_override(text: str, by: str, at: dt.datetime, place: str = "--override") -> Override:
    """The override that "RULE: REASON" states. Raises InputError without a reason, UnknownName without a rule.

    >>> read_override("PD-07: loading dose given today", "Dr A", dt.datetime(2026, 9, 15)).rule
    'PD-07'
    """
    rule, _, reason = (part.strip() for part in text.partition(":"))
    find_rule(rule, place)
    if not reason:
        raise InputError(place, f"{rule} is set aside without a reason", 'write "RULE: REASON"')
    if len(reason) > LONGEST_REASON:
        raise InputError(place, f"the reason for {rule} is too long", f"use {LONGEST_REASON} characters")
    return Override(rule, reason, by, at)


def append_overrides(overrides: tuple[Override, ...], patient_id: str, log: Path) -> None:
    """Add a line of JSON for each override to the log, which is only ever added to."""
    lines = [
        json.dumps({"patient": patient_id, **asdict(one), "at": one.at.isoformat()}, ensure_ascii=False)
        + "\n"
        for one in overrides
    ]
    try:
        with log.open("a", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        cause = f"'{printable(log, 120)}' cannot be written ({error.strerror})"
        raise InputError("--log", cause, "name another file") from None
