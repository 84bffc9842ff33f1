"""Facts of a person that FHIR says by code or name: conditions, allergies, procedures, requests, medicines."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.errors import printable
from bonecast.interop.fhir_observation import UnreadError
from bonecast.interop.fhir_products import product_of, system_kind
from bonecast.interop.fhir_resources import (
    Allergy,
    Coding,
    Concept,
    Condition,
    FamilyHistory,
    Procedure,
    ServiceRequest,
)
from bonecast.interop.fhir_words import Sense, sense_of, sense_of_whole
from bonecast.records import UNUSABLE

_PRESENT = {"active", "recurrence", "relapse"}
_DOUBTFUL = ("refuted", "entered-in-error", "unconfirmed", "provisional", "differential")
_SENSES = {
    "denied": "says that there is none",
    "doubtful": "is suspected only",
    "past": "is past",
    "family": "is about a relative",
    "other": "is something else than having it",
}
TRANSPLANT = "kidney_transplant"  # a claim that is no fact: it ends a dialysis before it


@dataclass(frozen=True)
class CodedFact:
    """One fact that a resource says: its key and value, and the day from which it says so, where it gives one."""

    key: str
    value: object
    day: str = ""


def condition_facts(found: Condition, record_day: str) -> list[CodedFact]:
    """The facts that a Condition says, by any of its codings. Raises UnreadError for others, past and doubtful ones."""
    doubtful = (found.verificationStatus.codes() if found.verificationStatus else set()) & set(_DOUBTFUL)
    if doubtful & {"refuted", "entered-in-error"}:
        raise UnreadError(f"it is {', '.join(sorted(doubtful))}")
    rows = _rows("condition", found.code)
    if doubtful:
        if any(row["fact"] == "pregnancy_status" for row, _ in rows):
            return [CodedFact("pregnancy_status", "untested", _day_in(found.since))]
        raise UnreadError(f"it is {', '.join(sorted(doubtful))}")
    clinical = found.clinicalStatus.codes() if found.clinicalStatus else set()
    over = bool(clinical and not clinical & _PRESENT) or (not clinical and found.ended)
    claims, why = [], ""
    for row, sense in rows:
        past = over or sense == "past"
        if past and row.get("value") == "ONJ_active":
            claims.append(CodedFact("onj_jaw_resolved", True))
        elif past and not row.get("ever"):
            why = f"the condition is {', '.join(sorted(clinical)) or 'past'}"
        elif reason := _too_old(row, found.since, record_day):
            why = reason
        else:
            claims.append(CodedFact(row["fact"], row.get("value", True), _day_in(found.since)))
    if not claims:
        raise UnreadError(why)
    return claims


def allergy_fact(found: Allergy) -> CodedFact:
    """The fact that an AllergyIntolerance says: denosumab or latex."""
    codes = found.code.codes() if found.code else set()
    verified = found.verificationStatus.codes() if found.verificationStatus else set()
    if verified & set(_DOUBTFUL):
        raise UnreadError(f"it is {', '.join(sorted(verified & set(_DOUBTFUL)))}")
    past = (found.clinicalStatus.codes() if found.clinicalStatus else set()) & {"inactive", "resolved"}
    if past:
        raise UnreadError(f"the allergy is {', '.join(sorted(past))}")
    if _table()["negation"]["no_latex_allergy"] in codes:
        return CodedFact("latex_allergy", False)
    _check_not_negated(found.code)
    words = found.code.words() if found.code else []
    known = product_of(found.code) if found.code else None
    if known is not None and known.drug.generic == "denosumab":
        return CodedFact("hypersensitivity_denosumab", True)
    latex = {
        code for row in _table()["condition"] if row["fact"] == "latex_allergy" for code in row["snomed"]
    }
    if any(re.search(r"l[aá]tex", word.casefold()) for word in words) or codes & latex:
        return CodedFact("latex_allergy", True)
    raise UnreadError(f"the allergy ({_named(found.code)}) is not one that Bonecast reads")


def procedure_facts(found: Procedure, record_day: str) -> list[CodedFact]:
    """The facts that a Procedure says which was done lately or goes on."""
    rows = _rows("procedure", found.code)
    if found.status not in ("completed", "in-progress"):
        raise UnreadError(f"the procedure has the status '{printable(found.status)}'")
    period, when = found.performedPeriod, found.when
    going_on = found.status == "in-progress" or (period is not None and period.end is None)
    for row, sense in rows:
        if sense != "present":
            raise UnreadError(f"'{_named(found.code)}' {_SENSES[sense]}")
        if when and not going_on and (reason := _too_old(row, when, record_day)):
            raise UnreadError(reason)
    return [CodedFact(row["fact"], row.get("value", True), _day_in(when)) for row, _ in rows]


def request_facts(found: ServiceRequest, record_day: str) -> list[CodedFact]:
    """The facts that a procedure says which is planned."""
    rows = _rows("request", found.code)
    if found.intent in ("proposal", "option"):
        raise UnreadError(f"it is a {found.intent}: nobody has ordered it")
    if found.status not in ("active", "draft", "on-hold"):
        raise UnreadError(f"the request has the status '{printable(found.status)}'")
    period = found.occurrencePeriod
    when = found.occurrenceDateTime or (period.end or period.start if period else None)
    if when and len(when) >= 10 and when[:10] < record_day:
        raise UnreadError(f"it was planned for {printable(when[:10])}: whether it was done is not said")
    return [CodedFact(row["fact"], row.get("value", True)) for row, sense in rows if sense == "present"]


def family_facts(found: FamilyHistory) -> list[CodedFact]:
    """A parent's broken hip: the only thing of a relative that is read."""
    if found.status == "entered-in-error":
        raise UnreadError("it is entered-in-error")
    words = " ".join(found.relationship.names() if found.relationship else []).casefold()
    is_parent = re.search(r"\b(mth|fth|prn|mother|father|parent|mutter|vater|madre|padre)\b", words)
    for one in found.condition if is_parent else []:
        try:
            if any(row["fact"] == "prior_hip_fracture" for row, _ in _rows("condition", one.code)):
                return [CodedFact("parental_hip_fracture", True)]
        except UnreadError:
            continue
    raise UnreadError("of relatives only a parent's hip fracture is read")


def medicine_fact(code: Concept) -> CodedFact | None:
    """The fact that taking this medicine says; None where it says none. A code from memory alone says none."""
    text = " ".join(code.words()).casefold()[:1000]
    words = set(re.findall(r"\w+", text))
    if any(word.startswith(tuple(_table()["local"]["words"])) for word in words):
        return None
    for row in _table()["medicine"]:
        coded = any(
            coding.code in row.get(system_kind(coding.system) or "", ())
            and coding.code not in row.get("recalled", ())
            for coding in code.coding
        )
        if coded or words & set(row["names"]):
            return CodedFact(row["fact"], True)
    return None


def worst(key: str, values: Iterable[object]) -> object:
    """The value that counts of several for one fact: yes before no, the graver, the higher."""
    kept = list(values)
    order = _table()["worse"].get(key)
    if order:
        return min(kept, key=lambda one: order.index(one) if one in order else len(order))
    return max(
        kept, key=lambda one: (isinstance(one, int | float), one if isinstance(one, int | float) else 0)
    )


def _rows(kind: str, code: Concept | None) -> list[tuple[dict[str, Any], Sense]]:
    """The rows of the table to which any coding or name belongs, and in which sense; UnreadError without one."""
    texts = [text[:500] for text in code.words()] if code else []
    whole = sense_of_whole(texts)
    found: dict[int, tuple[dict[str, Any], Sense]] = {}
    refused: Sense = "present"
    unverified = ""
    for number, row in enumerate(_table()[kind]):
        named = _sense_of_names(row, texts)
        coded = any(_is_of(row, coding) for coding in (code.coding if code else []))
        sense = named
        if coded and named is None:
            sense = "present" if row.get("denies") or (row.get("family") and whole == "family") else whole
        elif named is None:
            if any(coding.code in row.get("recalled", ()) for coding in (code.coding if code else [])):
                unverified = row["fact"]
            continue
        if sense in ("present", "past") and (
            whole in ("present", "past") or row.get("denies") or row.get("family")
        ):
            found[number] = (row, "past" if "past" in (sense, whole) else "present")
        else:
            refused = sense if sense not in (None, "present", "past") else whole
    if found:
        return list(found.values())
    if refused != "present":
        raise UnreadError(f"'{_named(code)}' {_SENSES[refused]}")
    _check_not_negated(code)
    if unverified:
        cause = f"{UNUSABLE}the code of '{_named(code)}' is known from memory only (unverified)"
        raise UnreadError(f"{cause}; is it {unverified.replace('_', ' ')}?")
    raise UnreadError(f"the {kind} ({_named(code)}) is not one that Bonecast reads, so it is not read")


def _sense_of_names(row: dict[str, Any], texts: list[str]) -> Sense | None:
    """In which sense the texts name what a row is of; None where none does. Any refusal counts."""
    senses: list[Sense] = []
    for text in texts:
        lower = text.casefold()
        if any(pattern.search(lower) for pattern in _compiled(tuple(row.get("not", ())))):
            continue
        for pattern in _compiled(tuple(row.get("names", ()))):
            match = pattern.search(lower)
            if match:
                senses.append("present" if row.get("family") else sense_of(lower, *match.span()))
                break
    if not senses:
        return None
    return max(senses, key=lambda one: 0 if one == "present" else 1 if one == "past" else 2)


@cache
def _compiled(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(name, re.IGNORECASE) for name in names)


def _is_of(row: dict[str, Any], coding: Coding) -> bool:
    """Does this coding belong to the row? ICD-10 codes are compared without their dots."""
    kind = system_kind(coding.system)
    if not coding.code or kind is None:
        return False
    if kind == "icd10":
        bare = coding.code.replace(".", "").upper()
        begins = [prefix.replace(".", "") for prefix in row.get("icd10", ())]
        others = tuple(prefix.replace(".", "") for prefix in row.get("except", ()))
        return (
            bare.startswith(tuple(begins)) and not (others and bare.startswith(others)) if begins else False
        )
    return coding.code in row.get(kind, ())


def _check_not_negated(code: Concept | None) -> None:
    """Refuse "no known allergy" and what is denied or somebody else's."""
    if code is None:
        return
    absent = any((coding.system or "").endswith("absent-unknown-uv-ips") for coding in code.coding)
    if absent or code.codes() & set(_table()["negation"]["snomed"]):
        raise UnreadError(f"'{_named(code)}' says that there is none")
    whole = sense_of_whole(code.words())
    denied = any(
        re.search(r"\b(?:no|none|negative|denied|nein|keine?)\W*$", text.casefold()) for text in code.words()
    )
    if whole != "present" or denied:
        raise UnreadError(f"'{_named(code)}' {_SENSES['denied' if denied else whole]}")


def _too_old(row: dict[str, Any], when: str | None, record_day: str) -> str:
    """Why the day of this says nothing of today; empty where it does."""
    if not when:
        return "its day is not said" if row.get("dated") else ""
    if days_before(record_day, when) > row.get("within_d", math.inf):
        return f"it was on {printable(when[:10])}: that says nothing of today"
    return ""


def days_before(record_day: str, moment: str) -> float:
    """Days from this moment to the day of the record; a month or year counts from its first day."""
    parts = [*moment.partition("T")[0].split("-"), "01", "01"][:3]
    try:
        return (dt.date.fromisoformat(record_day) - dt.date.fromisoformat("-".join(parts))).days
    except ValueError:
        return math.inf


def _day_in(moment: str | None) -> str:
    return moment.partition("T")[0] if moment else ""


def _named(code: Concept | None) -> str:
    return printable(", ".join(code.names()[:2]) or "without a code") if code else "without a code"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.interop") / "fhir_facts.toml").read_text("utf-8"))
