"""What the draft orders of a CDS Hooks call would do: the acts of the care rules, by drug, strength and route."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bonecast.care import START_OTHER, act_giving
from bonecast.drugs import Drug, Treatment
from bonecast.interop.fhir_products import AMOUNT, IN_MG, Product, amount_mg, product_of
from bonecast.interop.fhir_references import Addresses, Placed, plain
from bonecast.interop.fhir_resources import Concept, Quantity
from bonecast.records import Patient

# An act in the rules' names, and the facts that it brings.
Act = tuple[str, tuple[tuple[str, bool | str], ...]]
DENOSUMAB_MG = (60.0, 120.0)
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


def ordered_acts(context: object, patient: Patient, sent: Iterable[dict[str, Any]] = ()) -> Iterator[Act]:
    """What the selected draft orders of a call would do, in the order of the drafts."""
    for _, order in read_orders(context, sent):
        yield from acts_of(order, patient)


def read_orders(
    context: object, sent: Iterable[dict[str, Any]] = ()
) -> Iterator[tuple[dict[str, Any], Order]]:
    """The selected draft orders of bone drugs, each with the resource that it was read from."""
    for resource, code in ordered_medicines(context, sent):
        order = _order(resource, code) if code is not None else None
        if order is not None:
            yield resource, order


def acts_of(order: Order, patient: Patient) -> Iterator[Act]:
    """What an order would do; orders of other medicines bring nothing.

    A first bone drug is started, one after denosumab is a switch. An order whose amount and route leave open which
    treatment it is (ibandronate by mouth or into a vein) is judged as each of them. Denosumab of another strength than
    the last injection's is judged as a change of product too.
    """
    given = patient.doses_of("denosumab")
    yield from _acts(order, bool(given))
    if given and order.drug.generic == "denosumab" and given[-1].amount in DENOSUMAB_MG:
        yield from _change_of_strength(order, given[-1].amount)


def ordered_medicines(
    context: object, sent: Iterable[dict[str, Any]] = ()
) -> Iterator[tuple[dict[str, Any], Concept | None]]:
    """Each selected draft order with its medicine: as coded, or that of the Medication referred to.

    None stands for a medicine that is not said, and for a selected order that was not sent. What is not to be done is
    left out. All orders are selected where the hook selects none (order-sign).
    """
    part = context if isinstance(context, dict) else {}
    orders = entries_in(part.get("draftOrders"))
    addresses = Addresses(Placed("", one.get("fullUrl"), one["resource"]) for one in (*orders, *sent))
    selected, found = part.get("selections"), set[str]()
    for entry in orders:
        resource = entry["resource"]
        names = _names_of(entry)
        if isinstance(selected, list) and selected:
            chosen = {one for one in selected if isinstance(one, str) and _ending(one) in names}
            found |= chosen
            if not chosen:
                continue
        if resource.get("resourceType") == "MedicationRequest" and resource.get("doNotPerform") is not True:
            yield resource, _medicine(resource, addresses)
    for one in selected if isinstance(selected, list) else []:
        if isinstance(one, str) and one not in found and _ending(one).startswith("MedicationRequest/"):
            yield {}, None


def _names_of(entry: dict[str, Any]) -> set[str]:
    """By which a selection may name a draft order: type and id, or its full address."""
    resource, url = entry["resource"], entry.get("fullUrl")
    named = {f"{resource.get('resourceType')}/{resource.get('id')}"}
    return named | ({_ending(url)} if url else set())


def _ending(reference: str) -> str:
    """The type and id of a reference, without server and version."""
    return "/".join(plain(reference).split("/")[-2:])


def _medicine(resource: dict[str, Any], addresses: Addresses) -> Concept | None:
    pointer = resource.get("medicationReference")
    try:
        if isinstance(resource.get("medicationCodeableConcept"), dict):
            found = Concept.model_validate(resource["medicationCodeableConcept"])
        elif isinstance(pointer, dict):
            known = addresses.medicine(pointer.get("reference"), resource)
            found = known or Concept(text=pointer.get("display"))
        else:
            return None
    except ValidationError:
        return None
    return found if found.names() else None


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


def _order(resource: dict[str, Any], code: Concept) -> Order | None:
    product = product_of(code)
    if product is None:
        return None
    names = code.names()
    dosages = objects_in(resource.get("dosageInstruction"))
    dose = next(filter(None, (_dose_mg(product, one) for one in dosages)), None)
    if dose is None and product.content_mg is None:
        dose = _amount_in(names)
    said = [*names, *(str(one.get("text", "")) for one in dosages)]
    return Order(product.drug, product.name, product.content_mg, dose, _route(dosages, said))


def _dose_mg(product: Product, dosage: dict[str, Any]) -> float | None:
    for one in objects_in(dosage.get("doseAndRate")):
        try:
            quantity = Quantity.model_validate(one.get("doseQuantity"))
        except ValidationError:
            continue
        if quantity.value is None:
            continue
        if quantity.measured_in() is None and quantity.value != 1:
            return float(quantity.value)  # an amount of a bone drug without a unit is meant in mg
        if (amount := amount_mg(product, quantity)) is not None:
            return amount
    return None


def _amount_in(texts: Iterable[str]) -> float | None:
    """The amount that a name states, such as "zoledronic acid 4 mg"."""
    found = next(filter(None, (AMOUNT.search(text[:200]) for text in texts)), None)
    return None if found is None else float(found[1]) * IN_MG[found[2].lower()]


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


def objects_in(part: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []


def entries_in(part: object) -> list[dict[str, Any]]:
    """A resource as an entry, or the entries of a Bundle, one level deep, with their addresses."""
    if not isinstance(part, dict):
        return []
    if part.get("resourceType") != "Bundle":
        return [{"resource": part}]
    return [
        {
            "fullUrl": url if isinstance(url := entry.get("fullUrl"), str) else None,
            "resource": entry["resource"],
        }
        for entry in objects_in(part.get("entry"))
        if isinstance(entry.get("resource"), dict)
    ]
