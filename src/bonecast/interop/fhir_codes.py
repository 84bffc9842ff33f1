"""Facts of a person that FHIR says by code or name: conditions, allergies, procedures, requests, medicines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.drugs import find_drug
from bonecast.errors import printable
from bonecast.interop.fhir_medication import name_in
from bonecast.interop.fhir_observation import UnreadError
from bonecast.interop.fhir_resources import Allergy, Concept, Condition, Procedure, ServiceRequest

SNOMED = "http://snomed.info/sct"
ICD10 = ("http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm")
_PRESENT = ("active", "recurrence", "relapse")
_DOUBTFUL = ("refuted", "entered-in-error")

Said = tuple[str, object]  # the fact's key, and its value


def condition_fact(found: Condition) -> Said:
    """The fact that a Condition says. Raises UnreadError for other conditions, past and refuted ones."""
    _check_certain(found.verificationStatus)
    clinical = _codes(found.clinicalStatus)
    row = _row("condition", found.code)
    if clinical and not clinical & set(_PRESENT) and not str(row["fact"]).startswith("prior_"):
        raise UnreadError(f"the condition is {', '.join(sorted(clinical))}")
    return row["fact"], row.get("value", True)


def allergy_fact(found: Allergy) -> Said:
    """The fact that an AllergyIntolerance says: denosumab or latex."""
    _check_certain(found.verificationStatus)
    names = found.code.names() if found.code else []
    for name in names:
        if "latex" in name.casefold():
            return "latex_allergy", True
        if _is_denosumab(name):
            return "hypersensitivity_denosumab", True
    raise UnreadError(f"the allergy ({_named(found.code)}) is not one that Bonecast reads")


def procedure_fact(found: Procedure) -> Said:
    """The fact that a Procedure that was done says."""
    row = _row("procedure", found.code)
    if found.status not in ("completed", "in-progress"):
        raise UnreadError(f"the procedure has the status '{printable(found.status)}'")
    return row["fact"], row.get("value", True)


def request_fact(found: ServiceRequest) -> Said:
    """The fact that a planned procedure says."""
    row = _row("request", found.code)
    if found.status not in ("active", "draft", "on-hold"):
        raise UnreadError(f"the request has the status '{printable(found.status)}'")
    return row["fact"], row.get("value", True)


def medicine_fact(names: Iterable[str]) -> Said | None:
    """The fact that taking this medicine says; None where it says none."""
    told = " ".join(names).casefold()[:1000]
    words = set(re.findall(r"[a-z]+", told))
    if any(word.startswith(tuple(_table()["local"]["words"])) for word in words):
        return None
    return next(((row["fact"], True) for row in _table()["medicine"] if words & set(row["names"])), None)


def _row(kind: str, code: Concept | None) -> dict[str, Any]:
    """The row of the table that a code or name belongs to."""
    for coding in code.coding if code else []:
        for row in _table()[kind]:
            known = row.get("icd10", []) if coding.system in ICD10 else []
            if coding.code and any(coding.code.startswith(prefix) for prefix in known):
                return row
            if coding.system == SNOMED and coding.code in row["snomed"]:
                return row
    told = " ".join(code.names()).casefold() if code else ""
    for row in _table()[kind]:
        if any(name in told for name in row.get("names", [])):
            return row
    raise UnreadError(f"the {kind} ({_named(code)}) is not one that Bonecast reads, so it is not read")


def _check_certain(status: Concept | None) -> None:
    doubtful = _codes(status) & set(_DOUBTFUL)
    if doubtful:
        raise UnreadError(f"it is {', '.join(doubtful)}")


def _codes(concept: Concept | None) -> set[str]:
    return {coding.code for coding in concept.coding if coding.code} if concept else set()


def _named(code: Concept | None) -> str:
    return printable(", ".join(code.names()[:2]) or "without a code") if code else "without a code"


def _is_denosumab(text: str) -> bool:
    name = name_in([text])
    return name is not None and find_drug(name).generic == "denosumab"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.interop") / "fhir_facts.toml").read_text("utf-8"))
