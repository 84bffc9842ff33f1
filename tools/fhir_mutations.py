"""FHIR Bundles that were changed at random: nothing crashes, and nothing of somebody else or denied enters a record.

    python tools/fhir_mutations.py                                 2,000 Bundles
    python tools/fhir_mutations.py --examples 100000 --seed 7      as every night
    python tools/fhir_mutations.py --seed 7 --first 37 --examples 1    one Bundle again

`make test` tries 2,000 that Hypothesis makes, which makes a failure small.

A Bundle is made of entries that count, and of entries that must not: about another person, denied, withdrawn, or with a
meaning that is changed. Of the latter everything may be altered but what makes them so. Three things hold:

* what must not count adds nothing: the record is that of the other entries alone;
* whatever is altered in whatever entry, the answer is a record or a sentence, and of the record the check is made;
* with the Patient left alone it is a record: one odd cell never costs the rest.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bonecast.care import check
from bonecast.errors import InputError
from bonecast.interop import read_patient_bytes
from bonecast.records import Patient

TODAY = dt.date(2026, 10, 1)
TIMESTAMP = "2026-09-15T10:00:00Z"
HER = {
    "resourceType": "Patient",
    "id": "A1",
    "identifier": [{"system": "urn:example:mrn", "value": "4711"}],
    "gender": "female",
    "birthDate": "1955-02-10",
}
LOINC, SNOMED, ICD10 = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
Entry = dict[str, Any]


def concept(text: str, system: str = "", code: str = "") -> Entry:
    """A CodeableConcept."""
    return {"text": text} | ({"coding": [{"system": system, "code": code}]} if code else {})


def result(code: str, value: float, unit: str) -> Entry:
    """An Observation."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept("test", LOINC, code),
        "effectiveDateTime": "2026-03-04",
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


def medicine(kind: str, text: str, **more: Any) -> Entry:
    """A resource about a medicine."""
    return {"resourceType": kind, "medicationCodeableConcept": concept(text), **more}


# What may be in a Bundle, each with the key that says whom it is about. No two say the same.
ENTRIES: tuple[Entry, ...] = (
    result("17861-6", 2.31, "mmol/L"),
    result("29265-6", 2.02, "mmol/L"),
    result("2160-0", 81.0, "umol/L"),
    result("1989-3", 61.0, "nmol/L"),
    result("41171-0", 0.31, "ng/mL"),
    result("29463-7", 61.0, "kg"),
    result("46278-8", 0.71, "g/cm2"),
    medicine(
        "MedicationAdministration", "Prolia 60 mg", status="completed", effectiveDateTime="2025-03-04",
        dosage={"dose": {"value": 60, "unit": "mg"}},
    ),
    medicine(
        "MedicationStatement", "denosumab 60 mg", status="completed", effectiveDateTime="2024-08-20",
        dosage=[{"doseAndRate": [{"doseQuantity": {"value": 60, "unit": "mg"}}]}],
    ),
    medicine(
        "MedicationStatement", "alendronate 70 mg tablet", status="completed",
        effectivePeriod={"start": "2019-01-07", "end": "2021-01-04"},
        dosage=[
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}},
                "doseAndRate": [{"doseQuantity": {"value": 70, "unit": "mg"}}],
            }
        ],
    ),
    medicine("MedicationRequest", "prednisolone 5 mg", status="active", intent="order", authoredOn="2026-09-01"),
    {
        "resourceType": "Immunization", "status": "completed", "vaccineCode": concept("Prolia 60 mg"),
        "occurrenceDateTime": "2023-06-01",
    },
    {"resourceType": "Procedure", "status": "in-progress", "code": concept("Hemodialysis", SNOMED, "302497006")},
    {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order",
        "code": concept("Tooth extraction"), "occurrenceDateTime": "2026-10-20",
    },
    {
        "resourceType": "Condition", "code": concept("Type 2 diabetes mellitus", ICD10, "E11.9"),
        "clinicalStatus": concept("active", CLINICAL, "active"),
        "verificationStatus": concept("confirmed", VERIFIED, "confirmed"),
    },
    {
        "resourceType": "Condition", "code": concept("Rheumatoid arthritis"),
        "clinicalStatus": concept("active", CLINICAL, "active"),
    },
    {
        "resourceType": "AllergyIntolerance", "code": concept("Prolia"),
        "clinicalStatus": concept("active", CLINICAL, "active"),
    },
    {
        "resourceType": "FamilyMemberHistory", "status": "completed", "relationship": concept("mother"),
        "condition": [{"code": concept("Hip fracture")}],
    },
)  # fmt: skip
_ABOUT = {"AllergyIntolerance": "patient", "FamilyMemberHistory": "patient", "Immunization": "patient"}
OTHERS: tuple[Entry, ...] = (
    {"reference": "Patient/B2"},
    {"reference": "Patient/B2", "display": "Patient/A1"},
    {"reference": "urn:uuid:7c1f6ad4-55a8-4a52-9d42-8d2f0f64a111"},
    {"reference": "https://elsewhere.example/fhir/Patient/B2"},
    {"reference": "https://elsewhere.example/fhir/Patient/B2/_history/3"},
    {"reference": "Group/A1"},
    {"reference": "RelatedPerson/A1"},
    {"reference": "#inside"},
    {"identifier": {"system": "urn:example:mrn", "value": "0815"}},
    {"display": "somebody"},
)
# The status that says that it does not count, by type.
WITHDRAWN: dict[str, tuple[str, ...]] = {
    "Observation": ("entered-in-error", "cancelled", "registered", "unknown"),
    "MedicationAdministration": ("entered-in-error", "not-done", "on-hold", "in-progress", "unknown"),
    "MedicationStatement": ("entered-in-error", "not-taken", "intended", "on-hold", "unknown"),
    "MedicationRequest": ("entered-in-error", "cancelled", "draft", "stopped"),
    "Immunization": ("entered-in-error", "not-done"),
    "Procedure": ("entered-in-error", "not-done", "preparation", "unknown"),
    "ServiceRequest": ("entered-in-error", "revoked", "unknown"),
    "FamilyMemberHistory": ("entered-in-error",),
}
_DENIALS = ("No {}", "Denies {}", "Kein {}", "Sin {}", "{} ruled out", "Family history of {}", "Suspected {}")
_DO_NOT = "http://hl7.org/fhir/StructureDefinition/request-doNotPerform"
CHANGED_MEANING: tuple[Entry, ...] = (
    {"doNotPerform": True},
    {"wasNotGiven": True},
    {"wasNotTaken": True},
    {"modifierExtension": [{"url": _DO_NOT, "valueBoolean": True}]},
    {"modifierExtension": [{"url": "https://elsewhere.example/changes", "valueCode": "x"}]},
    {"implicitRules": "https://elsewhere.example/rules"},
    {"focus": [{"reference": "RelatedPerson/baby"}]},
)
JUNK: tuple[Any, ...] = (
    None, "", " ", "x", 0, -1, 1e308, True, [], {}, [None], [{}], {"value": 1}, {"text": "No"}, [[]], "2026", "2026-13",
    "0001-01-01", "9999-12-31T23:59:59+14:00", "Patient/A1", "#", {"reference": 3}, "final", "é" * 30, "٣", "60 mg",
    {"coding": "x"}, {"coding": [3]}, {"code": "mg", "value": "sixty"},
)  # fmt: skip


class Choices:
    """Where the choices of a Bundle come from: here a random generator."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return self.rng.randint(low, high)

    def one_of(self, values: Sequence[Any]) -> Any:
        """One of these."""
        return values[self.number(0, len(values) - 1)]

    def yes(self) -> bool:
        """Yes or no."""
        return self.number(0, 1) == 1

    def some_of(self, count: int) -> list[int]:
        """One to six different numbers below count."""
        left = list(range(count))
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(self.number(1, 6))]


class Drawn(Choices):
    """Choices that Hypothesis makes."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return self.draw(st.integers(low, high))


def bundle(pick: Choices) -> tuple[list[Entry], list[Entry]]:
    """Entries that count, and entries that must not, altered in everything but what makes them so."""
    chosen = pick.some_of(len(ENTRIES))
    cut = pick.number(0, len(chosen) - 1)
    counted = [_hers(copy.deepcopy(ENTRIES[number])) for number in chosen[:cut]]
    return counted, [_must_not_count(pick, ENTRIES[number]) for number in chosen[cut:]]


def altered(pick: Choices) -> tuple[list[Entry], bool]:
    """Resources of any kind, altered anywhere; and whether the Patient was left alone."""
    counted, others = bundle(pick)
    person, entries = copy.deepcopy(HER), [*counted, *others]
    for entry in entries:
        _alter(pick, entry, frozenset(("resourceType",)))
    if len(entries) > 1 and pick.yes():
        _exchange(pick, entries)
    intact = pick.number(0, 3) > 0
    if not intact:
        _alter(pick, person, frozenset(("resourceType",)))
    place = pick.number(0, len(entries))
    return [*entries[:place], person, *entries[place:]], intact


def _must_not_count(pick: Choices, template: Entry) -> Entry:
    """This entry as something that must not count."""
    made = _hers(copy.deepcopy(template))
    kind, about = made["resourceType"], _ABOUT.get(made["resourceType"], "subject")
    ways: list[Callable[[], frozenset[str]]] = [lambda: _of_another(pick, made, about)]
    ways.append(lambda: _with(made, pick.one_of(CHANGED_MEANING)))
    if kind in WITHDRAWN:
        ways.append(lambda: _with(made, {"status": pick.one_of(WITHDRAWN[kind])}))
    if kind in ("Condition", "AllergyIntolerance"):
        code = pick.one_of(("refuted", "entered-in-error", "unconfirmed", "differential"))
        ways.append(lambda: _with(made, {"verificationStatus": concept(code, VERIFIED, code)}))
        said = pick.one_of(_DENIALS).format(made["code"]["text"])
        ways.append(lambda: _with(made, {"code": made["code"] | {"text": said}}))
    if kind in ("MedicationRequest", "ServiceRequest"):
        ways.append(lambda: _with(made, {"intent": pick.one_of(("proposal", "option"))}))
    kept = pick.one_of(ways)()
    _alter(pick, made, kept | {"resourceType"})
    return made


def _hers(entry: Entry) -> Entry:
    return entry | {_ABOUT.get(entry["resourceType"], "subject"): {"reference": "Patient/A1"}}


def _with(made: Entry, more: Entry) -> frozenset[str]:
    """Lay more over an entry; which keys must then stay."""
    made |= copy.deepcopy(more)
    return frozenset(more)


def _of_another(pick: Choices, made: Entry, about: str) -> frozenset[str]:
    pointer = pick.one_of(OTHERS)
    made[about] = copy.deepcopy(pointer)
    if pointer.get("reference") == "#inside":
        stranger = {"identifier": [{"system": "urn:example:mrn", "value": "0815"}]}
        made["contained"] = [{"resourceType": "Patient", "id": "inside", **stranger}]
    # `subject` is asked before `patient`, so neither may appear beside the other.
    return frozenset(("subject", "patient", "contained"))


def _places(value: Any, kept: frozenset[str]) -> list[tuple[Any, Any]]:
    """Each container with a key or index in it, down the tree; not what must be kept."""
    pairs = (
        [*value.items()]
        if isinstance(value, dict)
        else [*enumerate(value)]
        if isinstance(value, list)
        else []
    )
    found = [(value, key) for key, _ in pairs if key not in kept]
    for key, part in pairs:
        if key not in kept:
            found += _places(part, frozenset())
    return found


def _alter(pick: Choices, entry: Entry, kept: frozenset[str]) -> None:
    """Remove or exchange up to three parts of an entry."""
    for _ in range(pick.number(0, 3)):
        places = _places(entry, kept)
        if not places:
            return
        holder, key = pick.one_of(places)
        if pick.yes():
            del holder[key]
        else:
            holder[key] = copy.deepcopy(pick.one_of(JUNK))


def _exchange(pick: Choices, entries: list[Entry]) -> None:
    """Exchange one field of two entries."""
    one, other = entries[0], entries[1]
    keys = sorted((set(one) | set(other)) - {"resourceType"})
    if keys:
        key = pick.one_of(keys)
        here, there = one.pop(key, None), other.pop(key, None)
        if there is not None:
            one[key] = there
        if here is not None:
            other[key] = here


def read(resources: list[Entry]) -> Patient:
    """The record of these resources."""
    bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": TIMESTAMP}
    content = bundle | {"entry": [{"resource": one} for one in resources]}
    return read_patient_bytes(json.dumps(content).encode(), "b.json", TODAY)


def adds_nothing(pick: Choices) -> None:
    """What must not count adds no dose, result or fact."""
    counted, others = bundle(pick)
    alone, both = read([HER, *counted]), read([HER, *others, *counted])
    assert replace(both, skipped=()) == replace(alone, skipped=()), json.dumps(others)


def is_answered(pick: Choices) -> None:
    """A record or a sentence; a record where the Patient was left alone. Some are checked too."""
    resources, intact = altered(pick)
    refusal, person = "", None
    try:
        person = read(resources)
    except InputError as error:
        refusal = str(error)
    assert not (intact and refusal), f"{refusal}: {json.dumps(resources)}"
    if person is not None and pick.number(0, 9) == 0:
        assert check(person).state


PROPERTIES: dict[str, Callable[[Choices], None]] = {
    "nothing of another person or denied": adds_nothing,
    "no crash, and one odd cell never costs the rest": is_answered,
}


def hold(prove: Callable[[Choices], None], examples: int) -> int:
    """Try a property on Bundles that Hypothesis makes, always the same ones; how many were tried."""
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        nonlocal count
        count += 1
        prove(Drawn(data.draw))

    tried()
    return count


def failures_of(prove: Callable[[Choices], None], name: str, run: int, numbers: range) -> list[str]:
    """Try a property on the Bundles of these numbers; what failed, each with its number."""
    found = []
    for number in numbers:
        try:
            prove(Choices(random.Random(f"{run} {name} {number}")))
        except Exception as error:
            found.append(f"{name}, --seed {run} --first {number}: {type(error).__name__}: {error}")
    return found


def main() -> int:
    """Try each property on its half of the Bundles."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=2_000, help="Bundles in all")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--seed", type=int, default=1, help="other Bundles")
    asked = parser.parse_args()
    failed = 0
    for name, prove in PROPERTIES.items():
        start, count = time.process_time(), max(asked.examples // len(PROPERTIES), 1)
        found = failures_of(prove, name, asked.seed, range(asked.first, asked.first + count))
        failed += len(found)
        print(*found[:20], sep="\n", end="\n" if found else "")
        took = time.process_time() - start
        print(f"{name}: {count:,} Bundles, {len(found)} failed, {took:.0f} s of processor time", flush=True)
    return 2 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
