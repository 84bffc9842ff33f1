"""`bonecast check`: one record, a file of cases, overrides."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "late-dose.toml"
CASES = Path(__file__).parents[1] / "data" / "care" / "scenarios.csv"


def test_a_check_says_outcome_reasons_sources_and_gaps(call):
    found = call("check", str(EXAMPLE), "--action", "stop", "--jurisdiction", "UK")
    assert found.code == 0
    for said in ("BLOCKED", "BLOCK DC-01", "why", "recalled: unverified", "would change", "side by side"):
        assert said in found.out
    assert "Not in the record" in found.out
    assert "the clinician decides" in found.out


def test_json_has_the_same_and_nothing_else(call):
    page = call("check", str(EXAMPLE), "--action", "stop", "--jurisdiction", "UK", "--json").json
    assert (page["outcome"], page["block_ids"]) == ("blocked", ["DC-01"])
    assert page["findings"][0]["source"]["year"] == 2019
    assert {one["jurisdiction"] for one in page["elsewhere"]} == {"US", "EU", "CA"}


def test_without_a_jurisdiction_the_strictest_decides_and_is_named(call):
    assert "none was chosen: the strictest" in call("check", str(EXAMPLE)).out


def test_facts_of_the_act_and_its_day_are_options(call):
    page = call("check", str(EXAMPLE), "--on", "2026-12-01", "--fact", "route=IV", "--json").json
    assert page["on"] == "2026-12-01"
    assert "DO-11" in page["block_ids"]
    assert "DD-03" in page["warn_ids"]


def test_a_file_of_cases_is_written_in_its_order_with_ids_separated_by_semicolons(call, tmp_path):
    out = tmp_path / "g.csv"
    found = call("check", "--cases", str(CASES), "--out", str(out))
    assert found.code == 0
    assert "100 cases" in found.out
    assert "pth_pmol_L" in found.err
    with CASES.open(encoding="utf-8") as asked, out.open(encoding="utf-8") as answered:
        expected, rows = list(csv.DictReader(asked)), list(csv.DictReader(answered))
    assert list(rows[0]) == ["id", "outcome", "block_ids", "warn_ids", "inform_ids"]
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    assert [row["outcome"] for row in rows] == [row["expected_outcome"] for row in expected]
    assert [row["warn_ids"] for row in rows] == [row["all_warn_ids"] for row in expected]


def test_what_is_set_aside_is_shown_and_kept_on_file_with_its_reason(call, tmp_path):
    log = tmp_path / "log.jsonl"
    words = ("check", str(EXAMPLE), "--action", "stop", "--jurisdiction", "UK", "--by", "Dr A")
    for reason in ("exit plan is being made", "again"):
        found = call(*words, "--override", f"DC-01: {reason}", "--log", str(log))
        assert "SET ASIDE     by Dr A" in found.out
    assert "BLOCKED" not in found.out
    kept = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [one["reason"] for one in kept] == ["exit plan is being made", "again"]
    assert kept[0]["rule"] == "DC-01"
    assert kept[0]["patient"] == "example-late-dose"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check",), "no record is named"),
        (("check", str(EXAMPLE), "--action", "dance"), "action"),
        (("check", str(EXAMPLE), "--jurisdiction", "FR"), "US"),
        (("check", str(EXAMPLE), "--on", "tomorrow"), "not a day"),
        (("check", str(EXAMPLE), "--fact", "route"), "NAME=VALUE"),
        (("check", str(EXAMPLE), "--fact", "rout=IV"), "route"),
        (("check", str(EXAMPLE), "--override", "DC-01"), "without a reason"),
        (("check", "--cases", str(CASES)), "--out"),
        (("check", "--cases", "nowhere.csv", "--out", "g.csv"), "cannot be read"),
        (("check", "--cases", str(CASES), "--out", "g.txt"), "suffix"),
        (("check", str(EXAMPLE), "--cases", str(CASES), "--out", "g.csv"), "two questions"),
        (("leaflet", str(EXAMPLE)), "--jurisdiction"),
        (("leaflet", str(EXAMPLE), "--jurisdiction", "UK", "--out", "x.pdf"), "suffix"),
        (("schedule", str(EXAMPLE), "--out", "plan.txt"), "suffix"),
        (("monograph", "stoping"), "stopping"),
    ],
)
def test_a_wrong_use_is_one_sentence(refused, words, said):
    assert said in refused(*words)


def test_a_faulty_case_leaves_no_result_behind(refused, tmp_path):
    cases, out = tmp_path / "f.csv", tmp_path / "g.csv"
    cases.write_text("id,age_years\na,70\nb,old\n", encoding="utf-8")
    assert "line 3, age_years" in refused("check", "--cases", str(cases), "--out", str(out))
    assert not out.exists()


def test_contradictions_of_a_case_are_named_on_stderr(call, tmp_path):
    cases, out = tmp_path / "f.csv", tmp_path / "g.csv"
    cases.write_text("id,sex,pregnancy_status\na,M,pregnant\n", encoding="utf-8")
    assert "a contradicts itself" in call("check", "--cases", str(cases), "--out", str(out)).err


def test_json_lists_what_of_a_bundle_was_not_read_and_why(call, tmp_path: Path):
    bundle = json.loads((Path(EXAMPLE).parent / "late-dose.fhir.json").read_text("utf-8"))
    bundle["entry"].append({"resource": {"resourceType": "Coverage", "id": "1"}})
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), "utf-8")
    (passed_over,) = [
        one for one in call("check", str(path), "--json").json["not_read"] if "Coverage" in one["place"]
    ]
    assert passed_over["reason"] == "resources of this kind are not read"
