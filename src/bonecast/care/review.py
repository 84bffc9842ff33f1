"""The table of rules examined as a whole: rules that can never fire, that always do, that say the same differently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from bonecast.care.derived import with_derived
from bonecast.care.possible import origin_of, values_to_try
from bonecast.care.rules import Rule, rules
from bonecast.care.variables import Value
from bonecast.core import Both, Condition, Not


@dataclass(frozen=True)
class Fault:
    """Something wrong with the table: the rules concerned and what it is."""

    rules: tuple[str, ...]
    what: str


def table_faults(table: dict[str, Rule] | None = None) -> list[Fault]:
    """Which rules are unreachable, always on, or the same question with another severity?

    >>> table_faults()
    []
    """
    found = rules() if table is None else table
    faults = []
    for rule in found.values():
        if witness(rule.condition) is None:
            faults.append(Fault((rule.id,), "no facts make it fire"))
        elif witness(Not(rule.condition)) is None:
            faults.append(Fault((rule.id,), "it fires for everybody"))
    return faults + list(_contradictory(list(found.values())))


def overdue(today: dt.date) -> list[Rule]:
    """Which rules should have been reviewed by now?"""
    return [rule for rule in rules().values() if rule.review_by < today]


def witness(condition: Condition) -> dict[str, Value] | None:
    """Facts under which the condition holds (others missing); None where there are none.

    Each variable is tried missing, at every value that the condition names, and between and beyond them.
    """
    return _search(condition, list(values_to_try(condition).items()), {})


def _search(
    condition: Condition, open_: list[tuple[str, tuple[Value | None, ...]]], facts: dict[str, Value]
) -> dict[str, Value] | None:
    if not open_:
        values = with_derived(facts)
        return values if condition.closed(values) else None
    (name, tried), rest = open_[0], open_[1:]
    for value in tried:
        known = facts if value is None else {**facts, name: value}
        # What is known to be false stays so whatever the facts still open turn out to be.
        if value is not None and _settled(condition, known, {one for one, _ in rest}) is False:
            continue
        found = _search(condition, rest, known)
        if found is not None:
            return found
    return None


def _settled(condition: Condition, facts: dict[str, Value], open_: set[str]) -> bool | None:
    """Kleene's truth with the open facts unknown; `is missing` cannot be answered for an open fact: not asked."""
    if any(leaf.other is None and open_ & set(origin_of(leaf.variable.name)) for leaf in condition.leaves()):
        return None
    values = with_derived(facts)
    return condition.known({name: v for name, v in values.items() if not open_ & set(origin_of(name))})


def _contradictory(found: list[Rule]) -> Iterator[Fault]:
    """Pairs of one topic that fire on the same facts with another severity and do not say that they disagree."""
    for one, other in combinations(found, 2):
        if one.topic != other.topic or one.severity == other.severity or other.id in one.disagrees_with:
            continue
        if _names(one.condition) == _names(other.condition) and _equivalent(one.condition, other.condition):
            yield Fault((one.id, other.id), "they fire on the same facts with another severity")


@cache
def _names(condition: Condition) -> frozenset[str]:
    return frozenset(name for leaf in condition.leaves() for name in leaf.names)


def _equivalent(one: Condition, other: Condition) -> bool:
    return witness(Both(one, Not(other))) is None and witness(Both(other, Not(one))) is None
