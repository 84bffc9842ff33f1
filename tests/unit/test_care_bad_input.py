"""Records as they come from outside, read and checked: each fault is named, none crashes, nothing is invented."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bonecast.care import check
from bonecast.errors import InputError
from bonecast.interop import read_patient_bytes
from bonecast.interop.cds_hooks import answer
from bonecast.records import Patient

ROOT = Path(__file__).parents[2]
DAY = dt.date(2026, 9, 15)
RESOURCES = [
    entry["resource"]
    for entry in json.loads((ROOT / "examples" / "late-dose.fhir.json").read_text("utf-8"))["entry"]
]
PATIENT = next(one for one in RESOURCES if one["resourceType"] == "Patient")
OTHER = {"resourceType": "Observation", "status": "final", "code": {"text": "something else"}}


def read(*more: dict[str, Any], drop: str = "") -> Patient:
    resources = [one for one in RESOURCES if not drop or drop not in json.dumps(one)]
    bundle = {
        "resourceType": "Bundle",
        "timestamp": DAY.isoformat(),
        "entry": [{"resource": one} for one in (*resources, *more)],
    }
    return read_patient_bytes(json.dumps(bundle).encode(), "bundle.json", DAY)


def calcium(value: float, at: str, code: str = "17861-6", unit: str = "mmol/L") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": at,
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }


# A large Bundle


def test_ten_thousand_entries_are_read_and_what_was_ignored_is_listed():
    person = read(*({**OTHER, "id": str(i)} for i in range(10_000)))
    found = check(person, "next dose", "UK")
    assert len([one for one in person.skipped if "something else" in one.reason]) == 10_000
    assert found.outcome == check(read(), "next dose", "UK").outcome


# References that go round


def test_references_that_go_in_a_circle_end():
    first = {
        "resourceType": "MedicationRequest",
        "id": "a",
        "status": "active",
        "medicationReference": {"reference": "MedicationRequest/b"},
        "basedOn": [{"reference": "MedicationRequest/b"}],
    }
    second = {**first, "id": "b", "medicationReference": {"reference": "MedicationRequest/a"}}
    itself = {
        "resourceType": "MedicationAdministration",
        "id": "c",
        "status": "completed",
        "effectiveDateTime": "2026-01-01",
        "medicationReference": {"reference": "#m"},
        "contained": [
            {"resourceType": "Medication", "id": "m", "ingredient": [{"itemReference": {"reference": "#m"}}]}
        ],
    }
    person = read(first, second, itself)
    assert person.doses == read().doses
    assert len(person.skipped) >= len(read().skipped) + 3


# Codes, zones and dates


def test_unknown_codes_are_passed_over_with_their_name():
    strange = calcium(2.3, "2026-09-10", code="99999-9")
    condition = {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}], "text": "an odd disease"},
    }
    reasons = " ".join(one.reason for one in read(strange, condition).skipped)
    assert "an odd disease" in reasons
    assert len(read(strange, condition).skipped) == len(read().skipped) + 2


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-09-12T23:30:00-05:00", dt.date(2026, 9, 12)),
        ("2026-09-13T01:00:00+14:00", dt.date(2026, 9, 13)),
        ("2026-09-12T08:00:00Z", dt.date(2026, 9, 12)),
    ],
)
def test_a_sample_has_the_day_of_the_place_where_it_was_taken(at, day):
    found = [m for m in read(calcium(2.22, at)).measured("calcium") if m.value == 2.22]
    assert [m.date for m in found] == [day]


@pytest.mark.parametrize("at", ["someday", "2026-13-45"])
def test_a_date_that_is_none_costs_its_own_value_and_is_listed(at):
    person = read(calcium(2.22, at))
    assert person.measurements == read().measurements
    assert any(f"'{at}' cannot be read" in one.reason for one in person.skipped)


@pytest.mark.parametrize("at", ["2026", "2026-09"])
def test_a_value_with_a_partial_date_is_listed_and_no_day_is_made_up(at):
    person = read(calcium(2.22, at))
    assert person.measurements == read().measurements
    assert f"its date, {at}, has no day" in [one.reason for one in person.skipped]


def test_a_dose_with_a_partial_date_is_listed_and_the_check_says_that_a_drug_was_not_read():
    dose = {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "medicationCodeableConcept": {"text": "denosumab"},
        "effectiveDateTime": "2025-09",
        "dosage": {"dose": {"value": 60, "unit": "mg"}},
    }
    person = read(dose)
    assert [one.reason for one in person.skipped if one.is_drug] == [
        "cannot be used: the dose of denosumab has no day but 2025-09"
    ]
    assert "DQ-02" in {finding.rule for finding in check(person, "next dose", "UK").findings}


def test_a_record_without_a_weight_is_checked_all_the_same():
    person = read(drop="29463-7")
    assert person.weight_kg is None
    assert check(person, "next dose", "UK").findings


def test_creatinine_in_an_impossible_unit_is_listed_by_name():
    person = read(calcium(80, "2026-09-10", code="14682-9", unit="mmol/d"))
    assert any("creatinine is not read in 'mmol/d'" in one.reason for one in person.skipped)


# Liver tests come by LOINC


@pytest.mark.parametrize(
    ("code", "unit", "value", "test"),
    [
        ("1742-6", "U/L", 31.0, "ALT"),
        ("1920-8", "U/L", 28.0, "AST"),
        ("6768-6", "U/L", 80.0, "ALP"),
        ("2324-2", "U/L", 24.0, "GGT"),
        ("1975-2", "mg/dL", 0.7, "bilirubin"),
        ("14631-6", "umol/L", 12.0, "bilirubin"),
        ("6301-6", "1", 1.1, "INR"),
    ],
)
def test_liver_tests_are_known_by_their_loinc_code(code, unit, value, test):
    person = read(calcium(value, "2026-09-10", code=code, unit=unit))
    assert person.latest(test) is not None


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "resourceType",
    "id",
    "status",
    "code",
    "context",
    "entry",
    "effectiveDateTime",
    "medicationReference",
)
LOOSE = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5)
ORDER = st.fixed_dictionaries(
    {"resourceType": st.just("MedicationRequest")},
    optional={
        "medicationCodeableConcept": JSON,
        "medicationReference": JSON,
        "dosageInstruction": JSON,
        "contained": JSON,
        "id": JSON,
    },
)


@given(LOOSE, st.lists(ORDER | JSON, max_size=3), JSON)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_call_gives_cards_or_an_input_error(resource, orders, selections):
    context = {
        "userId": "Practitioner/1",
        "patientId": PATIENT["id"],
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": one} for one in orders]},
        "selections": selections,
    }
    call = {
        "hook": "order-sign",
        "hookInstance": "x",
        "context": context,
        "prefetch": {
            "patient": PATIENT,
            "administrations": None,
            "rest": resource,
            "more": {"resourceType": "Bundle", "entry": orders},
        },
    }
    try:
        made = answer("bonecast-order-sign", call, "UK", DAY)
    except InputError:
        return
    assert isinstance(made["cards"], list)
    assert all(card["summary"] for card in made["cards"])
