"""Facts that a Bundle says by code: conditions, allergies, procedures, requests, medicines; references; death."""

from __future__ import annotations

import pytest
from test_fhir_bundle import HER, WEIGHT, read, statement

from bonecast.errors import InputError
from bonecast.interop.fhir_codes import TRANSPLANT, _table
from bonecast.records import known_facts, quantities, read_quantity

SNOMED, ICD10 = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"


def coded(kind: str, system: str, code: str, **more) -> dict:
    return {"resourceType": kind, "code": {"coding": [{"system": system, "code": code}]}} | more


def status(code: str) -> dict:
    return {"coding": [{"code": code}]}


TABLET = statement(status="active", medicationCodeableConcept={"text": "Prednisolone 5 mg tablet"})
DIALYSIS = {"resourceType": "Procedure", "status": "completed", "code": {"text": "Haemodialysis, chronic"}}


@pytest.mark.parametrize(
    ("resource", "fact", "value"),
    [
        (coded("Condition", ICD10, "E11.9"), "diabetes", True),
        (coded("Condition", SNOMED, "44054006", clinicalStatus=status("active")), "diabetes", True),
        (coded("Condition", ICD10, "S72.01", clinicalStatus=status("resolved")), "prior_hip_fracture", True),
        (coded("Condition", ICD10, "Z33.1"), "pregnancy_status", "pregnant"),
        (DIALYSIS, "on_dialysis", True),
        (coded("ServiceRequest", SNOMED, "55162003", status="active"), "dental_status", "planned_extraction"),
        (
            {"resourceType": "AllergyIntolerance", "code": {"text": "Prolia"}},
            "hypersensitivity_denosumab",
            True,
        ),
        ({"resourceType": "AllergyIntolerance", "code": {"text": "Latex"}}, "latex_allergy", True),
        (
            statement(status="active", medicationCodeableConcept={"text": "Prednisolone 5 mg tablet"}),
            "glucocorticoid",
            True,
        ),
    ],
)
def test_a_code_or_name_says_a_fact(resource, fact, value):
    her = read(HER, WEIGHT, resource)
    assert her.fact(fact) == value
    assert her.skipped == ()


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (coded("Condition", ICD10, "J45"), "not one that Bonecast reads"),
        (coded("Condition", ICD10, "E11", verificationStatus=status("refuted")), "refuted"),
        (coded("Condition", ICD10, "E11", clinicalStatus=status("resolved")), "resolved"),
        (DIALYSIS | {"status": "not-done"}, "not-done"),
        ({"resourceType": "AllergyIntolerance", "code": {"text": "penicillin"}}, "penicillin"),
        ({"resourceType": "AllergyIntolerance"}, "without a code"),
        (
            statement(status="active", medicationCodeableConcept={"text": "prednisolone eye drops"}),
            "not in the drug catalogue",
        ),
        (
            {
                "resourceType": "MedicationRequest",
                "status": "active",
                "medicationCodeableConcept": {"text": "Prolia"},
            },
            "an order is not a dose",
        ),
    ],
)
def test_what_says_no_fact_is_listed_with_its_reason(resource, reason):
    her = read(HER, WEIGHT, resource)
    assert reason in her.skipped[0].reason
    assert her.facts == ()
    assert her.doses == ()


def given(reference: dict, **more) -> dict:
    dose = {"dosage": {"dose": {"value": 60, "unit": "mg"}}, "effectiveDateTime": "2026-03-16"}
    return (
        {"resourceType": "MedicationAdministration", "status": "completed", "medicationReference": reference}
        | dose
        | more
    )


MEDICATION = {"resourceType": "Medication", "id": "m1", "code": {"text": "Prolia"}}


@pytest.mark.parametrize(
    "resources",
    [
        (given({"reference": "Medication/m1"}), MEDICATION),
        (MEDICATION, given({"reference": "Medication/m1"})),
        (given({"reference": "#m1"}, contained=[MEDICATION]),),
        (given({"display": "denosumab 60 mg"}),),
    ],
)
def test_a_reference_to_a_medicine_is_followed_one_step(resources):
    her = read(HER, WEIGHT, *resources)
    assert [(dose.drug, dose.amount) for dose in her.doses] == [("denosumab", 60.0)]


def test_a_medicine_of_two_words_is_known_inside_a_longer_name():
    infusion = {"dose": {"value": 5, "unit": "mg"}}
    her = read(HER, WEIGHT, given({"display": "zoledronic acid 5 mg/100 mL infusion"}, dosage=infusion))
    assert [dose.drug for dose in her.doses] == ["zoledronate"]


def test_a_reference_that_leads_nowhere_or_in_a_circle_is_listed():
    circle = {"resourceType": "Medication", "id": "m1", "code": {"reference": "Medication/m1"}}
    her = read(
        HER, WEIGHT, given({"reference": "Medication/m9"}), given({"reference": "Medication/m1"}), circle
    )
    assert her.doses == ()
    assert len(her.skipped) == 3


def test_what_the_record_says_outright_goes_before_a_code():
    fact = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "urn:bonecast:fact", "code": "diabetes"}]},
        "valueBoolean": False,
    }
    condition = coded("Condition", ICD10, "E11")
    for order in ((fact, condition), (condition, fact)):
        assert read(HER, WEIGHT, *order).fact("diabetes") is False


def test_a_dose_after_death_is_named():
    dose = given({"display": "Prolia"})
    alive = read(HER | {"deceasedDateTime": "2026-09-01T10:00:00Z"}, WEIGHT, dose)
    assert alive.death_date.isoformat() == "2026-09-01"
    late = read(HER | {"deceasedDateTime": "2026-01-01"}, WEIGHT, dose)
    assert late.doses == ()
    assert [("after death" in one.reason, one.is_drug) for one in late.skipped] == [(True, True)]
    with pytest.raises(InputError, match="death_date"):
        read(HER | {"deceasedDateTime": "2030-01-01"}, WEIGHT)
    assert "but not when" in read(HER | {"deceasedBoolean": True}, WEIGHT).skipped[0].reason


def test_every_coded_fact_is_one_of_a_record():
    for kind in ("condition", "procedure", "request", "medicine"):
        assert _table()[kind], kind
        for row in _table()[kind]:
            if row["fact"] == "eGFR":  # a stage of kidney disease stands for a result, not for a fact
                written = read_quantity(quantities()["eGFR"], row["value"], "value", above=True)[1]
                assert written.below or written.above
                continue
            if row["fact"] == TRANSPLANT:  # ends a dialysis before it; no fact by itself
                continue
            fact = known_facts()[row["fact"]]
            value = row.get("value", True)
            allowed = {"choice": fact.choices, "count": (1,), "text": (value,)}.get(fact.kind, (True,))
            assert value in allowed
