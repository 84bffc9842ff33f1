"""What one FHIR Observation says, in the lines of a record."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.errors import printable
from bonecast.interop.fhir_resources import Concept, Observation

LOINC = "http://loinc.org"
OWN_TEST = "urn:bonecast:test"  # code: a test's own name, for tests that have no LOINC code here
OWN_FACT = "urn:bonecast:fact"  # code: a key of [person]

PARTIAL = re.compile(r"\d{4}(-\d\d)?")  # a year, or a month of one
COUNTED = ("final", "amended", "corrected", "preliminary")


class UnreadError(Exception):
    """A resource that is passed over; the text is the reason."""


@cache
def loinc_codes() -> dict[str, str]:
    """List the LOINC codes that are read; all are recalled.

    Returns
    -------
    dict of str to str
        Code to test.
    """
    return tomllib.loads((files("bonecast.interop") / "loinc.toml").read_text("utf-8"))["codes"]


def named(code: Concept) -> tuple[str, str]:
    """Is this code a "test" or a "fact", and which? Raises UnreadError for a code that is not known."""
    for coding in code.coding:
        if coding.system == OWN_FACT and coding.code:
            return "fact", coding.code
        if coding.system == OWN_TEST and coding.code:
            return "test", coding.code
        if coding.system == LOINC and coding.code in loinc_codes():
            return "test", loinc_codes()[coding.code]
    known_as = printable(", ".join(code.names()[:2]) or "without a code")
    raise UnreadError(f"the observation ({known_as}) is not one that Bonecast reads")


def fact_value(found: Observation) -> Any:
    """The value of a fact: true or false, a count, a choice, or text with its unit."""
    if found.valueQuantity is not None:
        return found.valueQuantity.text()
    values = (found.valueBoolean, found.valueInteger, found.valueString)
    return next((value for value in values if value is not None), "")


def quantity_text(found: Observation) -> str:
    """The measured value as a record writes it; UnreadError where there is none, or it is above a limit."""
    quantity = found.valueQuantity
    if quantity is None or quantity.value is None:
        raise UnreadError("the observation has no measured number")
    if quantity.comparator in (">", ">=", "ad"):
        raise UnreadError(f"'{printable(quantity.text())}' is above a limit, not a measured value")
    return quantity.text()


def measurement_lines(test: str, found: Observation) -> dict[str, Any]:
    """The lines of [[measurements]] that this Observation stands for."""
    if found.effectiveDateTime is None:
        raise UnreadError("the observation has no effectiveDateTime")
    date, _, clock = found.effectiveDateTime.partition("T")
    if PARTIAL.fullmatch(date):
        raise UnreadError(f"its date, {date}, has no day")
    limits = found.referenceRange[0] if found.referenceRange else None
    beside = _beside(found)
    lines = {
        "test": test,
        "site": found.bodySite.names()[0] if found.bodySite and found.bodySite.names() else None,
        "value": quantity_text(found),
        "date": date,
        # The time on the laboratory's clock: what matters is morning or afternoon where the blood was taken.
        "time": clock[:5] or None,
        "fasting": beside.get("fasting"),
        "t_score": beside.get("t_score"),
        "assay": found.method.names()[0] if found.method and found.method.names() else None,
        "lab": found.performer[0].display if found.performer else None,
        "scanner": found.device.display if found.device else None,
        "reference_low": limits.low.text() if limits and limits.low else None,
        "reference_high": limits.high.text() if limits and limits.high else None,
    }
    return {key: value for key, value in lines.items() if value is not None}


def _beside(found: Observation) -> dict[str, Any]:
    """The T-score and the fasting mark, where components give them."""
    values: dict[str, Any] = {}
    for part in found.component:
        codes = {coding.code for coding in part.code.coding if coding.system == OWN_TEST}
        if "t_score" in codes and part.valueQuantity:
            values["t_score"] = part.valueQuantity.value
        elif "fasting" in codes:
            values["fasting"] = part.valueBoolean
        else:
            known_as = printable(", ".join(part.code.names()[:2]) or "without a code")
            raise UnreadError(f"its component ({known_as}) is not one that Bonecast reads")
    return values
