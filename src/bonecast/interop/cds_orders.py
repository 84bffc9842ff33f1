"""What the draft orders of a CDS Hooks call would do: the acts of the care rules, by drug, strength and route."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bonecast.care import START_OTHER, act_giving
from bonecast.drugs import Drug, Treatment, find_drug
from bonecast.interop.fhir_products import name_in
from bonecast.records import Patient

# An act in the rules' names, and the facts that it brings.
Act = tuple[str, tuple[tuple[str, bool | str], ...]]
DENOSUMAB_MG = (60.0, 120.0)
_IN_MG = {"mg": 1.0, "ug": 0.001, "µg": 0.001, "mcg": 0.001, "g": 1000.0}
_AMOUNT = re.compile(r"(?<![\d.,])(\d+(?:\.\d+)?)\s*(mg|ug|µg|mcg|g)\b", re.IGNORECASE)
_VEIN = re.compile(r"intravenous|into a vein|\biv\b|infusion", re.IGNORECASE)
_MOUTH = re.compile(r"\boral|by mouth|\bpo\b|tablet", re.IGNORECASE)
_ROUTE_CODES = {"47625008": "vein", "26643006": "mouth"}  # SNOMED CT


@dataclass(frozen=True)
class Order:
    """One ordered medicine: its drug, the name that says so, its amounts in mg by product and by dose, its route."""

    drug: Drug
    name: str
    product_mg: float | None
    dose_mg: float | None
    route: str

    @property
    def amount_mg(self) -> float | None:
        """The amount by which it is judged: that of the product, or else that of the dose."""
        return self.dose_mg if self.product_mg is None else self.product_mg


def ordered_acts(context: object, patient: Patient) -> Iterator[Act]:
    """What the selected draft orders of a call would do; orders of other medicines bring nothing.

    A first bone drug is started, one after denosumab is a switch. An order whose amount and route leave open which
    treatment it is (ibandronate by mouth or into a vein) is judged as each of them. Denosumab of another strength than
    the last injection's is judged as a change of product too.
    """
    part = context if isinstance(context, dict) else {}
    orders, selected = part.get("draftOrders"), part.get("selections")
    given = patient.doses_of("denosumab")
    for resource in resources_in(orders):
        if resource.get("resourceType") == "MedicationRequest" and _is_selected(resource, selected):
            order = _order(resource, orders)
            if order is not None:
                yield from _acts(order, bool(given))
                if given and order.drug.generic == "denosumab" and given[-1].amount in DENOSUMAB_MG:
                    yield from _change_of_strength(order, given[-1].amount)


def _change_of_strength(order: Order, last_mg: float) -> Iterator[Act]:
    if order.amount_mg in DENOSUMAB_MG and order.amount_mg != last_mg:
        yield "switch_brand", (("target_product_strength_mg", f"{order.amount_mg:g}"),)


def _acts(order: Order, treated: bool) -> Iterator[Act]:
    if order.drug.generic == "denosumab":
        amount = order.amount_mg
        strength = 120 if amount == 120.0 else 60
        facts: dict[str, bool | str] = {}
        if order.product_mg is not None and order.dose_mg not in (None, order.product_mg):
            facts["product_strength_conflict"] = True
        elif amount is not None and amount not in DENOSUMAB_MG:
            facts["dose_implausible"] = True
        yield f"{'continue' if treated else 'start'}_{strength}", tuple(facts.items())
        return
    meant = _treatments(order)
    conflict = order.dose_mg is not None and order.product_mg is not None
    differs = conflict and order.drug.treatment(order.dose_mg) != order.drug.treatment(order.product_mg)
    also: tuple[tuple[str, bool | str], ...] = (("product_strength_conflict", True),) if differs else ()
    for treatment in meant:
        yield treatment.action if treated else START_OTHER, (("target_drug", treatment.name), *also)
    if not meant and (act := act_giving(order.drug.generic)) is not None:
        brought = tuple((name, str(value)) for name, value in act[1].items())
        yield act[0] if treated else START_OTHER, (*brought, *also)


def _treatments(order: Order) -> tuple[Treatment, ...]:
    """Which treatments with the drug can be meant? One, where the amount or the route says which."""
    every = order.drug.treatments
    if order.amount_mg is not None:
        exact = order.drug.treatment(order.amount_mg)
        return () if exact is None else (exact,)
    by_route = tuple(one for one in every if order.route == _route_of(one))
    return by_route or every


def _route_of(treatment: Treatment) -> str:
    if "giving_iv_bp" in treatment.facts:
        return "vein"
    return "mouth" if "giving_oral_bp" in treatment.facts else ""


def _order(resource: dict[str, Any], orders: object) -> Order | None:
    names = _names(resource, orders)
    name = name_in(names)
    if name is None:
        return None
    drug = find_drug(name)
    dosages = objects_in(resource.get("dosageInstruction"))
    dose = next(filter(None, map(_dose_mg, dosages)), None) or _amount_in(names)
    said = [*names, *(str(one.get("text", "")) for one in dosages)]
    return Order(drug, name, _product_mg(drug, name), dose, _route(dosages, said))


def _dose_mg(dosage: dict[str, Any]) -> float | None:
    for one in objects_in(dosage.get("doseAndRate")):
        quantity = one.get("doseQuantity")
        if not isinstance(quantity, dict):
            continue
        value, unit = quantity.get("value"), str(quantity.get("code") or quantity.get("unit") or "mg")
        if isinstance(value, int | float) and not isinstance(value, bool) and unit in _IN_MG:
            return float(value) * _IN_MG[unit]
    return None


def _amount_in(texts: Iterable[str]) -> float | None:
    """The amount that a name states, such as "zoledronic acid 4 mg"."""
    found = next(filter(None, (_AMOUNT.search(text[:200]) for text in texts)), None)
    return None if found is None else float(found[1]) * _IN_MG[found[2].lower()]


def _product_mg(drug: Drug, name: str) -> float | None:
    """The strength of the named product in mg; None where it has several or the name is that of the agent."""
    for product in drug.products:
        if product.name.casefold() == name.casefold():
            amounts = {float(one[0]) * _IN_MG[one[1].lower()] for one in _AMOUNT.findall(product.strength)}
            return amounts.pop() if len(amounts) == 1 else None
    return None


def _route(dosages: list[dict[str, Any]], texts: list[str]) -> str:
    codes = [
        coding
        for dosage in dosages
        if isinstance(dosage.get("route"), dict)
        for coding in objects_in(dosage["route"].get("coding"))
    ]
    for coding in codes:
        if str(coding.get("code")) in _ROUTE_CODES:
            return _ROUTE_CODES[str(coding.get("code"))]
    said = [str(one["route"].get("text", "")) for one in dosages if isinstance(one.get("route"), dict)]
    words = " ".join((*said, *(str(coding.get("display", "")) for coding in codes), *texts))
    return "vein" if _VEIN.search(words) else "mouth" if _MOUTH.search(words) else ""


def _is_selected(resource: dict[str, Any], selected: object) -> bool:
    """Is this order one of the selected ones? All are where the hook selects none (order-sign)."""
    if not isinstance(selected, list) or not selected:
        return True
    return f"MedicationRequest/{resource.get('id')}" in selected


def _names(resource: dict[str, Any], orders: object) -> list[str]:
    """Every name of the ordered medicine: as coded, or that of the Medication referred to, one step and no further."""
    code, pointer = resource.get("medicationCodeableConcept"), resource.get("medicationReference")
    said: list[Any] = []
    if not isinstance(code, dict) and isinstance(pointer, dict):
        said.append(pointer.get("display"))
        found = {f"#{one.get('id')}": one for one in objects_in(resource.get("contained"))}
        found |= {f"Medication/{one.get('id')}": one for one in resources_in(orders)}
        code = found.get(str(pointer.get("reference")), {}).get("code")
    if isinstance(code, dict):
        said += [code.get("text"), *(coding.get("display") for coding in objects_in(code.get("coding")))]
    return [name for name in said if isinstance(name, str)]


def objects_in(part: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []


def resources_in(part: object) -> Iterator[dict[str, Any]]:
    """A resource, or the resources of a Bundle, one level deep."""
    if not isinstance(part, dict):
        return
    if part.get("resourceType") != "Bundle":
        yield part
        return
    for entry in objects_in(part.get("entry")):
        if isinstance(entry.get("resource"), dict):
            yield entry["resource"]
