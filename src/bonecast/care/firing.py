"""Which rules fire on a set of facts, what that means for the planned action, and what the facts contradict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bonecast.care.condition import Condition, Facts, read_condition
from bonecast.care.rules import Rule, rules
from bonecast.care.variables import table

Outcome = Literal["blocked", "warned", "allowed"]
OUTCOMES: tuple[Outcome, ...] = ("blocked", "warned", "allowed")  # the strictest first


@dataclass(frozen=True)
class Contradiction:
    """Facts that cannot all be true of one person."""

    id: str
    condition: Condition
    what: str


def fired(facts: Facts) -> list[Rule]:
    """Which rules hold, in the order of the table? A comparison that touches a missing fact is false.

    >>> [rule.id for rule in fired({"hypocalcaemia_symptoms": True})]
    ['MO-06']
    """
    return [rule for rule in rules().values() if rule.condition.closed(facts)]


def undecided(facts: Facts) -> list[Rule]:
    """Which rules did not fire only because a fact is missing?"""
    return [
        rule
        for rule in rules().values()
        if rule.condition.known(facts) is None and not rule.condition.closed(facts)
    ]


def outcome_of(found: Iterable[Rule]) -> Outcome:
    """Any block: do not do the planned action now. Else any warning: warned. Else allowed."""
    severities = {rule.severity for rule in found}
    return "blocked" if "block" in severities else "warned" if "warn" in severities else "allowed"


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
