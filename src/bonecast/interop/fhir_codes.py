"""Facts of a person that FHIR says by code or name: conditions, allergies, procedures, requests, medicines."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterable
from functools import cache, partial
from importlib.resources import files
from typing import Any

from bonecast.errors import printable
from bonecast.interop.fhir_observation import UnreadError
from bonecast.interop.fhir_products import product_of
from bonecast.interop.fhir_resources import Allergy, Coding, Concept, Condition, Procedure, ServiceRequest

SNOMED = "http://snomed.info/sct"
ICD10 = (
    "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "urn:oid:2.16.840.1.113883.6.90",
)
_PRESENT = ("active", "recurrence", "relapse")
_DOUBTFUL = ("refuted", "entered-in-error", "unconfirmed", "provisional", "differential")

Said = tuple[str, object]  # the fact's key, and its value


def condition_facts(found: Condition) -> list[Said]:
    """The facts that a Condition says, by any of its codings. Raises UnreadError for others, past and doubtful ones."""
    _check_certain(found.verificationStatus)
    clinical = _codes(found.clinicalStatus)
    if not clinical and found.abatementDateTime:
        clinical = {"resolved"}
    rows = _rows("condition", found.code)
    if clinical and not clinical & set(_PRESENT):
        rows = [row for row in rows if str(row["fact"]).startswith("prior_")]
        if not rows:
            raise UnreadError(f"the condition is {', '.join(sorted(clinical))}")
    return [(row["fact"], row.get("value", True)) for row in rows]


def allergy_fact(found: Allergy) -> Said:
    """The fact that an AllergyIntolerance says: denosumab or latex."""
    _check_certain(found.verificationStatus)
    past = _codes(found.clinicalStatus) & {"inactive", "resolved"}
    if past:
        raise UnreadError(f"the allergy is {', '.join(past)}")
    _check_not_negated(found.code)
    names = found.code.names() if found.code else []
    known = product_of(found.code) if found.code else None
    if known is not None and known.drug.generic == "denosumab":
        return "hypersensitivity_denosumab", True
    if any("latex" in name.casefold() for name in names) or _codes(found.code) & _codes_of("latex_allergy"):
        return "latex_allergy", True
    raise UnreadError(f"the allergy ({_named(found.code)}) is not one that Bonecast reads")


def procedure_facts(found: Procedure, record_day: str) -> list[Said]:
    """The facts that a Procedure says which was done lately or goes on."""
    _check_not_negated(found.code)
    rows = _rows("procedure", found.code)
    if found.status not in ("completed", "in-progress"):
        raise UnreadError(f"the procedure has the status '{printable(found.status)}'")
    period = found.performedPeriod
    when = found.performedDateTime or (period.end or period.start if period else None)
    going_on = found.status == "in-progress" or (period is not None and period.end is None)
    for row in rows:
        if when and not going_on and days_before(record_day, when) > row.get("within_d", math.inf):
            raise UnreadError(f"it was done on {printable(when[:10])}: that says nothing of today")
    return [(row["fact"], row.get("value", True)) for row in rows]


def request_facts(found: ServiceRequest) -> list[Said]:
    """The facts that a planned procedure says."""
    rows = _rows("request", found.code)
    if found.status not in ("active", "draft", "on-hold"):
        raise UnreadError(f"the request has the status '{printable(found.status)}'")
    return [(row["fact"], row.get("value", True)) for row in rows]


def medicine_fact(names: Iterable[str]) -> Said | None:
    """The fact that taking this medicine says; None where it says none."""
    told = " ".join(names).casefold()[:1000]
    words = set(re.findall(r"[a-z]+", told))
    if any(word.startswith(tuple(_table()["local"]["words"])) for word in words):
        return None
    return next(((row["fact"], True) for row in _table()["medicine"] if words & set(row["names"])), None)


def _rows(kind: str, code: Concept | None) -> list[dict[str, Any]]:
    """The rows of the table that any coding belongs to, or else the name."""
    found = [row for row in _table()[kind] if any(map(partial(_is_of, row), code.coding if code else []))]
    if found:
        return found
    names = " ".join(code.names()).casefold() if code else ""
    words = set(re.findall(r"[a-z]+", names))
    if not words & {*_table()["not_now"]["words"], *_table()["negation"]["words"]}:
        for row in _table()[kind]:
            if any(name in names for name in row.get("names", [])):
                return [row]
    raise UnreadError(f"the {kind} ({_named(code)}) is not one that Bonecast reads, so it is not read")


def _is_of(row: dict[str, Any], coding: Coding) -> bool:
    """Does this coding belong to the row? ICD-10 codes are compared without their dots."""
    if not coding.code:
        return False
    if coding.system in ICD10:
        plain = coding.code.replace(".", "")
        return any(plain.startswith(prefix.replace(".", "")) for prefix in row.get("icd10", []))
    return coding.system == SNOMED and coding.code in row["snomed"]


def _codes_of(fact: str) -> set[str]:
    return {code for row in _table()["condition"] if row["fact"] == fact for code in row["snomed"]}


def _check_not_negated(code: Concept | None) -> None:
    """Refuse "no known allergy" and what was removed or is past."""
    table = _table()
    texts = [code.text or "", *(coding.display or "" for coding in code.coding)] if code else []
    words = set(re.findall(r"[a-z]+", " ".join(texts).casefold()))
    absent = (
        any((coding.system or "").endswith("absent-unknown-uv-ips") for coding in code.coding)
        if code
        else False
    )
    if absent or _codes(code) & set(table["negation"]["snomed"]) or words & set(table["negation"]["words"]):
        raise UnreadError(f"'{_named(code)}' says that there is none")


def days_before(record_day: str, moment: str) -> float:
    """Days from this moment to the day of the record; a month or year counts from its first day."""
    parts = [*moment.partition("T")[0].split("-"), "01", "01"][:3]
    try:
        return (dt.date.fromisoformat(record_day) - dt.date.fromisoformat("-".join(parts))).days
    except ValueError:
        return math.inf


def _check_certain(status: Concept | None) -> None:
    doubtful = _codes(status) & set(_DOUBTFUL)
    if doubtful:
        raise UnreadError(f"it is {', '.join(doubtful)}")


def _codes(concept: Concept | None) -> set[str]:
    return {coding.code for coding in concept.coding if coding.code} if concept else set()


def _named(code: Concept | None) -> str:
    return printable(", ".join(code.names()[:2]) or "without a code") if code else "without a code"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.interop") / "fhir_facts.toml").read_text("utf-8"))
