"""Results as FHIR R4: valid, nothing that the rules block, and nothing that a reader takes for something done."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle  # R4 and R4B are the same for the types that are written
from test_fhir_bundle import HER, read

from bonecast.care import Override, check, schedule
from bonecast.core import Between
from bonecast.forecasts import Forecast, forecast
from bonecast.interop import read_patient, read_patient_bytes
from bonecast.outcomes import QuantileRange
from bonecast.records import Patient
from bonecast.reports import as_fhir, render
from bonecast.reports.fhir_export import _predictions

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = dt.datetime(2026, 9, 15, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 10, 1)


@pytest.fixture(scope="module")
def her() -> Patient:
    return read_patient(EXAMPLES / "late-dose.toml")


@pytest.fixture(scope="module")
def result(her) -> Forecast:
    """Without measurements, so that the forecast is that of the population, and quick."""
    kept = tuple(m for m in her.measurements if m.test in ("calcium", "albumin", "creatinine"))
    plans = {"on time": "denosumab 60 mg every 6 months x 2", "stop": "nothing for 2 years"}
    return forecast(replace(her, measurements=kept), plans, horizon="1 year", draws=20, jurisdiction="UK")


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [one["resource"] for one in bundle["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def texts(value: Any) -> str:
    return json.dumps(value).casefold()


def test_findings_and_dates_are_valid_fhir(her):
    made = as_fhir(her, jurisdiction="UK", written=NOW)
    assert Bundle.model_validate(made).entry
    assert {one["resource"]["resourceType"] for one in made["entry"]} == {
        "Patient",
        "GuidanceResponse",
        "ServiceRequest",
    }


def test_an_incomplete_check_is_never_called_allowed_and_its_injection_names_the_check(her):
    made = as_fhir(her, jurisdiction="UK", written=NOW)
    (response,) = of_kind(made, "GuidanceResponse")
    assert response["status"] == "data-required"
    assert "allowed" not in texts(response["contained"])
    (injection,) = [one for one in of_kind(made, "ServiceRequest") if "injection" in one["code"]["text"]]
    assert "only where the check of that day is complete" in texts(injection["note"])


def test_what_is_not_valid_would_be_found(her):
    made = as_fhir(her, jurisdiction="UK", written=NOW)
    del of_kind(made, "GuidanceResponse")[0]["moduleUri"]
    with pytest.raises(ValueError, match="module"):
        Bundle.model_validate(made)


@pytest.mark.slow
def test_a_forecast_is_valid_fhir_with_its_report(result):
    made = as_fhir(result.patient, result, "UK", written=NOW)
    assert Bundle.model_validate(made).entry
    (document,) = of_kind(made, "DocumentReference")
    (content,) = document["content"]
    report = base64.b64decode(content["attachment"]["data"])
    assert report.decode() == render(result)
    assert content["attachment"]["size"] == len(report)
    digest = hashlib.sha1(report, usedforsecurity=False).digest()
    assert base64.b64decode(content["attachment"]["hash"]) == digest


@pytest.mark.slow
def test_a_report_by_its_hash_holds_no_report(result):
    by_hash = of_kind(as_fhir(result.patient, result, "UK", "hash", NOW), "DocumentReference")[0]
    embedded = of_kind(as_fhir(result.patient, result, "UK", "embed", NOW), "DocumentReference")[0]
    assert "data" not in by_hash["content"][0]["attachment"]
    assert by_hash["content"][0]["attachment"]["hash"] == embedded["content"][0]["attachment"]["hash"]
    assert of_kind(as_fhir(result.patient, result, "UK", "none", NOW), "DocumentReference") == []


@pytest.mark.slow
def test_each_strategy_that_was_followed_is_one_assessment_and_a_blocked_one_is_none(result):
    assert [one.name for one in result.blocked] == ["stop"]
    (assessment,) = of_kind(as_fhir(result.patient, result, "UK", written=NOW), "RiskAssessment")
    assert assessment["code"]["text"] == "Forecast under: on time"
    assert assessment["mitigation"] == str(result.strategies[0].plan)
    summary = result.summaries[0]
    risks = [one for one in assessment["prediction"] if one["outcome"]["text"] == "New vertebral fracture"]
    risk = summary.fractures["vertebral", 12]
    assert risks[0]["probabilityRange"]["low"]["value"] == float(f"{risk.low / 10:.2g}")
    assert risks[0]["whenPeriod"] == {"start": "2026-09-15", "end": "2027-09-15"}


@pytest.mark.slow
def test_the_risk_without_treatment_proposes_nothing(her):
    blocked = replace(her, facts=(*her.facts, ("hypersensitivity_denosumab", True)), measurements=())
    found = forecast(
        blocked, {"on": "denosumab 60 mg every 6 months x 2"}, horizon="1 year", draws=20, jurisdiction="UK"
    )
    made = as_fhir(blocked, found, "UK", written=NOW)
    assert Bundle.model_validate(made).entry
    assert found.risk_only
    assert all("mitigation" not in one for one in of_kind(made, "RiskAssessment"))
    assert not [
        one for one in of_kind(made, "ServiceRequest") if "injection" in one["code"]["text"].casefold()
    ]


def test_a_number_of_nobody_is_left_out_and_large_ones_have_no_exponent(her):
    from bonecast.outcomes import Summary

    nan = float("nan")
    summary = Summary(
        "on",
        {("LS_BMD", 12): QuantileRange(nan, nan, nan)},
        {"LS_BMD": nan},
        {},
        None,
        None,
        {("hip", 12): QuantileRange(nan, nan, nan), ("vertebral", 12): QuantileRange(152.0, 101.0, 1000.0)},
    )
    (prediction,) = _predictions(dt.date(2026, 9, 15), summary)
    assert prediction["rationale"] == "150 of 1,000 similar patients (100 to 1000)"
    assert prediction["probabilityRange"]["high"]["value"] == 100.0


@pytest.mark.parametrize(
    "facts",
    [
        {"hypersensitivity_denosumab": True},
        {"pregnancy_status": "pregnant", "menopausal_status": "pre"},
        {"planned_invasive_dental": True},
        {},
    ],
)
def test_what_the_rules_withhold_is_not_dated(her, facts):
    person = replace(her, facts=tuple(sorted({**dict(her.facts), **facts}.items())))
    plan = schedule(person, "UK")
    asked = of_kind(as_fhir(person, jurisdiction="UK", written=NOW), "ServiceRequest")
    injections = [one for one in asked if "injection" in one["code"]["text"].casefold()]
    assert bool(injections) is (not plan.withheld)
    assert not [one for one in asked if one["code"]["text"].startswith("Settle first")]
    assert {(one["status"], one["intent"]) for one in asked} <= {("draft", "proposal")}


def test_a_test_that_is_done_is_not_proposed_again(her):
    plan = schedule(her, "UK")
    done = {one.uid for one in plan.entries if one.have is not None}
    asked = of_kind(as_fhir(her, jurisdiction="UK", written=NOW), "ServiceRequest")
    assert done
    assert not done & {one["identifier"][0]["value"] for one in asked}


def test_findings_questions_and_overrides_are_in_the_response(her):
    allergic = replace(her, facts=(*her.facts, ("hypersensitivity_denosumab", True)))
    (blocked,) = of_kind(as_fhir(allergic, jurisdiction="UK", written=NOW), "GuidanceResponse")
    (open_,) = of_kind(as_fhir(her, jurisdiction="UK", written=NOW), "GuidanceResponse")
    assert blocked["status"] == "success"
    assert "block ci-02" in texts(blocked["note"])
    assert open_["status"] == "data-required"
    asked = [one.text for one in check(her, None, "UK").questions]
    assert asked
    assert all(json.dumps(text)[1:-1].casefold() in texts(open_["note"]) for text in asked)
    over = Override("CI-02", "challenged under supervision, tolerated", "Dr. Example", NOW)
    said = as_fhir(allergic, jurisdiction="UK", written=NOW, overrides=[over])
    assert "challenged under supervision" in texts(of_kind(said, "GuidanceResponse"))


def test_a_result_known_by_its_bound_is_written_as_one(her):
    assert str(Between(high=2.1)) == "<2.1"
    bounded = tuple(
        replace(one, value=1.5, below_limit=True) if one.test == "calcium" else one
        for one in her.measurements
    )
    made = as_fhir(replace(her, measurements=bounded), jurisdiction="UK", written=NOW)
    assert Bundle.model_validate(made).entry
    assert "infinity" not in texts(made)


def test_what_is_written_is_no_dose_result_or_plan_for_the_reader(her):
    made = as_fhir(her, jurisdiction="UK", written=NOW)
    again = read_patient_bytes(json.dumps(made).encode(), "out.json", TODAY)
    assert (again.id, again.sex, again.birth_date) == (her.id, her.sex, her.birth_date)
    assert (again.doses, again.courses, again.measurements, again.facts) == ((), (), (), ())
    assert not [one for one in again.skipped if one.is_drug]


def test_a_record_beside_what_is_written_of_it_is_the_same_record():
    bundle = json.loads((EXAMPLES / "late-dose.fhir.json").read_text())
    alone = read_patient_bytes(json.dumps(bundle).encode(), "a.json", TODAY)
    made = as_fhir(alone, jurisdiction="UK", written=NOW)
    bundle["entry"] += [one for one in made["entry"] if one["resource"]["resourceType"] != "Patient"]
    both = read_patient_bytes(json.dumps(bundle).encode(), "a.json", TODAY)
    assert replace(both, skipped=()) == replace(alone, skipped=())


@pytest.mark.parametrize(("intent", "is_planned"), [("proposal", None), ("option", None), ("order", True)])
def test_a_dental_procedure_that_is_only_proposed_is_not_planned(intent, is_planned):
    request = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": intent,
        "code": {"text": "Tooth extraction"},
    }
    person = read(HER, request)
    assert (True if person.facts else None) is is_planned


def test_the_same_results_written_at_the_same_time_are_the_same(her):
    first, second = (as_fhir(her, jurisdiction="UK", written=NOW) for _ in range(2))
    assert first == second
    addresses = [one["fullUrl"] for one in first["entry"]]
    assert len(set(addresses)) == len(addresses)


def test_an_id_that_fhir_does_not_allow_is_an_identifier(her):
    made = as_fhir(replace(her, id="Ward 7 / bed 2"), jurisdiction="UK", written=NOW)
    (person,) = of_kind(made, "Patient")
    assert Bundle.model_validate(made).entry
    assert "id" not in person
    assert person["identifier"][0]["value"] == "Ward 7 / bed 2"
