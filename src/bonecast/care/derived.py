"""What is worked out from other facts before a rule is asked: the dose, the lateness, the lowest T-score."""

from __future__ import annotations

from collections.abc import Mapping

from bonecast.care.variables import Value

STARTING = ("start_60", "start_120", "restart_60")
GIVING = (*STARTING, "continue_60", "continue_120")
USUAL_DOSE_MG = 60.0


def with_derived(facts: Mapping[str, Value]) -> dict[str, Value]:
    """The facts and what follows from them; a fact that is already there stands.

    The dose is the one that the action names; for an action that is no injection, the dose of the product in use
    (60 mg where the record does not say).

    >>> with_derived({"planned_action": "stop", "last_denosumab_offset_days": -200.0})["days_since_last_denosumab"]
    200.0
    """
    return _derived(facts) | dict(facts)


def _derived(facts: Mapping[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    action = facts.get("planned_action")
    if isinstance(action, str):
        found["giving_dose"] = action in GIVING
        found["starting"] = action in STARTING
        named = action.rpartition("_")[2]
        found["dose_mg"] = float(named) if named.isdigit() else facts.get("current_dose_mg", USUAL_DOSE_MG)
    offset = facts.get("last_denosumab_offset_days")
    if isinstance(offset, float):
        found["days_since_last_denosumab"] = -offset
    scores = [facts[name] for name in ("t_score_spine", "t_score_hip") if name in facts]
    if scores:
        found["t_score_min"] = min(float(score) for score in scores)
    return found
