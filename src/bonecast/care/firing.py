"""Which rules fire on a set of facts, what that means for the planned action, and what the facts contradict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bonecast.care.rules import Rule, rules
from bonecast.care.variables import read_condition, table
from bonecast.core import Condition, Facts, current_practice

Outcome = Literal["blocked", "warned", "allowed"]
OUTCOMES: tuple[Outcome, ...] = ("blocked", "warned", "allowed")  # the strictest first
# Rules of an emergency, whatever act is checked; they cannot be overridden.
EMERGENCIES = ("FX-01", "FX-22", "MO-07")
State = Literal["do_not_give", "not_complete", "caution", "clear", "given"]
STATES: tuple[State, ...] = (
    "do_not_give",
    "not_complete",
    "caution",
    "clear",
    "given",
)  # the strictest first


@dataclass(frozen=True)
class Contradiction:
    """Facts that cannot all be true of one person."""

    id: str
    condition: Condition
    what: str


def fired(facts: Facts, binding: bool = False) -> list[Rule]:
    """Which rules hold, in the order of the table? A comparison that touches a missing fact is false.

    binding : ask only the rules that bind.

    >>> [rule.id for rule in fired({"hypocalcaemia_symptoms": True})]
    ['MO-06']
    """
    asked = (rule for rule in rules().values() if rule.binding) if binding else rules().values()
    off = dict(current_practice().rules_off)
    return [rule for rule in asked if rule.id not in off and rule.condition.test(facts)]


def switched_off(facts: Facts) -> list[tuple[Rule, str]]:
    """Which rules would hold, were they not switched off in this clinic, and why are they?"""
    off = dict(current_practice().rules_off)
    return [
        (rule, off[rule.id]) for rule in rules().values() if rule.id in off and rule.condition.test(facts)
    ]


def may_be_switched_off(rule: Rule) -> bool:
    """Tell whether a clinic may do without a rule. What blocks is overridden for a person and an act, never for all.

    Parameters
    ----------
    rule : Rule
        The rule.

    Returns
    -------
    bool
    """
    return rule.severity != "block"


def undecided(facts: Facts) -> list[Rule]:
    """Which rules did not fire only because a fact is missing?"""
    off = dict(current_practice().rules_off)
    return [
        rule
        for rule in rules().values()
        if rule.id not in off and rule.condition.known(facts) is None and not rule.condition.closed(facts)
    ]


def outcome_of(found: Iterable[Rule]) -> Outcome:
    """Any block: do not do the planned action now. Else any warning: warned. Else allowed."""
    severities = {rule.severity for rule in found}
    return "blocked" if "block" in severities else "warned" if "warn" in severities else "allowed"


def state_of(found: Iterable[Rule], missing: bool, doubt: bool = False) -> State:
    """What may be done now?

    Parameters
    ----------
    found : the rules that fired and are not overridden.
    missing : whether a fact is missing that could still block.
    doubt : whether something else asks for caution: results that contradict each other, a finding overridden.

    Returns
    -------
    "do_not_give" where a rule blocks that binds, "not_complete" where a block could still come, "caution" where a rule
    warns (or blocks by a source that was not read), else "clear".

    >>> state_of([], missing=False), state_of([], missing=True)
    ('clear', 'not_complete')
    """
    held = list(found)
    if any(rule.binding for rule in held):
        return "do_not_give"
    if missing:
        return "not_complete"
    return "caution" if doubt or any(rule.severity != "inform" for rule in held) else "clear"


def contradictions_in(facts: Facts) -> list[Contradiction]:
    """Which facts contradict each other?

    >>> [one.id for one in contradictions_in({"sex": "M", "pregnancy_status": "pregnant"})]
    ['RC-01']
    """
    return [one for one in _contradictions() if one.condition.closed(facts)]


@cache
def _contradictions() -> tuple[Contradiction, ...]:
    return tuple(
        Contradiction(
            row["id"], read_condition(row["condition"], f"contradictions.csv, {row['id']}"), row["what"]
        )
        for row in table("contradictions.csv")
    )
