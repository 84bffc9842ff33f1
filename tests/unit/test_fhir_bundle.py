"""What a FHIR R4 Bundle says, what is passed over, and what is refused."""

import copy
import datetime as dt
import json
from pathlib import Path

import pytest

from bonecast.core import RecordError
from bonecast.errors import InputError
from bonecast.interop import read_patient, read_patient_bytes
from bonecast.interop.fhir_observation import loinc_codes
from bonecast.records import Patient, quantities

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = dt.date(2026, 10, 1)
HER = {"resourceType": "Patient", "id": "A1", "gender": "female", "birthDate": "1955-02-10"}


def observed(code: str, value: float, unit: str, date: str = "2026-03-04", **more) -> dict:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": date,
        "valueQuantity": {"value": value, "unit": unit},
    } | more


WEIGHT = observed("29463-7", 61, "kg")


def statement(**more) -> dict:
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}},
        "doseAndRate": [{"doseQuantity": {"value": 70, "unit": "mg"}}],
    }
    return {
        "resourceType": "MedicationStatement",
        "status": "completed",
        "medicationCodeableConcept": {"coding": [{"display": "alendronate 70 mg tablet"}]},
        "effectivePeriod": {"start": "2020-01-06", "end": "2022-01-03T00:00:00Z"},
        "dosage": [dosage],
    } | more


def read(*resources: dict, **bundle) -> Patient:
    content = {"resourceType": "Bundle", "timestamp": "2026-09-15T10:00:00Z"} | bundle
    content["entry"] = [{"resource": resource} for resource in resources]
    return read_patient_bytes(json.dumps(content).encode(), "b.json", TODAY)


def test_the_two_readers_give_the_same_patient():
    from_toml = read_patient(EXAMPLES / "late-dose.toml")
    from_fhir = read_patient(EXAMPLES / "late-dose.fhir.json")
    assert from_fhir == from_toml
    assert not from_toml.skipped
    assert [skipped.place for skipped in from_fhir.skipped] == [
        "entry 35 (Condition)",
        "entry 36 (Observation)",
    ]
    assert "Heart rate" in from_fhir.skipped[1].reason


def test_the_comparator_marks_a_value_below_the_limit():
    below = observed("41171-0", 0.05, "ng/mL")
    below["valueQuantity"]["comparator"] = "<"
    value = read(HER, WEIGHT, below).measured("CTX")[0]
    assert (value.below_limit, value.value) == (True, 0.05)


def test_a_ucum_code_serves_where_the_unit_is_missing():
    resource = observed("62238-1", 70, "")
    resource["valueQuantity"] = {"value": 70, "code": "mL/min/{1.73_m2}"}
    assert read(HER, WEIGHT, resource).measured("eGFR")[0].value == 70.0


def test_a_medication_statement_is_a_course():
    taken = read(HER, WEIGHT, statement()).courses_of("alendronate")[0]
    assert (taken.amount, taken.unit, taken.every_d) == (70.0, "mg", 7.0)
    assert (taken.start, taken.end) == (dt.date(2020, 1, 6), dt.date(2022, 1, 3))


def test_of_two_weights_the_later_stands_and_the_other_is_listed():
    early, late = (
        observed("29463-7", 70, "kg", "2020-01-01"),
        observed("29463-7", 134.5, "[lb_av]", "2026-01-01"),
    )
    for order in ([early, late], [late, early]):
        her = read(HER, *order)
        assert her.weight_kg == pytest.approx(61.0, abs=0.02)
        assert len(her.skipped) == 1


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (observed("8867-4", 72, "/min"), "8867-4"),
        (observed("41171-0", 0.3, "ng/mL", status="entered-in-error"), "entered-in-error"),
        (observed("41171-0", 0.3, "ng/mL", valueQuantity=None), "no measured number"),
        (observed("41171-0", 0.3, "ng/mL", effectiveDateTime=None), "no effectiveDateTime"),
        (observed("41171-0", 0.3, "ng/mL", effectiveDateTime="2026-05"), "its date, 2026-05, has no day"),
        # One odd cell costs itself, not the record: these were refused before.
        (observed("41171-0", 0.3, "mmol/L"), "not read in 'mmol/L'"),
        (observed("41171-0", 300, "ng/mL"), "0.001 to 10 ng/mL"),
        (observed("2160-0", 0.8, "mg/dL", "2026-09-16"), "after the day of the record"),
        (WEIGHT | {"code": "CTX"}, "code is not as FHIR R4 lays it down"),
        ({"resourceType": "Procedure"}, "not read"),
        ({}, "not read"),
        (statement(medicationCodeableConcept={"text": "metformin"}), "metformin"),
        (statement(medicationCodeableConcept=None), "not said"),
        (statement(status="not-taken"), "not-taken"),
        (statement(dosage=[]), "how often"),
        (WEIGHT | {"effectiveDateTime": "2019-01-01"}, "later weight"),
    ],
)
def test_what_is_passed_over_is_listed_with_its_place_and_reason(resource, reason):
    her = read(HER, WEIGHT, resource)
    assert [skipped.place.split(" (")[0] for skipped in her.skipped] == ["entry 3"]
    assert reason in her.skipped[0].reason
    assert not her.measurements
    assert not her.courses


def test_a_resource_that_comes_twice_is_counted_once_and_listed():
    value = observed("41171-0", 0.3, "ng/mL")
    her = read(HER, WEIGHT, value, copy.deepcopy(value))
    assert len(her.measurements) == 1
    assert her.skipped[0].reason == "it says the same as entry 3 (Observation)"


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ([WEIGHT], "the Bundle has no Patient"),
        ([HER, HER, WEIGHT], "second Patient"),
        ([HER | {"gender": "other"}, WEIGHT], "entry 1 (Patient), sex"),
        ([HER, WEIGHT, statement(), statement(effectiveDateTime=None, status="active", dosage=[
            {"timing": {"repeat": {"period": 1, "periodUnit": "d"}},
             "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg"}}]}])], "given twice"),
    ],
)  # fmt: skip
def test_a_fault_in_a_resource_that_is_read_is_refused_with_its_place(resources, words):
    with pytest.raises(RecordError) as caught:
        read(*resources)
    assert any(words in str(fault) for fault in caught.value.faults), caught.value.faults


def test_a_bundle_without_a_timestamp_is_of_the_latest_day_in_it_and_says_so():
    her = read(HER, WEIGHT, timestamp=None)
    assert her.record_date == dt.date(2026, 3, 4)
    assert "the latest day in it" in her.skipped[0].reason
    updated = read(HER, WEIGHT, timestamp=None, meta={"lastUpdated": "2026-09-01T10:00:00Z"})
    assert updated.record_date == dt.date(2026, 9, 1)
    assert read(HER, timestamp=None).record_date == TODAY


def test_an_unknown_component_does_not_cost_the_main_value():
    value = observed("41171-0", 0.3, "ng/mL", component=[{"code": {"text": "haemolysis"}}])
    assert [m.value for m in read(HER, WEIGHT, value).measured("CTX")] == [0.3]


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"resourceType": 3}'])
def test_json_that_is_no_bundle_is_refused(content):
    with pytest.raises(InputError, match="not a FHIR Bundle"):
        read_patient_bytes(content, "b.json", TODAY)


def test_every_loinc_code_stands_for_a_known_quantity():
    assert set(loinc_codes().values()) <= {*quantities(), "menopause age"}
    assert all(code.replace("-", "").isdigit() for code in loinc_codes())
