"""What a FHIR MedicationAdministration or MedicationStatement says, in the lines of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from bonecast.drugs import find_drug
from bonecast.errors import UnknownName, printable
from bonecast.interop.fhir_observation import UnreadError
from bonecast.interop.fhir_resources import Concept, MedicationAdministration, MedicationStatement, Repeat

GIVEN = ("completed",)
TAKEN = ("active", "completed", "stopped")
_SPANS = {"d": "days", "wk": "weeks", "mo": "months", "a": "years"}


def administered_lines(found: MedicationAdministration) -> dict[str, Any]:
    """The lines of one dose in [[doses]]. Raises UnreadError for other medicines and for doses not given."""
    drug = _drug(found.medicationCodeableConcept)
    if found.status not in GIVEN:
        raise UnreadError(f"the dose has the status '{printable(found.status)}'")
    period = found.effectivePeriod.start if found.effectivePeriod else None
    dose = found.dosage.dose if found.dosage else None
    return _present(
        drug=drug, amount=dose.text() if dose else None, date=_day(found.effectiveDateTime or period)
    )


def stated_lines(found: MedicationStatement) -> dict[str, Any]:
    """The lines of a course, or of one dose, in [[doses]]. Raises UnreadError for other medicines."""
    drug = _drug(found.medicationCodeableConcept)
    if found.status not in TAKEN:
        raise UnreadError(f"the medicine has the status '{printable(found.status)}'")
    dosage = found.dosage[0] if found.dosage else None
    dose = dosage.doseAndRate[0].doseQuantity if dosage and dosage.doseAndRate else None
    amount = dose.text() if dose else None
    if found.effectivePeriod is None:
        return _present(drug=drug, amount=amount, date=_day(found.effectiveDateTime))
    repeat = dosage.timing.repeat if dosage and dosage.timing else None
    lines = _present(drug=drug, amount=amount, every=_every(repeat), to=_day(found.effectivePeriod.end))
    return lines | _present(**{"from": _day(found.effectivePeriod.start)})


def _drug(code: Concept | None) -> str:
    """The first word or name of the medicine that the drug catalogue knows."""
    if code is None:
        raise UnreadError("the medicine is a reference, which is not followed")
    names = code.names()
    known = name_in(names)
    if known is not None:
        return known
    raise UnreadError(
        f"the medicine ({printable(', '.join(names[:2]) or 'without a name')}) is not in the drug catalogue"
    )


def name_in(texts: Iterable[str]) -> str | None:
    """Find the first name that the drug catalogue knows.

    Parameters
    ----------
    texts : iterable of str
        Texts; each is tried whole, then by two words, then by one.

    Returns
    -------
    str or None
        The name; None without one.

    Examples
    --------
    >>> name_in(["zoledronic acid 5 mg/100 mL"])
    'zoledronic acid'
    """
    texts = [text[:200] for text in texts]
    words = [re.findall(r"[\w-]+", text) for text in texts]
    pairs = (f"{one} {other}" for line in words for one, other in pairwise(line))
    for name in (*texts, *pairs, *(word for line in words for word in line)):
        try:
            find_drug(name)
        except UnknownName:
            continue
        return name
    return None


def _every(repeat: Repeat | None) -> str:
    """The interval as a record writes it, such as "1 weeks"."""
    if repeat is None or repeat.period is None or repeat.periodUnit not in _SPANS or repeat.frequency <= 0:
        raise UnreadError("the course does not say how often the medicine is taken")
    return f"{repeat.period / repeat.frequency:.6g} {_SPANS[repeat.periodUnit]}"


def _day(moment: str | None) -> str | None:
    return moment.partition("T")[0] if moment else None


def _present(**lines: str | None) -> dict[str, Any]:
    return {key: value for key, value in lines.items() if value is not None}
