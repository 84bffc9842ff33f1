"""What a FHIR MedicationAdministration or MedicationStatement says, in the lines of a record."""

from __future__ import annotations

from typing import Any

from bonecast.errors import printable
from bonecast.interop.fhir_observation import PARTIAL, UnreadError
from bonecast.interop.fhir_products import Product, amount_mg, product_of
from bonecast.interop.fhir_resources import (
    Concept,
    MedicationAdministration,
    MedicationStatement,
    Quantity,
    Repeat,
)
from bonecast.records import UNUSABLE

GIVEN = ("completed",)
NOT_GIVEN = ("not-done", "entered-in-error", "on-hold")
NOT_TAKEN = ("not-taken", "entered-in-error", "intended", "on-hold")
TAKEN = ("active", "completed", "stopped")
_SPANS = {"d": "days", "wk": "weeks", "mo": "months", "a": "years"}


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
    date = _placed(product, found.effectiveDateTime or period)
    return _present(drug=product.name, amount=_amount(product, dose), date=date)


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
    if found.effectivePeriod is None:
        date = _placed(product, found.effectiveDateTime)
        return _present(drug=product.name, amount=_amount(product, dose), date=date)
    repeat = dosage.timing.repeat if dosage and dosage.timing else None
    start = _placed(product, found.effectivePeriod.start)
    every = _every(repeat, _matters(product))
    to = _day(found.effectivePeriod.end)
    lines = _present(drug=product.name, amount=_amount(product, dose), every=every, to=to)
    return lines | {"from": start}


def _product(code: Concept | None) -> Product:
    """The medicine, where the drug catalogue knows it."""
    names = code.names() if code else []
    if code is None or not names:
        raise UnreadError("the medicine is not said, or refers to a resource that was not sent", is_drug=True)
    if any("placebo" in name.casefold() for name in names):
        raise UnreadError("a placebo is no dose")
    known = product_of(code)
    if known is not None:
        return known
    nameless = not (code.text or any(coding.display for coding in code.coding))
    raise UnreadError(
        f"the medicine ({printable(', '.join(names[:2]))}) is not in the drug catalogue", is_drug=nameless
    )


def _amount(product: Product, dose: Quantity | None) -> str:
    found = amount_mg(product, dose)
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


def _every(repeat: Repeat | None, is_drug: bool) -> str:
    """The interval as a record writes it, such as "1 weeks"."""
    if repeat is None or repeat.period is None or repeat.periodUnit not in _SPANS or repeat.frequency <= 0:
        raise UnreadError("the course does not say how often the medicine is taken", is_drug)
    return f"{repeat.period / repeat.frequency:.6g} {_SPANS[repeat.periodUnit]}"


def _day(moment: str | None) -> str | None:
    return moment.partition("T")[0] if moment else None


def _present(**lines: str | None) -> dict[str, Any]:
    return {key: value for key, value in lines.items() if value is not None}
