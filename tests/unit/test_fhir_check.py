"""Each entry of a FHIR file with what it was read as, or why not, and what that leaves open."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from test_fhir_bundle import HER, WEIGHT, observed, statement
from test_fhir_coded import SNOMED, coded, given

from bonecast.errors import InputError
from bonecast.interop import PersonReading, check_fhir

TODAY = dt.date(2026, 10, 1)
DATA = Path(__file__).parents[1] / "data" / "fhir"
CALCIUM = "albumin_corrected_calcium_mmol_L"
INJECTION = {
    "resourceType": "MedicationAdministration",
    "status": "completed",
    "medicationCodeableConcept": {"text": "Prolia"},
    "effectiveDateTime": "2026-03-04",
    "dosage": {"dose": {"value": 60, "unit": "mg"}},
}


@pytest.fixture
def sheet(tmp_path):
    def checked(*resources: dict) -> PersonReading:
        file = tmp_path / "b.json"
        bundle = {"resourceType": "Bundle", "timestamp": "2026-09-15T10:00:00Z"}
        file.write_text(json.dumps(bundle | {"entry": [{"resource": one} for one in resources]}))
        found = check_fhir(file, TODAY)
        assert len(found.people) == 1
        return found.people[0]

    return checked


def test_every_entry_is_listed_once_in_the_order_of_the_file(sheet):
    found = sheet(HER, WEIGHT, INJECTION, {"resourceType": "Encounter"}, statement())
    assert [one.place for one in found.entries] == [
        "entry 1 (Patient)",
        "entry 2 (Observation)",
        "entry 3 (MedicationAdministration)",
        "entry 4 (Encounter)",
        "entry 5 (MedicationStatement)",
    ]
    assert sum(found.counts.values()) == len(found.entries)


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (WEIGHT, "weight = 61 kg"),
        (observed("17861-6", 2.3, "mmol/L"), "calcium: 2.3 mmol/L on 2026-03-04"),
        (INJECTION, "dose: Prolia 60 mg on 2026-03-04"),
        (statement(), "course: alendronate 70 mg every 1 weeks from 2020-01-06 to 2022-01-03"),
        (coded("Condition", SNOMED, "44054006"), "diabetes = yes"),
    ],
)
def test_what_is_read_says_as_what(sheet, resource, words):
    entry = sheet(HER, resource).entries[1]
    assert (entry.outcome, entry.read_as) == ("read", (words,))


@pytest.mark.parametrize(
    ("resource", "outcome", "reason"),
    [
        ({"resourceType": "Encounter"}, "not needed", "resources of this kind are not read"),
        (observed("8867-4", 70, "/min"), "not needed", "not one that Bonecast reads"),
        (observed("17861-6", 2.3, "furlong"), "not usable", "furlong"),
        (observed("17861-6", 2.3, "mmol/L", subject={"reference": "Patient/B2"}), "not needed", "another"),
        (observed("17861-6", 2.3, "mmol/L", status="preliminary"), "read in part", "preliminary"),
        (INJECTION | {"dosage": {"dose": {"value": 45}}}, "not usable", "how many mg"),
    ],
)
def test_what_is_not_read_says_why(sheet, resource, outcome, reason):
    entry = sheet(HER, resource).entries[1]
    assert entry.outcome == outcome
    assert reason in " ".join(entry.reasons)


def test_two_entries_that_say_one_fact_both_say_so(sheet):
    diabetes = coded("Condition", SNOMED, "44054006")
    entries = sheet(HER, diabetes, diabetes | {"id": "again"}).entries
    assert [one.read_as for one in entries[1:]] == [("diabetes = yes",)] * 2


def test_a_result_that_is_not_usable_stands_beside_the_question_that_it_leaves_open(sheet):
    found = sheet(HER, WEIGHT, observed("17861-6", 2.3, "furlong", "2026-09-10"))
    first = found.questions[0]
    assert CALCIUM in first.facts
    assert first.entries == ("entry 3 (Observation)",)
    assert all(one.entries == () for one in found.questions[1:])


def test_a_usable_result_leaves_nothing_open(sheet):
    usable = observed("29265-6", 2.3, "mmol/L", "2026-09-10")
    assert all(CALCIUM not in one.facts for one in sheet(HER, WEIGHT, usable).questions)


def test_one_unusable_test_of_a_panel_costs_only_itself(sheet):
    panel = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "panel"},
        "effectiveDateTime": "2026-09-10",
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "valueQuantity": {"value": 2.3, "unit": unit},
            }
            for code, unit in (("17861-6", "mmol/L"), ("2777-1", "furlong"), ("2160-0", "furlong"))
        ],
    }
    entry = sheet(HER, panel).entries[1]
    assert entry.outcome == "read in part"
    assert entry.read_as == ("calcium: 2.3 mmol/L on 2026-09-10",)
    assert entry.facts == ("creatinine_umol_L", "egfr_mL_min_173m2", "crcl_mL_min")


def test_an_injection_that_could_not_be_read_is_named(sheet):
    found = sheet(HER, given({"medicationReference": {"reference": "Medication/none"}}))
    assert found.doses_open == ("entry 2 (MedicationAdministration)",)
    assert found.check is not None
    assert "DQ-02" in found.check.ids("warn")


def test_a_record_without_a_person_is_one_fault_and_its_entries_are_listed(sheet):
    found = sheet(WEIGHT)
    assert [fault.cause for fault in found.faults] == [
        "the Bundle has no Patient: whose results they are is not said"
    ]
    assert (found.check, found.questions) == (None, ())
    assert len(found.entries) == 1


def test_a_person_without_a_birth_date_is_a_fault_that_names_it(sheet):
    found = sheet({"resourceType": "Patient", "id": "A1", "gender": "female"}, WEIGHT)
    assert "birth_date is missing" in [fault.cause for fault in found.faults]


def test_each_person_of_a_bulk_export_has_a_sheet(tmp_path):
    file = tmp_path / "export.ndjson"
    other = HER | {"id": "B2"}
    theirs = [WEIGHT | {"subject": {"reference": f"Patient/{id_}"}} for id_ in ("A1", "B2")]
    file.write_text("\n".join(map(json.dumps, (HER, other, *theirs))))
    found = check_fhir(file, TODAY)
    assert [(one.person, len(one.entries)) for one in found.people] == [("A1", 2), ("B2", 2)]
    assert found.faults == ()
    assert all("no timestamp" in one.notes[0] for one in found.people)


def test_a_file_that_is_not_fhir_is_refused(tmp_path):
    file = tmp_path / "record.toml"
    file.write_text("[person]\nid = 'A'\n")
    with pytest.raises(InputError, match="neither JSON nor NDJSON"):
        check_fhir(file)


@pytest.mark.parametrize("path", sorted(DATA.iterdir()), ids=lambda path: path.name)
def test_every_sample_gives_a_sheet_that_json_holds(path):
    found = check_fhir(path, TODAY.replace(month=12)).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False))["people"]
    for person in found["people"]:
        assert len({one["place"] for one in person["entries"]}) == len(person["entries"])
        assert sum(person["counts"].values()) == len(person["entries"])
