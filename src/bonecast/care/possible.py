"""Which values of which facts can change the answer of a condition: those that it names, and those beside them."""

from __future__ import annotations

from bonecast.care.derived import treatments
from bonecast.care.variables import Value, Variable, find_variable
from bonecast.core import Condition, Leaf, Symbol

# What each derived variable is worked out from.
_BASES = {
    "giving_dose": ("planned_action", "give_now"),
    "starting": ("planned_action",),
    "dose_mg": ("planned_action", "current_dose_mg"),
    "days_since_last_denosumab": ("last_denosumab_offset_days",),
    "t_score_min": ("t_score_spine", "t_score_hip"),
    "target_product_strength_mg": ("target_product",),
    "target_product_unknown": ("target_product",),
}


def origin_of(name: str) -> tuple[str, ...]:
    """From which facts is this one worked out? From itself where it is stated."""
    if name in _flags():
        return ("planned_action", "target_drug")
    return _BASES.get(name, (name,))


def values_to_try(condition: Condition) -> dict[str, tuple[Value | None, ...]]:
    """The variables to try, with the values to try; the act first, because most depends on it."""
    named: dict[str, set[Value]] = {}
    for leaf in condition.leaves():
        for name in leaf.names:
            for base in origin_of(name):
                named.setdefault(base, set()).update(_named_values(leaf, name, base))
    order = sorted(named, key=lambda name: name != "planned_action")
    return {name: _tried(find_variable(name, "review"), named[name]) for name in order}


def _named_values(leaf: Leaf, name: str, base: str) -> set[Value]:
    sign = -1.0 if base == "last_denosumab_offset_days" and name != base else 1.0
    if isinstance(leaf.other, Symbol):
        return {2.0 * sign}
    values = leaf.other if isinstance(leaf.other, tuple) else (leaf.other,)
    return {sign * v if isinstance(v, float) else v for v in values if v is not None}


def _tried(variable: Variable, named: set[Value]) -> tuple[Value | None, ...]:
    if variable.kind == "yes or no":
        return (True, False, None)
    if variable.kind == "choice":
        return (*variable.choices, None)
    if variable.name == "target_product":
        return (
            *sorted(one for one in named if isinstance(one, str)),
            "Prolia",
            "Xgeva",
            "something else",
            None,
        )
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


def _flags() -> set[str]:
    return {fact for one in treatments().values() for fact in one.facts}
