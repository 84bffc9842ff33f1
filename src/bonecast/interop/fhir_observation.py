"""What one FHIR Observation says, in the lines of a record."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from bonecast.errors import UnknownName, printable
from bonecast.interop.fhir_products import system_kind
from bonecast.interop.fhir_resources import Component, Concept, Observation, Quantity, Range
from bonecast.records import UNUSABLE, find_site, find_test, site_names

LOINC = "http://loinc.org"
OWN_TEST = "urn:bonecast:test"  # code: a test's own name, for tests that have no LOINC code here
OWN_FACT = "urn:bonecast:fact"  # code: a key of [person]
PREGNANCY = "82810-3"  # LOINC: pregnancy status
PREGNANCY_D = {"pregnant": 300, "not_pregnant": 30}  # days for which a dated answer counts; assumption
_PREGNANT = {  # SNOMED CT and LOINC answers
    "77386006": "pregnant",
    "LA15173-0": "pregnant",
    "60001007": "not_pregnant",
    "146799005": "untested",
    "102874004": "untested",
    "152231000119106": "untested",
}
_PREGNANT_WORDS = {
    "pregnant": "pregnant",
    "schwanger": "pregnant",
    "embarazada": "pregnant",
    "not pregnant": "not_pregnant",
    "nicht schwanger": "not_pregnant",
    "no embarazada": "not_pregnant",
}
_POSITIVE = {"positive": "pregnant", "positiv": "pregnant", "positivo": "pregnant", "10828004": "pregnant"}
_NEGATIVE = dict.fromkeys(("negative", "negativ", "negativo", "260385009"), "not_pregnant")
_WRITTEN = re.compile(r"([<>]=?)?\s*(-?\d+(?:\.\d+)?)\s*(\S.*)?")  # "<0.05 ng/mL"
_INDEXED = re.compile(r"ml/min/.*(?:1[.,]73|173|bsa)", re.IGNORECASE)
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
_UNITS = {
    "[IU]/L": "U/L",
    "[iU]/L": "U/L",
    "g/cm-2": "g/cm2",
    "mg%": "mg/dL",
    "mg/100mL": "mg/dL",
    "mg/100ml": "mg/dL",
}
_URINE = re.compile(r"urin|harn|orina|csf|liquor", re.IGNORECASE)

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


def named(code: Concept, specimen: str = "") -> tuple[str, str]:
    """What is this code of: a "test", a "fact", a "t_score", a pregnancy test ("hcg"), a value drawn "at_dialysis"?

    With its name. Raises UnreadError for a code that is not known. Names count where no LOINC code is given.
    """
    known_as = printable(", ".join(code.names()[:2]) or "without a code")
    why = f"the observation ({known_as}) is not one that Bonecast reads"
    has_loinc = False
    for coding in code.coding:
        if coding.system in (OWN_FACT, OWN_TEST) and coding.code:
            return ("fact" if coding.system == OWN_FACT else "test"), coding.code
        if system_kind(coding.system) != "loinc" or not coding.code:
            continue
        has_loinc = True
        if (found := _of_loinc(coding.code)) is not None:
            return found
        if coding.code in _table()["not_read"]:
            why = f"{known_as}: {_table()['not_read'][coding.code]}"
    for word in [] if has_loinc or _URINE.search(specimen) else code.words():
        name = " ".join(word.casefold().split())
        if name in _table()["names"]:
            return "test", _table()["names"][name]
        with suppress(UnknownName):
            return "test", find_test(word).name
    raise UnreadError(why)


def _of_loinc(code: str) -> tuple[str, str] | None:
    table = _table()
    if code in table["codes"]:
        return "test", table["codes"][code]
    if code in table["bmd"]:
        return "test", "BMD"
    if code in table["t_score"]:
        return "t_score", "T-score"
    if code in table["at_dialysis"]:
        return "at_dialysis", "creatinine"
    if code == PREGNANCY:
        return "fact", "pregnancy_status"
    return ("hcg", "pregnancy_status") if code in table["hcg"] else None


def notes_of(code: Concept) -> Iterator[str]:
    """The note on a value that was read by this code."""
    for coding in code.coding:
        if coding.code in _table()["notes"]:
            yield _table()["notes"][coding.code]
        if coding.code in _table()["recalled"]:
            yield f"the code {coding.code} is known from memory only (unverified)"


def is_by_race(code: Concept) -> bool:
    """Is this an estimate for black people?"""
    return any(coding.code in _table()["by_race"] for coding in code.coding)


def parts_of(found: Observation) -> list[tuple[str, Observation]]:
    """The Observation and each test of its panel, as Observations of their own, with their places in it."""
    parts = [("", found)]
    for number, part in enumerate(found.component, start=1):
        if _is_beside(part):
            continue
        kept = {name: getattr(part, name) for name in Component.model_fields}
        parts.append((f", component {number}", found.model_copy(update={**kept, "component": []})))
    return parts


def has_value(found: Observation) -> bool:
    """Does it hold a value of its own, or say why there is none?"""
    values = (found.valueQuantity, found.valueCodeableConcept, found.valueBoolean, found.valueInteger)
    return any(one is not None for one in (*values, found.valueString, found.dataAbsentReason))


def fact_value(found: Observation, kind: str = "fact") -> Any:
    """The value of a fact: true or false, a count, a choice, or text with its unit."""
    if found.valueQuantity is not None:
        return found.valueQuantity.text()
    concept = found.valueCodeableConcept
    if concept is None and found.valueString and (kind == "hcg" or _is_pregnancy(found.code)):
        concept = Concept(text=found.valueString)
    if concept is not None:
        answers = _POSITIVE | _NEGATIVE if kind == "hcg" else _PREGNANT | _PREGNANT_WORDS
        said = [
            *(one.code or "" for one in concept.coding),
            *(word.casefold().strip() for word in concept.words()),
        ]
        value = next((answers[code] for code in said if code in answers), None)
        if value is None:
            said = ", ".join(filter(None, said)) or "an answer without a code"
            raise UnreadError(f"{UNUSABLE}'{printable(said)}' is not an answer that is read")
        return value
    values = (found.valueBoolean, found.valueInteger, found.valueString)
    return next((value for value in values if value is not None), "")


def _is_pregnancy(code: Concept) -> bool:
    return any(coding.code == PREGNANCY for coding in code.coding)


def quantity_text(found: Observation, test: str = "") -> str:
    """The measured value as a record writes it, such as "<0.05 ng/mL"; UnreadError where there is none."""
    quantity = _quantity(found)
    if quantity is None or quantity.value is None:
        absent = found.dataAbsentReason
        why = f" ({printable(', '.join(absent.names()[:1]))})" if absent and absent.names() else ""
        raise UnreadError(f"the observation has no measured number{why}")
    sign = {"<": "<", "<=": "<", ">": ">", ">=": ">", "ad": ">"}.get(quantity.comparator or "", "")
    unit = _unit(quantity.measured_in() or _unit_of_range(found.referenceRange), test)
    factor, unit = _converted(test, unit)
    value = quantity.value if factor == 1.0 else float(f"{quantity.value * factor:.12g}")
    return f"{sign}{value} {unit}".strip()


def _quantity(found: Observation) -> Quantity | None:
    """The value as a number: a quantity, a text that is one, or a whole number with the range's unit."""
    quantity = found.valueQuantity
    if quantity is not None and quantity.value is not None:
        return quantity
    if found.valueString:
        written = _WRITTEN.fullmatch(found.valueString.strip())
        if written is not None:
            return Quantity(comparator=written[1], value=float(written[2]), unit=written[3])
    return None if found.valueInteger is None else Quantity(value=found.valueInteger)


def _unit_of_range(ranges: list[Range]) -> str:
    """The unit of the laboratory's limits, which stands for that of the value where it has none."""
    units = {
        limit.measured_in()
        for one in ranges
        for limit in (one.low, one.high)
        if limit and limit.measured_in()
    }
    return units.pop() or "" if len(units) == 1 else ""


def _converted(test: str, unit: str) -> tuple[float, str]:
    key = unit.casefold().replace("µ", "u").replace("μ", "u").replace("mcg", "ug").replace(" ", "")
    factor, to = _table()["convert"].get(test, {}).get(key, (1.0, unit))
    return float(factor), str(to)


@lru_cache(1024)
def _unit(unit: str, test: str) -> str:
    """The unit as a record writes it: words become symbols, and every spelling of 1.73 m2 is one."""
    for word, symbol in _IN_WORDS:
        unit = re.sub(rf"\b{word}s?\b", symbol, unit, flags=re.IGNORECASE)
    unit = re.sub(r"\s*(?:\bper\b|/)\s*", "/", unit)
    if test == "eGFR" and _INDEXED.match(unit):
        return "mL/min/1.73m2"
    return _UNITS.get(unit, unit)


def measurement_lines(test: str, found: Observation) -> dict[str, Any]:
    """The lines of [[measurements]] that this Observation stands for."""
    date, clock = observed_day(found)
    limits = found.referenceRange[0] if found.referenceRange else None
    beside = _beside(found)
    lines = {
        "test": test,
        "site": _site(found, "bmd") if test == "BMD" else None,
        "value": quantity_text(found, test),
        "date": date,
        # The time on the laboratory's clock: what matters is morning or afternoon where the blood was taken.
        "time": clock[:5] or None,
        "fasting": beside.get("fasting"),
        "t_score": beside.get("t_score"),
        "assay": found.method.names()[0] if found.method and found.method.names() else None,
        "lab": found.performer[0].display if found.performer else None,
        "scanner": found.device.display if found.device else None,
        "reference_low": _limit_text(test, limits.low) if limits else None,
        "reference_high": _limit_text(test, limits.high) if limits else None,
    }
    return {key: value for key, value in lines.items() if value is not None}


def _limit_text(test: str, limit: Quantity | None) -> str | None:
    if limit is None or limit.value is None or limit.value <= 0:
        return None
    factor, unit = _converted(test, _unit(limit.measured_in() or "", test))
    return f"{limit.value if factor == 1.0 else limit.value * factor} {unit}".strip() if unit else None


def t_score_of(found: Observation) -> tuple[str, str, float]:
    """Site, day and value of a T-score."""
    quantity = _quantity(found)
    if quantity is None or quantity.value is None:
        raise UnreadError("the observation has no measured number")
    return _site(found, "t_score"), observed_day(found)[0], float(quantity.value)


def observed_day(found: Observation) -> tuple[str, str]:
    """Day and time of the clock at which it was observed. UnreadError without a day: none is made up."""
    moment = observed_at(found)
    if moment is None:
        raise UnreadError(f"{UNUSABLE}the observation has no effectiveDateTime")
    date, _, clock = moment.partition("T")
    if PARTIAL.fullmatch(date):
        raise UnreadError(f"its date, {date}, has no day")
    return date, clock


def observed_at(found: Observation) -> str | None:
    """When it was observed: the start of a period; when it was released only where nothing else is said."""
    period = found.effectivePeriod.start or found.effectivePeriod.end if found.effectivePeriod else None
    return found.effectiveDateTime or found.effectiveInstant or period or found.issued


def day_notes(found: Observation) -> Iterator[str]:
    """The note on the day of a value that was read."""
    period = found.effectivePeriod
    said = found.effectiveDateTime or found.effectiveInstant or (period and (period.start or period.end))
    if not said and found.issued:
        yield "when it was taken is not said: the day of its release stands for it"
    if found.status == "preliminary":
        yield "the result is preliminary"


def _site(found: Observation, kind: str) -> str:
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
    site = next((_table()[kind].get(coding.code) for coding in found.code.coding), None)
    if not site:
        choice = ", ".join(site_names())
        what = "BMD" if kind == "bmd" else "T-score"
        raise UnreadError(f"{UNUSABLE}the code does not say the site of this {what}; give bodySite: {choice}")
    return site


def _is_beside(part: Component) -> bool:
    own = {coding.code for coding in part.code.coding if coding.system == OWN_TEST}
    scored = any(coding.code in _table()["t_score"] for coding in part.code.coding)
    return bool(own & {"t_score", "fasting"}) or scored


def _beside(found: Observation) -> dict[str, Any]:
    """The T-score and the fasting mark, where components give them."""
    values: dict[str, Any] = {}
    for part in found.component:
        if not _is_beside(part):
            continue
        if part.valueQuantity is not None:
            values["t_score"] = part.valueQuantity.value
        elif part.valueBoolean is not None:
            values["fasting"] = part.valueBoolean
    return {key: value for key, value in values.items() if value is not None}
