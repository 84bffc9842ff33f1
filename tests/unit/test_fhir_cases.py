"""FHIR Bundles as other systems send them: each gives its right value, and what is not read is listed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from test_fhir_bundle import HER, WEIGHT, observed, read, statement
from test_fhir_coded import ICD10, SNOMED, coded, given, status

from bonecast.care import check
from bonecast.errors import InputError
from bonecast.interop import PrefetchMissing, answer, read_patient
from bonecast.records import Patient

DATA = Path(__file__).parents[1] / "data"
TODAY = dt.date(2026, 11, 29)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def case(name: str) -> Patient:
    return read_patient(DATA / "fhir" / f"{name}.json", TODAY)


def rules(name: str, jurisdiction: str = "UK") -> dict[str, str]:
    found = check(case(name), "next dose", jurisdiction).findings
    return {finding.rule: finding.severity for finding in found}


def reasons(person: Patient) -> str:
    return "; ".join(one.reason for one in person.skipped)


def doses(person: Patient) -> list[tuple[str, float, str]]:
    return [(one.drug, one.amount, one.date.isoformat()) for one in person.doses]


# Who


def test_a_result_of_another_person_is_listed_and_not_read():
    person = case("other-subject")
    assert person.measurements == ()
    assert "about another person" in reasons(person)


@pytest.mark.parametrize(
    ("reference", "is_hers"),
    [
        ("Patient/A1", True),
        ("Patient/A1/_history/3", True),
        ("https://ehr.example/fhir/Patient/A1", True),
        ("Patient/A2", False),
        ("Group/A1", False),
        ("https://ehr.example/fhir/Patient/A2", False),
    ],
)
def test_the_subject_of_each_resource_is_compared_with_the_patient(reference, is_hers):
    value = observed("41171-0", 0.3, "ng/mL", subject={"reference": reference})
    allergy = {
        "resourceType": "AllergyIntolerance",
        "code": {"text": "latex"},
        "patient": {"reference": reference},
    }
    her = read(HER, WEIGHT, value, allergy)
    assert (len(her.measurements), her.fact("latex_allergy")) == ((1, True) if is_hers else (0, None))


def test_a_result_with_a_focus_is_of_somebody_else():
    value = observed("41171-0", 0.3, "ng/mL", focus=[{"reference": "RelatedPerson/baby"}])
    assert read(HER, WEIGHT, value).measurements == ()


def test_a_patient_without_an_id_is_known_by_the_identifier():
    person = case("patient-id-absent-identifier")
    assert person.id == "12345"
    assert len(person.doses) == 1


def test_the_official_name_goes_before_an_old_one():
    assert case("name-old-first").name == "A. N."


def test_a_year_of_birth_is_read_as_its_middle_and_listed():
    person = case("birth-year-only")
    assert person.birth_date == dt.date(1955, 7, 1)
    assert "1955, has no day" in reasons(person)


def test_a_bundle_without_a_timestamp_is_checked():
    person = case("no-timestamp")
    assert person.record_date == dt.date(2026, 9, 10)
    assert rules("no-timestamp")


def test_the_day_of_a_bundle_without_a_timestamp_is_not_before_death():
    her = read(HER | {"deceasedDateTime": "2026-08-01T10:00:00Z"}, WEIGHT, timestamp=None)
    assert (her.record_date, her.death_date) == (dt.date(2026, 8, 1), dt.date(2026, 8, 1))


def test_a_bulk_export_of_one_person_is_read():
    assert read_patient(DATA / "fhir" / "x.ndjson", TODAY).id


# Modifiers, negations, history


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("allergy-none-denosumab", "says that there is none"),
        ("request-doNotPerform", "not done"),
        ("dialysis-name", "removal"),
        ("metastatic-differential", "differential"),
    ],
)
def test_what_is_denied_forbidden_removed_or_suspected_is_no_fact(name, reason):
    person = case(name)
    assert person.facts == ()
    assert reason in reasons(person)
    assert "CI-02" not in rules(name)


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ({"text": "No latex allergy"}, None),
        ({"coding": [{"system": SNOMED, "code": "716186003"}]}, None),
        ({"coding": [{"system": RXNORM, "code": "993449"}]}, "hypersensitivity_denosumab"),
        ({"coding": [{"system": SNOMED, "code": "300916003"}]}, "latex_allergy"),
    ],
)
def test_an_allergy_counts_by_code_too_and_a_negated_one_never(code, fact):
    her = read(HER, WEIGHT, {"resourceType": "AllergyIntolerance", "code": code})
    assert her.facts == (() if fact is None else ((fact, True),))


@pytest.mark.parametrize(
    ("done", "is_now"),
    [
        ({"performedDateTime": "2026-09-10"}, True),
        ({"performedDateTime": "2026-07-01"}, False),
        ({"performedDateTime": "2001-02-03"}, False),
        ({"performedPeriod": {"start": "2021-01-01"}}, True),
        ({"performedPeriod": {"start": "2021-01-01", "end": "2022-01-01"}}, False),
    ],
)
def test_dialysis_means_now(done, is_now):
    session = coded("Procedure", SNOMED, "302497006", status="completed", **done)
    her = read(HER, WEIGHT, session)
    assert her.fact("on_dialysis") is (True if is_now else None)
    assert bool(her.skipped) is not is_now


@pytest.mark.parametrize(
    "modifier",
    [
        {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
        {"implicitRules": "urn:x"},
    ],
)
def test_a_dose_whose_meaning_is_changed_is_not_read_and_the_check_says_so(modifier):
    her = read(HER, WEIGHT, given({"display": "Prolia"}, **modifier))
    assert her.doses == ()
    assert [one.is_drug for one in her.skipped] == [True]
    assert "DQ-02" in {finding.rule for finding in check(her, "next dose", "UK").findings}


def test_a_dose_that_was_not_given_is_no_dose_and_no_open_question():
    for change in ({"wasNotGiven": True}, {"status": "not-done"}):
        her = read(HER, WEIGHT, given({"display": "Prolia"}, **change))
        assert (her.doses, [one.is_drug for one in her.skipped]) == ((), [False])


# Facts by code


def test_every_coding_of_a_condition_is_read():
    assert dict(case("condition-two-codings").facts) == {"diabetes": True, "on_dialysis": True}
    found = rules("condition-two-codings", "US")
    assert {"RN-02": "block", "RN-03": "block"}.items() <= found.items()


def test_a_hip_fracture_that_healed_is_a_prior_one():
    assert case("hip-fracture-359817006").fact("prior_hip_fracture") is True


def test_the_status_of_pregnancy_is_read_and_blocks():
    assert case("pregnancy-82810-3").fact("pregnancy_status") == "pregnant"
    assert rules("pregnancy-82810-3")["CI-03"] == "block"


def test_a_stage_of_kidney_failure_is_known_to_the_check():
    found = rules("ckd5-n18.6", "US")
    assert found["RN-02"] == "block"
    assert "PD-05" not in found


@pytest.mark.parametrize(("day", "newest"), [("2026-03-04", 45.0), ("2024-03-04", 15.0)])
def test_a_measured_kidney_function_of_the_last_year_goes_before_the_stage(day, newest):
    her = read(
        HER, WEIGHT, coded("Condition", ICD10, "N186"), observed("33914-3", 45, "mL/min/{1.73_m2}", day)
    )
    assert her.measured("eGFR")[-1].value == newest


# Doses


@pytest.mark.parametrize(
    "name",
    [
        "dose-mL",
        "dose-rxnorm-only",
        "dose-ref-versioned",
        "dose-dup-60-vs-60.0",
        "dose-dup-adm-and-statement",
        "dose-unit-words",
    ],
)
def test_one_injection_is_one_dose_of_60_mg_however_it_is_written(name):
    assert doses(case(name)) == [("denosumab", 60.0, "2026-03-16")]


def test_a_placebo_is_no_dose():
    person = case("placebo-denosumab")
    assert person.doses == ()
    assert [one.is_drug for one in person.skipped] == [False]


@pytest.mark.parametrize(
    ("name", "dose", "mg"),
    [
        ("1.7 ML denosumab 70 MG/ML Injection", {"value": 1.7, "unit": "mL"}, 120.0),
        ("Xgeva", {"value": 1, "unit": "{vial}"}, 120.0),
        ("Prolia", {"value": 1, "unit": "syringe"}, 60.0),
        ("Prolia", {"value": 1}, 60.0),
        ("Prolia", None, 60.0),
        ("denosumab 60 mg/mL", {"value": 1, "unit": "mL"}, 60.0),
        ("denosumab-mobz", {"value": 60, "unit": "mg"}, 60.0),
        ("100 ML zoledronic acid 0.05 MG/ML Injection", {"value": 100, "unit": "mL"}, 5.0),
        ("denosumab", {"value": 1, "unit": "mL"}, None),
        ("denosumab", None, None),
        ("Prolia", {"value": 1.7, "unit": "mL"}, None),
        ("Prolia", {"value": 2, "unit": "mL"}, None),
    ],
)
def test_the_amount_comes_from_the_strength_or_the_dose_is_listed(name, dose, mg):
    her = read(HER, WEIGHT, given({"display": name}, dosage={"dose": dose}))
    assert [one.amount for one in her.doses] == ([] if mg is None else [mg])
    assert [one.is_drug for one in her.skipped] == ([True] if mg is None else [])


@pytest.mark.parametrize(
    ("system", "code", "dose"),
    [
        (RXNORM, "993456", {"value": 1, "unit": "mL"}),
        ("http://www.whocc.no/atc", "M05BX04", {"value": 60, "unit": "mg"}),
        (SNOMED, "446321003", {"value": 60, "unit": "mg"}),
        ("http://terminology.hl7.org/CodeSystem/HCPCS-all-codes", "J0897", {"value": 60}),
        ("http://hl7.org/fhir/sid/ndc", "55513071021", {"value": 1, "unit": "{syringe}"}),
        ("http://hl7.org/fhir/sid/ndc", "55513-710-01", None),
    ],
)
def test_a_medicine_without_a_name_is_known_by_its_code(system, code, dose):
    concept = {"coding": [{"system": system, "code": code}]}
    her = read(HER, WEIGHT, given({}, medicationCodeableConcept=concept, dosage={"dose": dose}))
    assert doses(her) == [("denosumab", 60.0, "2026-03-16")]


def test_a_code_or_reference_that_is_not_known_may_be_denosumab():
    unknown = {"coding": [{"system": RXNORM, "code": "1"}]}
    her = read(
        HER, WEIGHT, given({}, medicationCodeableConcept=unknown), given({"reference": "Medication/m9"})
    )
    assert [one.is_drug for one in her.skipped] == [True, True]
    other = read(HER, WEIGHT, statement(medicationCodeableConcept={"text": "metformin"}))
    assert [one.is_drug for one in other.skipped] == [False]


@pytest.mark.parametrize(
    "url", ["urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "https://x.org/Medication/7"]
)
def test_a_medicine_is_found_by_its_full_url(url, tmp_path):
    medicine = {"resourceType": "Medication", "code": {"text": "Prolia"}}
    entries = [{"resource": HER}, {"fullUrl": url, "resource": medicine}]
    entries.append({"resource": given({"reference": f"{url}/_history/1"})})
    bundle = {"resourceType": "Bundle", "timestamp": "2026-09-15", "entry": entries}
    path = tmp_path / "b.json"
    path.write_text(json.dumps(bundle), "utf-8")
    assert doses(read_patient(path, TODAY)) == [("denosumab", 60.0, "2026-03-16")]


def test_two_amounts_on_one_day_are_listed_and_the_check_says_so():
    other = given({"display": "Xgeva"}, dosage={"dose": {"value": 120, "unit": "mg"}})
    her = read(HER, WEIGHT, given({"display": "Prolia"}), other)
    assert doses(her) == [("denosumab", 60.0, "2026-03-16")]
    assert [one.is_drug for one in her.skipped] == [True]


# Results


@pytest.mark.parametrize(
    ("name", "test", "value"),
    [
        ("calcium-blood-49765-1", "calcium", 2.345),
        ("creatinine-blood-38483-4", "creatinine", 79.6),
        ("p1np-77370-5", "P1NP", 54),
        ("vitd-14635-7-nmol", "25-OH vitamin D", 68),
        ("unit-words-code-ucum", "calcium", 2.345),
        ("effectivePeriod", "calcium", 2.345),
        *((f"egfr-unit-{number}", "eGFR", 55) for number in ("04", "06", "07", "08", "09", "10", "11")),
    ],
)
def test_a_result_is_read_by_its_code_and_unit(name, test, value):
    (found,) = case(name).measured(test)
    assert found.value == pytest.approx(value, rel=1e-3)
    assert found.date == dt.date(2026, 9, 10)


def test_calcium_in_blood_answers_the_question_for_calcium():
    assert "PD-02" not in rules("calcium-blood-49765-1")


def test_a_value_below_the_limit_is_read_from_text():
    (found,) = case("ctx-valueString-lt").measured("CTX")
    assert (found.value, found.below_limit) == (0.05, True)


@pytest.mark.parametrize("text", ["see note", "1,5 ng/mL", "0.3 to 0.5 ng/mL"])
def test_text_that_is_not_one_value_is_listed(text):
    value = observed("41171-0", 0, "", valueQuantity=None, valueString=text)
    her = read(HER, WEIGHT, value)
    assert her.measurements == ()
    assert len(her.skipped) == 1


def test_a_bone_density_without_a_site_says_how_to_give_one():
    assert "give bodySite" in reasons(case("bmd-loinc-80954-1"))
    neck = observed("80954-1", 0.631, "g/cm2", bodySite={"text": "Femoral neck"})
    assert [m.value for m in read(HER, WEIGHT, neck).measured("BMD", "femoral neck")] == [0.631]
    spine = observed("24966-4", 0.8, "g/cm2")
    assert [m.value for m in read(HER, WEIGHT, spine).measured("BMD", "lumbar spine")] == [0.8]


def test_two_calciums_of_one_day_conflict_and_the_lower_one_blocks():
    made = check(case("calcium-conflict"), "next dose", "UK")
    assert "the worse counts" in made.conflicts[0]
    assert rules("calcium-conflict")["CI-01"] == "block"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bad-unit-other-test", "ALT is not read in 'IU/dL'"),
        ("bad-height-kills", "'25 cm' cannot be a height"),
        ("obs-after-death", "after death"),
    ],
)
def test_one_odd_cell_never_costs_the_rest(name, reason):
    person = case(name)
    assert reason in reasons(person)
    assert person.weight_kg == 61.0
    assert len(person.doses) == 1


# CDS Hooks


def cards(name: str) -> list[dict[str, Any]]:
    call = json.loads((DATA / "cds" / f"{name}.json").read_text("utf-8"))
    return answer(call["service"], call["body"], "UK", TODAY)["cards"]


@pytest.mark.parametrize("name", ["order-rxnorm-code-only", "hypocalcaemia-and-odd-ALT-unit"])
def test_hypocalcaemia_is_critical_for_an_order_by_code_and_beside_an_odd_cell(name):
    made = cards(name)
    assert made[0]["indicator"] == "critical"
    assert "CI-01 (block)" in made[0]["detail"]


def test_a_result_that_was_not_read_is_a_card():
    made = {one["summary"]: one["detail"] for one in cards("hypocalcaemia-and-odd-ALT-unit")}
    assert "ALT" in made["Results that were not read"]


@pytest.mark.parametrize(
    ("name", "place"), [("observation-of-another-patient", "prefetch"), ("no-draft-orders", "draftOrders")]
)
def test_a_call_with_another_persons_result_or_without_orders_is_refused(name, place):
    with pytest.raises(InputError, match=place):
        cards(name)


def test_a_call_that_says_nothing_of_injections_lacks_a_precondition():
    with pytest.raises(PrefetchMissing) as missing:
        cards("patient-view-keys-missing")
    assert missing.value.as_dict()["missing"] == ["administrations", "statements"]


def test_a_dose_whose_medicine_was_not_sent_is_a_card():
    made = [(one["indicator"], one["summary"]) for one in cards("patient-view-last-dose-by-reference")]
    assert made == [("warning", "A dose could not be read")]


def test_an_order_of_1_7_mL_of_70_mg_per_mL_is_of_120_mg():
    assert any("FX-03" in one["summary"] for one in cards("order-generic-xgeva"))


def test_an_order_without_a_medicine_is_a_card():
    call = json.loads((DATA / "cds" / "order-rxnorm-code-only.json").read_text("utf-8"))
    order = call["body"]["context"]["draftOrders"]["entry"][0]["resource"]
    order["medicationCodeableConcept"] = None
    order["medicationReference"] = {"reference": "Medication/m9"}
    made = answer(call["service"], call["body"], "UK", TODAY)["cards"]
    assert "An order could not be read" in [one["summary"] for one in made]


def test_a_refuted_condition_and_a_resolved_one_say_nothing():
    for change in ({"verificationStatus": status("refuted")}, {"abatementDateTime": "2020-01-01"}):
        assert read(HER, WEIGHT, coded("Condition", ICD10, "E11.9", **change)).facts == ()
