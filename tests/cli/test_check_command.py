"""`bonecast check`: one record, a file of cases, overrides."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "late-dose.toml"
DAY = r"\d{4}-\d\d-\d\d"
CASES = Path(__file__).parents[1] / "data" / "care" / "scenarios.csv"


def test_a_check_says_outcome_reasons_sources_and_gaps(call):
    found = call("check", str(EXAMPLE), "--action", "stop", "--jurisdiction", "UK")
    assert found.code == 0
    for said in (
        "■ Do not stop",
        "1 block and 1 caution.",
        "BLOCK DC-01",
        "why",
        "lifted by",
        "side by side",
    ):
        assert said in found.out
    assert "Possible now instead" in found.out
    assert "the clinician decides" in found.out
    switched = call("check", str(EXAMPLE), "--action", "switch to zoledronate", "--jurisdiction", "UK")
    assert "recalled: unverified" in switched.out


def test_json_has_the_same_and_nothing_else(call):
    page = call("check", str(EXAMPLE), "--action", "stop", "--jurisdiction", "UK", "--json").json
    assert (page["outcome"], page["block_ids"]) == ("blocked", ["DC-01"])
    assert (page["state"], page["complete"], page["emergency"]) == ("do_not_give", True, None)
    assert page["findings"][0]["source"]["year"] == 2020
    assert {one["jurisdiction"] for one in page["elsewhere"]} == {"US", "EU", "CA", "AU"}


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
    assert "100 cases, 36 blocked, 49 warned, 15 allowed" in found.out
    with CASES.open(encoding="utf-8") as file:
        outcomes = [row["expected_outcome"] for row in csv.DictReader(file)]
    assert [outcomes.count(name) for name in ("blocked", "warned", "allowed")] == [36, 49, 15]
    assert "pth_pmol_L" in found.err
    with CASES.open(encoding="utf-8") as asked, out.open(encoding="utf-8") as answered:
        expected, rows = list(csv.DictReader(asked)), list(csv.DictReader(answered))
    ids = ["block_ids", "warn_ids", "inform_ids"]
    assert list(rows[0]) == ["id", "outcome", "state", "missing", *ids]
    states = Counter(row["state"] for row in rows)
    assert states["do_not_give"] == 36
    for state, count in states.items():
        assert f"{count} {state.replace('_', ' ')}" in found.out.partition("States:")[2]
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    assert [row["outcome"] for row in rows] == [row["expected_outcome"] for row in expected]
    assert [row["warn_ids"] for row in rows] == [row["all_warn_ids"] for row in expected]


def test_what_is_overridden_is_shown_and_kept_on_file_with_its_reason(call, tmp_path):
    log = tmp_path / "log.jsonl"
    words = ("check", str(EXAMPLE), "--action", "stop", "--jurisdiction", "UK", "--by", "Dr A")
    for reason in ("exit plan is being made", "again"):
        found = call(*words, "--override", f"DC-01: {reason}", "--log", str(log))
        assert re.search(rf"overridden by Dr A on {DAY} until {DAY}: {reason}", found.out)
        assert "▲ Caution" in found.out
    assert "Do not" not in found.out.partition("Caution")[0]
    kept = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [one["reason"] for one in kept] == ["exit plan is being made", "again"]
    assert kept[0]["rule"] == "DC-01"
    assert kept[0]["patient"] == "example-late-dose"
    assert (kept[0]["action"], kept[0]["values"]["followon_antiresorptive_planned"]) == ("stop", None)


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
        (("check", "--cases", "nowhere.csv", "--out", "g.csv"), "there is no such file"),
        (("check", "--cases", str(CASES), "--out", "g.txt"), "suffix"),
        (("check", str(EXAMPLE), "--cases", str(CASES), "--out", "g.csv"), "two questions"),
        (("leaflet", str(EXAMPLE)), "--jurisdiction"),
        (("leaflet", str(EXAMPLE), "--jurisdiction", "UK", "--out", "x.txt"), "suffix"),
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


# The five states


def record(tmp_path: Path, *results: str, facts: str = "") -> str:
    """A woman after one injection, with these results ("test = value, limit value")."""
    lines = [
        '[person]\nid = "A"\nsex = "female"\nbirth_date = 1955-03-09\nrecord_date = 2026-09-15',
        f'weight = "61 kg"\nmenopause_age = 50\n{facts}',
        '[[doses]]\ndrug = "denosumab"\nproduct = "Prolia"\namount = "60 mg"\ndate = 2026-03-16',
    ]
    for result in results:
        test, _, value = result.partition(" = ")
        value, _, limit = value.partition(", limit ")
        lines.append(f'[[measurements]]\ntest = "{test}"\nvalue = "{value}"\ndate = 2026-09-10')
        lines += [f'reference_high = "{limit}"'] if limit else []
    path = tmp_path / "record.toml"
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


ORDINARY = ("corrected calcium = 2.35 mmol/L", "25-OH vitamin D = 70 nmol/L", "creatinine = 72 umol/L")
LIVER = (
    "ALT = 440 U/L, limit 40 U/L",
    "bilirubin = 80 umol/L, limit 20 umol/L",
    "ALP = 90 U/L, limit 120 U/L",
)
ANSWERS = (
    "hypersensitivity_denosumab=no",
    "severe_skin_reaction=none",
    "indication=PMO",
    "dental_status=good",
    "onj_external_history=no",
    "aff_confirmed=no",
    "syringe_shaken_or_frozen=no",
)


def test_a_record_of_three_normal_results_is_not_complete_and_numbers_what_to_ask(call, tmp_path):
    """Calcium, vitamin D and eGFR alone say nothing of allergy, jaw or femur."""
    words = ("check", record(tmp_path, *ORDINARY), "--jurisdiction", "UK")
    found, page = call(*words).out, call(*words, "--json").json
    assert "? Not complete" in found
    assert (page["state"], page["complete"]) == ("not_complete", False)
    assert 0 < len(page["questions"]) <= 8
    for number, question in enumerate(page["questions"], 1):
        assert f"\n{number}. {question['text']}" in found
    assert "Not in the record: checks" not in found


def test_clear_is_said_only_when_every_question_is_answered(call, tmp_path):
    facts = [part for answer in ANSWERS for part in ("--fact", answer)]
    words = ("check", record(tmp_path, *ORDINARY), "--jurisdiction", "UK")
    found = call(*words, *facts)
    assert "○ Clear" in found.out
    assert "every safety question for this act is answered" in found.out
    for left_out in range(0, len(facts), 2):
        fewer = facts[:left_out] + facts[left_out + 2 :]
        assert "Clear" not in call(*words, *fewer).out, facts[left_out + 1]


@pytest.mark.parametrize("act", ["next dose", "stop", "delay", "switch to zoledronate", "review"])
def test_an_emergency_stands_before_the_answer_of_every_act(call, tmp_path, act):
    low = record(tmp_path, "corrected calcium = 1.62 mmol/L", facts="hypocalcaemia_symptoms = true")
    found = call("check", low, "--action", act, "--jurisdiction", "UK").out
    lines = [line for line in found.splitlines() if line]
    assert lines[1].startswith("EMERGENCY, today:")
    assert "gluconate" in lines[1]


def test_liver_tests_that_meet_a_stopping_rule_are_findings_of_the_check(call, tmp_path):
    """ALT 11 times the limit with bilirubin 4 times."""
    ill = record(tmp_path, *ORDINARY, *LIVER)
    page = call("check", ill, "--jurisdiction", "UK", "--json").json
    used = {fact["name"] for one in page["findings"] if one["severity"] != "inform" for fact in one["facts"]}
    assert used & {"hys_law", "stopping_rule_met"}
    assert (page["state"], "LV-01" in page["block_ids"]) == ("do_not_give", True)


def test_two_results_of_one_day_that_differ_are_named_and_the_worse_counts(call, tmp_path):
    two = record(
        tmp_path, "corrected calcium = 2.35 mmol/L", "corrected calcium = 1.77 mmol/L", *ORDINARY[1:]
    )
    found = call("check", two, "--jurisdiction", "UK")
    assert "Results of one day that contradict each other" in found.out
    assert "1.77 mmol/L and 2.35" in found.out
    assert "■ Do not give" in found.out


def test_both_kidney_estimates_stand_with_their_day_and_origin(call, tmp_path):
    words = ("check", record(tmp_path, *ORDINARY), "--jurisdiction", "UK")
    found = call(*words).out
    for said in ("eGFR", "Cockcroft-Gault", "60.5 mL/min", "2026-09-10", "Cockcroft and Gault 1976"):
        assert said in found, said
    names = [one["name"] for one in call(*words, "--json").json["kidney"]]
    assert names == ["egfr_mL_min_173m2", "crcl_mL_min"]


def test_an_emergency_and_a_wrong_strength_cannot_be_overridden(refused, tmp_path):
    low = record(tmp_path, "corrected calcium = 1.62 mmol/L")
    words = ("check", low, "--jurisdiction", "UK", "--on", "2026-12-01")
    assert "FX-01 cannot be overridden" in refused(*words, "--override", "FX-01: known")
    path = Path(low)
    path.write_text(path.read_text("utf-8").replace('"Prolia"', '"Xgeva"'), "utf-8")
    assert "FX-20 cannot be overridden" in refused(*words, "--override", "FX-20: known")
