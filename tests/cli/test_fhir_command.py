"""`bonecast fhir check`: the sheet as text and as JSON, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "late-dose.fhir.json"
DATA = Path(__file__).parents[1] / "data" / "fhir"


def test_the_sheet_lists_entries_reasons_and_what_is_left_open(call):
    found = call("fhir", "check", str(DATA / "bad-unit-other-test.json"))
    assert found.code == 0
    for said in ("not usable", "Left open for the next injection", "the clinician decides"):
        assert said in found.out


def test_json_has_the_same_and_nothing_else(call):
    page = call("fhir", "check", str(EXAMPLE), "--json").json
    assert list(page) == ["file", "people", "standing"]
    (person,) = page["people"]
    assert (person["usable"], person["counts"]["read"]) == (True, 34)
    assert person["entries"][9]["read_as"] == ["dose: Prolia 60 mg on 2024-06-12"]
    assert person["left_open"]["state"] == "not_complete"
    assert person["left_open"]["questions"][0]["rules"]


def test_a_record_that_cannot_be_used_ends_with_2_after_the_sheet(call, tmp_path):
    file = tmp_path / "b.json"
    result = {"resourceType": "Observation", "status": "final", "code": {"text": "calcium"}}
    file.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": result}]}))
    found = call("fhir", "check", str(file))
    assert found.code == 2
    assert "entry 1 (Observation)" in found.out
    assert "no Patient" in found.err
    as_json = call("fhir", "check", str(file), "--json")
    assert as_json.code == 2
    assert json.loads(as_json.out)["people"][0]["usable"] is False


def test_another_version_and_another_format_end_with_2(call, tmp_path):
    old = tmp_path / "old.json"
    order = {"resourceType": "MedicationOrder"}
    old.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": order}]}))
    for file, words in ((old, "DSTU2"), (EXAMPLE.with_name("late-dose.toml"), "neither JSON nor NDJSON")):
        found = call("fhir", "check", str(file))
        assert (found.code, found.out) == (2, "")
        assert words in found.err


def test_findings_and_dates_are_exported_as_a_bundle(call, tmp_path):
    printed = call("fhir", "export", str(EXAMPLE), "--no-forecast", "--jurisdiction", "UK")
    assert printed.json["resourceType"] == "Bundle"
    out = tmp_path / "out.json"
    written = call("fhir", "export", str(EXAMPLE), "--no-forecast", "--jurisdiction", "UK", "--out", str(out))
    assert written.code == 0
    assert len(json.loads(out.read_text())["entry"]) == len(printed.json["entry"])
    assert f"{len(printed.json['entry'])} resources" in written.out


@pytest.mark.slow
def test_a_forecast_is_exported_with_an_assessment_and_its_report(call, tmp_path):
    out = tmp_path / "out.json"
    words = ["--strategy", "on time: denosumab 60 mg every 6 months x 2", "--horizon", "1 year"]
    found = call(
        "fhir", "export", str(EXAMPLE), *words, "--draws", "20", "--report", "hash", "--out", str(out)
    )
    assert found.code == 0, found.err
    kinds = [one["resource"]["resourceType"] for one in json.loads(out.read_text())["entry"]]
    assert (kinds.count("RiskAssessment"), kinds.count("DocumentReference")) == (1, 1)


def test_an_export_is_refused_for_a_report_or_a_file_that_is_none(call, tmp_path):
    for words, said in ((("--report", "pdf"), "--report"), (("--out", str(tmp_path / "x.csv")), "--out")):
        found = call("fhir", "export", str(EXAMPLE), "--no-forecast", *words)
        assert found.code == 2
        assert said in found.err
