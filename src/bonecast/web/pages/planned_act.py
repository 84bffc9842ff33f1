"""The act that a check is asked about: what, when, whose rules, and what the record does not hold of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from bonecast.care import (
    CareCase,
    Check,
    Override,
    Variable,
    case_of,
    check_case,
    read_override,
    usual_act,
    variables,
)
from bonecast.core import gettext, read_day
from bonecast.errors import InputError
from bonecast.records import Patient, known_facts
from bonecast.web.pages.whose_rules import named
from bonecast.web.store import overrides
from bonecast.web.store.overrides import StoredOverride

_CHOSEN_ABOVE = ("planned_action", "jurisdiction")  # fields of their own on the page


@dataclass(frozen=True)
class PlannedAct:
    """An act as a page or a call names it; empty parts are left to the rules."""

    action: str | None = None
    on: dt.date | None = None
    jurisdiction: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The same act in an address.

        >>> PlannedAct("next dose", dt.date(2026, 9, 15), facts={"route": "IV"}).query
        'action=next+dose&on=2026-09-15&route=IV'
        """
        parts = {"action": self.action, "on": self.on, "jurisdiction": self.jurisdiction, **self.facts}
        return urlencode({name: value for name, value in parts.items() if value is not None})


@cache
def act_variables() -> tuple[Variable, ...]:
    """What the rules ask about the act itself and no record holds, in the order of the table."""
    kept = {fact.kept_as for fact in known_facts().values()}
    asked = (v for v in variables().values() if v.about == "act" and v.name not in kept)
    return tuple(variable for variable in asked if variable.name not in _CHOSEN_ABOVE)


def read_act(query: Mapping[str, str]) -> PlannedAct:
    """The act that an address names. Raises InputError for a day or a jurisdiction that is none.

    >>> read_act({"action": "stop", "route": "", "said": "saved"})
    PlannedAct(action='stop', on=None, jurisdiction=None, facts={})
    """
    said = {name: text.strip() for name, text in query.items() if text.strip()}
    day = read_day(said["on"], "day of the act") if "on" in said else None
    facts = {v.name: said[v.name] for v in act_variables() if v.name in said}
    return PlannedAct(said.get("action"), day, named(said.get("jurisdiction", "")), facts)


def checked(
    s: Session, person_id: int, patient: Patient, act: PlannedAct, usual: str | None
) -> tuple[Check, list[StoredOverride]]:
    """The check of this act with the overrides that hold for it, and every override that nobody undid.

    usual : whose rules decide where neither the act nor the record says so. The day is today where none is named,
    for that is what results are old or fresh for. Raises InputError, as `care.check` does.
    """
    case = case_of_act(patient, act, usual)
    kept = overrides.standing(s, person_id)
    plain = check_case(case)
    fired = {finding.rule for finding in plain.findings}
    usable = [one.override for one in kept if not one.ended and _to_be_judged(one.override, fired)]
    return (check_case(case, usable) if usable else plain), kept


def case_of_act(patient: Patient, act: PlannedAct, usual: str | None) -> CareCase:
    """The facts of this act; where none is named, of the injection that the worklist judges. Raises InputError."""
    place = act.jurisdiction or (None if patient.fact("jurisdiction") else usual)
    on = act.on or max(dt.date.today(), patient.record_date)
    try:
        seen_on_day = replace(patient, record_date=max(on, patient.record_date))
        return case_of(patient, act.action or usual_act(seen_on_day, place), place, on, act.facts)
    except InputError as error:  # the rules name their questions as options of a command
        raise InputError(error.place.removeprefix("--"), error.cause, error.hint) from None


def override_of(case: CareCase, rule: str, reason: str, by: str) -> Override:
    """An override of this finding for this act and its values, as it is kept.

    Raises InputError where no reason is typed, where the rule did not fire, and for what nobody may override.
    """
    made = read_override(f"{rule}: {reason}", by, dt.datetime.now(dt.UTC), "reason")
    found = check_case(case, [made])
    bound = next((one.overridden for one in found.findings if one.rule == rule), None)
    if bound is None:
        why = found.lapsed[0][1] if found.lapsed else "it did not fire"
        raise InputError(
            "reason",
            gettext("{rule} cannot be overridden: {why}", rule=rule, why=why),
            gettext("open the page again"),
        )
    return bound


def _to_be_judged(one: Override, fired: set[str]) -> bool:
    """One without values whose finding is gone says nothing about this check."""
    return one.rule in fired or bool(one.values)
