"""What is worked out from other facts before a rule is asked: the dose, the lateness, the lowest T-score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from bonecast.care.variables import Value
from bonecast.drugs import Drug, Treatment, all_drugs, find_drug

STARTING = ("start_60", "start_120", "restart_60")
GIVING = (*STARTING, "continue_60", "continue_120")
USUAL_DOSE_MG = 60.0
BRAND = "switch_brand"  # judged as an injection: the new product is what is given next
OTHER = "start_other"  # the act that gives a drug for which the rules have no act of its own


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
        found["giving_dose"] = action in GIVING or (action == BRAND and facts.get("give_now") is not False)
        found["starting"] = action in STARTING
        named = action.rpartition("_")[2]
        found["dose_mg"] = float(named) if named.isdigit() else facts.get("current_dose_mg", USUAL_DOSE_MG)
        found |= _given(action, facts.get("target_drug"))
    offset = facts.get("last_denosumab_offset_days")
    if isinstance(offset, float):
        found["days_since_last_denosumab"] = -offset
    product = facts.get("target_product")
    if isinstance(product, str):
        strength = denosumab_strength_mg(product)
        found["target_product_unknown"] = strength is None
        if strength is not None:
            found["target_product_strength_mg"] = strength
    if facts.get("history_mi_stroke") is False:
        found["recent_mi_stroke_12m"] = False
    if facts.get("recent_mi_stroke_12m") is True:
        found["history_mi_stroke"] = True
    scores = [facts[name] for name in ("t_score_spine", "t_score_hip") if name in facts]
    if scores:
        found["t_score_min"] = min(float(score) for score in scores)
    return found


def treatments() -> dict[str, Treatment]:
    """Every treatment with another drug than denosumab that the rules judge, by the name that they use.

    A drug of the catalogue for which they have no name is judged by the rules of every other drug.

    >>> treatments()["zoledronate_4"].action, treatments()["blosozumab"].facts
    ('switch_zoledronate_4mg', ('giving_followon',))
    """
    return _treatments(tuple(drug.generic for drug in all_drugs()))


def denosumab_strength_mg(product: str) -> float | None:
    """The strength of a denosumab product of the catalogue, in mg; None for a name that is not in it.

    >>> denosumab_strength_mg("Wyost"), denosumab_strength_mg("prolia"), denosumab_strength_mg("Evista")
    (120.0, 60.0, None)
    """
    return _strengths_mg().get(" ".join(product.casefold().split()))


def _given(action: str, target: Value | None) -> dict[str, Value]:
    """Which drug does this act give, and which facts of the rules hold then? Without a name, those of all."""
    meant = [one for one in treatments().values() if action in (one.action, OTHER)]
    named = [one for one in meant if one.name == target]
    chosen = named or meant
    held = set.intersection(*(set(one.facts) for one in chosen)) if chosen else set()
    found: dict[str, Value] = {name: name in held for name in _flags()}
    if len(chosen) == 1 and target is None:
        found["target_drug"] = chosen[0].name
    return found


@cache
def _treatments(drugs: tuple[str, ...]) -> dict[str, Treatment]:
    return {one.name: one for drug in all_drugs() for one in _of(drug)}


def _of(drug: Drug) -> Iterable[Treatment]:
    if drug.treatments or drug.supplement or drug.status == "comparator" or drug.generic == "denosumab":
        return drug.treatments
    return (Treatment(drug.generic, OTHER, ("giving_followon",)),)


def _flags() -> set[str]:
    return {fact for one in treatments().values() for fact in one.facts}


@cache
def _strengths_mg() -> dict[str, float]:
    found: dict[str, float] = {}
    for product in find_drug("denosumab").products:
        amount, _, unit = product.strength.partition(" ")
        if unit.split()[:1] == ["mg"]:
            found[" ".join(product.name.casefold().split())] = float(amount)
    return found
