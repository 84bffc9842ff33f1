"""The table of rules examined as a whole: rules that can never fire, that always do, that say the same differently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from bonecast.care.condition import Both, Condition, Leaf, Not
from bonecast.care.derived import with_derived
from bonecast.care.rules import Rule, rules
from bonecast.care.variables import Value, Variable, find_variable

# What each derived variable is worked out from.
_BASES = {
    "giving_dose": ("planned_action",),
    "starting": ("planned_action",),
    "dose_mg": ("planned_action", "current_dose_mg"),
    "days_since_last_denosumab": ("last_denosumab_offset_days",),
    "t_score_min": ("t_score_spine",),
}


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
    return _search(condition, list(_bases(condition).items()), {})


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
    """Kleene's truth with the open facts unknown; `is missing` cannot be told of an open fact, so it is not asked."""
    if any(leaf.other is None and open_ & set(_origin(leaf.variable.name)) for leaf in condition.leaves()):
        return None
    values = with_derived(facts)
    return condition.known({name: v for name, v in values.items() if not open_ & set(_origin(name))})


def _origin(name: str) -> tuple[str, ...]:
    return _BASES.get(name, (name,))


def _bases(condition: Condition) -> dict[str, tuple[Value | None, ...]]:
    """The variables to try, with the values to try; the act first, because most depends on it."""
    named: dict[str, set[Value]] = {}
    for leaf in condition.leaves():
        for name in leaf.names:
            for base in _origin(name):
                named.setdefault(base, set()).update(_named_values(leaf, name, base))
    order = sorted(named, key=lambda name: name != "planned_action")
    return {name: _tried(find_variable(name, "review"), named[name]) for name in order}


def _named_values(leaf: Leaf, name: str, base: str) -> set[Value]:
    if isinstance(leaf.other, Variable):
        return {2.0}
    values = leaf.other if isinstance(leaf.other, tuple) else (leaf.other,)
    sign = -1.0 if base == "last_denosumab_offset_days" and name != base else 1.0
    return {sign * v if isinstance(v, float) else v for v in values if v is not None}


def _tried(variable: Variable, named: set[Value]) -> tuple[Value | None, ...]:
    if variable.kind == "yes or no":
        return (True, False, None)
    if variable.kind == "choice":
        return (*variable.choices, None)
    if variable.kind == "text":
        return (*sorted(map(str, named)), "something else", None)
    numbers = {float(v) for v in named if not isinstance(v, str)} | (
        {60.0, 120.0} if variable.unit == "mg" else set()
    )
    step = 1.0 if variable.kind == "count" else 0.001
    if not numbers and variable.low is not None:
        numbers = {variable.low}
    around = {n + d for n in numbers for d in (-step, 0.0, step)}
    return (*sorted(around), None)


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
