"""What one FHIR Observation says, in the lines of a record."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.errors import UnknownName, printable
from bonecast.interop.fhir_resources import Concept, Observation, Quantity
from bonecast.records import UNUSABLE, find_site, site_names

LOINC = "http://loinc.org"
OWN_TEST = "urn:bonecast:test"  # code: a test's own name, for tests that have no LOINC code here
OWN_FACT = "urn:bonecast:fact"  # code: a key of [person]

PREGNANCY = "82810-3"  # LOINC: pregnancy status
_PREGNANT = {  # SNOMED CT
    "77386006": "pregnant",
    "60001007": "not_pregnant",
    "146799005": "untested",
    "102874004": "untested",
    "152231000119106": "untested",
}
_WRITTEN = re.compile(r"([<>]=?)?\s*(\d+(?:\.\d+)?)\s*(\S.*)?")  # "<0.05 ng/mL"
_INDEXED = re.compile(r"ml/min/.*(?:1\.73|173|bsa)", re.IGNORECASE)
_IN_WORDS = (
    ("milligram", "mg"),
    ("microgram", "ug"),
    ("nanogram", "ng"),
    ("picogram", "pg"),
    ("gram", "g"),
    ("millimole", "mmol"),
    ("micromole", "umol"),
    ("nanomole", "nmol"),
    ("picomole", "pmol"),
    ("decilit(?:er|re)", "dL"),
    ("millilit(?:er|re)", "mL"),
    ("lit(?:er|re)", "L"),
    ("minute", "min"),
)

PARTIAL = re.compile(r"\d{4}(-\d\d)?")  # a year, or a month of one
COUNTED = ("final", "amended", "corrected", "preliminary")


class UnreadError(Exception):
    """A resource that is passed over; the text is the reason, `is_drug` says that it may be denosumab."""

    def __init__(self, reason: str, is_drug: bool = False) -> None:
        super().__init__(reason)
        self.is_drug = is_drug


@cache
def loinc_codes() -> dict[str, str]:
    """List the LOINC codes of tests that are read.

    Returns
    -------
    dict of str to str
        Code to test.
    """
    return _table()["codes"]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.interop") / "loinc.toml").read_text("utf-8"))


def named(code: Concept) -> tuple[str, str]:
    """Is this code a "test" or a "fact", and which? Raises UnreadError for a code that is not known."""
    for coding in code.coding:
        if coding.system == OWN_FACT and coding.code:
            return "fact", coding.code
        if coding.system == OWN_TEST and coding.code:
            return "test", coding.code
        if coding.system == LOINC and coding.code in loinc_codes():
            return "test", loinc_codes()[coding.code]
        if coding.system == LOINC and coding.code in _table()["bmd"]:
            return "test", "BMD"
        if coding.system == LOINC and coding.code == PREGNANCY:
            return "fact", "pregnancy_status"
    known_as = printable(", ".join(code.names()[:2]) or "without a code")
    raise UnreadError(f"the observation ({known_as}) is not one that Bonecast reads")


def fact_value(found: Observation) -> Any:
    """The value of a fact: true or false, a count, a choice, or text with its unit."""
    if found.valueQuantity is not None:
        return found.valueQuantity.text()
    if found.valueCodeableConcept is not None:
        said = [coding.code for coding in found.valueCodeableConcept.coding]
        value = next((_PREGNANT[code] for code in said if code in _PREGNANT), None)
        if value is None:
            raise UnreadError(
                f"{UNUSABLE}'{printable(', '.join(map(str, said)))}' is not an answer that is read"
            )
        return value
    values = (found.valueBoolean, found.valueInteger, found.valueString)
    return next((value for value in values if value is not None), "")


def quantity_text(found: Observation, test: str = "") -> str:
    """The measured value as a record writes it; UnreadError where there is none, or it is above a limit."""
    quantity = found.valueQuantity
    if (quantity is None or quantity.value is None) and found.valueString:
        written = _WRITTEN.fullmatch(found.valueString.strip())
        if written is not None:
            quantity = Quantity(comparator=written[1], value=float(written[2]), unit=written[3])
    if quantity is None or quantity.value is None:
        raise UnreadError("the observation has no measured number")
    if quantity.comparator in (">", ">=", "ad"):
        raise UnreadError(f"'{printable(quantity.text())}' is above a limit, not a measured value")
    sign = "<" if quantity.comparator else ""
    return f"{sign}{quantity.value} {_unit(quantity.measured_in() or '', test)}".strip()


def _unit(unit: str, test: str) -> str:
    """The unit as a record writes it: words become symbols, and every spelling of 1.73 m2 is one."""
    for word, symbol in _IN_WORDS:
        unit = re.sub(rf"\b{word}s?\b", symbol, unit, flags=re.IGNORECASE)
    unit = re.sub(r"\s*(?:\bper\b|/)\s*", "/", unit)
    if test == "eGFR" and _INDEXED.match(unit):
        return "mL/min/1.73m2"
    return {"[IU]/L": "U/L", "[iU]/L": "U/L", "g/cm-2": "g/cm2"}.get(unit, unit)


def measurement_lines(test: str, found: Observation) -> dict[str, Any]:
    """The lines of [[measurements]] that this Observation stands for."""
    moment = observed_at(found)
    if moment is None:
        raise UnreadError("the observation has no effectiveDateTime")
    date, _, clock = moment.partition("T")
    if PARTIAL.fullmatch(date):
        raise UnreadError(f"its date, {date}, has no day")
    limits = found.referenceRange[0] if found.referenceRange else None
    beside = _beside(found)
    lines = {
        "test": test,
        "site": _site(found) if test == "BMD" else None,
        "value": quantity_text(found, test),
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


def observed_at(found: Observation) -> str | None:
    """When it was observed: the start of a period."""
    period = found.effectivePeriod.start or found.effectivePeriod.end if found.effectivePeriod else None
    return found.effectiveDateTime or found.effectiveInstant or period


def _site(found: Observation) -> str:
    """The site of a DXA: bodySite, else the name of the test, else its code."""
    said = found.bodySite.names() if found.bodySite else []
    for text in (*said, *found.code.names()):
        with suppress(UnknownName):
            return find_site(text)
        inside = [site for site in site_names() if site in text.casefold()]
        if len(inside) == 1:
            return inside[0]
    if said:
        return said[0]
    site = next((_table()["bmd"].get(coding.code) for coding in found.code.coding), None)
    if not site:
        choice = ", ".join(site_names())
        raise UnreadError(f"{UNUSABLE}the code does not say the site of this BMD; give bodySite: {choice}")
    return site


def _beside(found: Observation) -> dict[str, Any]:
    """The T-score and the fasting mark, where components give them."""
    values: dict[str, Any] = {}
    for part in found.component:
        codes = {coding.code for coding in part.code.coding if coding.system == OWN_TEST}
        if "t_score" in codes and part.valueQuantity:
            values["t_score"] = part.valueQuantity.value
        elif "fasting" in codes:
            values["fasting"] = part.valueBoolean
    return values
