"""What FHIR says of doses that were given, in the lines of a record."""

from __future__ import annotations

import re
from typing import Any

from bonecast.errors import printable
from bonecast.interop.fhir_dosage import interval_of
from bonecast.interop.fhir_observation import PARTIAL, UnreadError
from bonecast.interop.fhir_products import AMOUNT, Product, amount_mg, other_medicine, product_of
from bonecast.interop.fhir_resources import (
    Concept,
    Immunization,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Procedure,
    Quantity,
)
from bonecast.records import UNUSABLE

GIVEN = ("completed",)
NOT_GIVEN = ("not-done", "entered-in-error", "on-hold")
NOT_TAKEN = ("not-taken", "entered-in-error", "intended", "on-hold")
TAKEN = ("active", "completed", "stopped")
NOT_HANDED = ("cancelled", "declined", "entered-in-error", "stopped", "preparation")
# Drugs given weeks apart: the same amount on the next day is the same dose, recorded twice.
WEEKS_APART = ("denosumab", "zoledronate", "romosozumab")
_NONE_TAKEN = ("no-known-medications", "no-medication-info", "787481004")


def administered_lines(found: MedicationAdministration) -> dict[str, Any]:
    """The lines of one dose in [[doses]]. Raises UnreadError for other medicines and for doses not given."""
    product = _product(found.medicationCodeableConcept)
    if found.status not in GIVEN:
        raise UnreadError(
            f"the dose has the status '{printable(found.status)}'",
            _matters(product) and found.status not in NOT_GIVEN,
        )
    period = found.effectivePeriod.start if found.effectivePeriod else None
    dose = found.dosage.dose if found.dosage else None
    text = found.dosage.text if found.dosage else None
    date = _placed(product, found.effectiveDateTime or period)
    return _present(drug=product.name, amount=_amount(product, dose, text), date=date)


def stated_lines(found: MedicationStatement) -> dict[str, Any]:
    """The lines of a course, or of one dose, in [[doses]]. Raises UnreadError for other medicines."""
    product = _product(found.medicationCodeableConcept)
    if found.status not in TAKEN:
        raise UnreadError(
            f"the medicine has the status '{printable(found.status)}'",
            _matters(product) and found.status not in NOT_TAKEN,
        )
    dosage = found.dosage[0] if found.dosage else None
    dose = dosage.doseAndRate[0].doseQuantity if dosage and dosage.doseAndRate else None
    text = dosage.text if dosage else None
    period = found.effectivePeriod
    interval = interval_of(dosage)
    if period is None or (interval is None and period.start and _day(period.start) == _day(period.end)):
        date = _placed(product, found.effectiveDateTime or (period.start if period else None))
        return _present(drug=product.name, amount=_amount(product, dose, text), date=date)
    start = _placed(product, period.start)
    if interval is None:
        raise UnreadError("the course does not say how often the medicine is taken", _matters(product))
    to = _day(period.end)
    if to is None and found.status != "active":
        raise UnreadError(f"{UNUSABLE}the course is over, and its last day is not said", _matters(product))
    lines = _present(drug=product.name, amount=_amount(product, dose, text), every=interval, to=to)
    return lines | {"from": start}


def immunised_lines(found: Immunization) -> dict[str, Any]:
    """The lines of a dose that somebody recorded as a vaccine. Raises UnreadError for vaccines."""
    product = product_of(found.vaccineCode) if found.vaccineCode else None
    if product is None:
        raise UnreadError("a vaccine is not read")
    if found.status != "completed":
        raise UnreadError(f"the dose has the status '{printable(found.status)}'", found.status is None)
    date = _placed(product, found.occurrenceDateTime)
    return _present(drug=product.name, amount=_amount(product, found.doseQuantity, None), date=date)


def performed_lines(found: Procedure) -> dict[str, Any] | None:
    """The lines of a dose whose injection was recorded as a Procedure; None for other procedures."""
    product = product_of(found.code) if found.code else None
    if product is None or product.drug.generic not in WEEKS_APART:
        return None
    if found.status != "completed":
        is_open = found.status not in ("not-done", "entered-in-error", "preparation")
        raise UnreadError(f"the injection has the status '{printable(found.status)}'", is_open)
    names = " ".join(found.code.words()) if found.code else ""
    return _present(
        drug=product.name, amount=_amount(product, None, names), date=_placed(product, found.when)
    )


def dispensed(found: MedicationDispense) -> tuple[str, str]:
    """Drug and day of a medicine that was handed over. Raises UnreadError where that says nothing."""
    product = _product(found.medicationCodeableConcept)
    if found.status in NOT_HANDED:
        raise UnreadError(f"the medicine has the status '{printable(found.status)}'")
    return product.drug.generic, _day(found.whenHandedOver or found.whenPrepared) or ""


def ordered(found: MedicationRequest) -> tuple[str, str] | None:
    """Drug and day of an order that may have been carried out; None for others."""
    known = product_of(found.medicationCodeableConcept) if found.medicationCodeableConcept else None
    authorised = found.intent in (
        None,
        "order",
        "original-order",
        "reflex-order",
        "filler-order",
        "instance-order",
    )
    if known is None or not authorised or found.status not in ("active", "completed", "stopped"):
        return None
    return known.drug.generic, _day(found.authoredOn) or ""


def _product(code: Concept | None) -> Product:
    """The medicine, where the drug catalogue knows it."""
    names = code.names() if code else []
    if code is None or not names:
        raise UnreadError("the medicine is not said, or refers to a resource that was not sent", is_drug=True)
    if any("placebo" in name.casefold() for name in names):
        raise UnreadError("a placebo is no dose")
    if code.codes() & set(_NONE_TAKEN):
        raise UnreadError(f"'{printable(names[0])}' names no medicine")
    known = product_of(code)
    if known is not None:
        return known
    nameless = not code.words() and other_medicine(code) is None
    what = other_medicine(code) or ", ".join(names[:2])
    raise UnreadError(f"the medicine ({printable(what)}) is not in the drug catalogue", is_drug=nameless)


def _amount(product: Product, dose: Quantity | None, text: str | None) -> str:
    found = amount_mg(product, dose)
    written = AMOUNT.search(text[:500]) if text and (dose is None or dose.value is None) else None
    if written is not None and not re.match(
        r"\s*/\s*\d*\.?\d*\s*ml", text[written.end() :] if text else "", re.I
    ):
        return f"{float(written[1]):g} {written[2].lower().replace('µg', 'ug').replace('mcg', 'ug')}"
    if found is None:
        stated = f"'{printable(dose.text())}'" if dose else "without an amount"
        raise UnreadError(
            f"{UNUSABLE}{product.drug.generic} {stated}: how many mg is that?", _matters(product)
        )
    if dose is not None and (dose.measured_in() or "").casefold() in ("ug", "µg", "mcg"):
        return f"{dose.value} ug"
    return f"{found:g} mg"


def _placed(product: Product, moment: str | None) -> str:
    """The day of a dose; without one it is listed, and the check asks about it."""
    day = _day(moment)
    if day is None or PARTIAL.fullmatch(day):
        when = f"has no day but {printable(day)}" if day else "has no date"
        raise UnreadError(f"{UNUSABLE}the dose of {product.drug.generic} {when}", _matters(product))
    return day


def _matters(product: Product) -> bool:
    """May a dose that is not read change what the check says? Supplements do not."""
    return not product.drug.supplement


def _day(moment: str | None) -> str | None:
    return moment.partition("T")[0] if moment else None


def _present(**lines: str | None) -> dict[str, Any]:
    return {key: value for key, value in lines.items() if value is not None}
