"""A hundred cases written by hand: outcome, the rules that must fire, those that must not, all blocks and warnings."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bonecast.care.cases import check_cases, read_cases
from bonecast.errors import InputError

FOLDER = Path(__file__).parents[1] / "data" / "care"
FILES = (FOLDER / "scenarios.csv", FOLDER / "follow_on_cases.csv")
EXPECTED = {row["id"]: row for file in FILES for row in csv.DictReader(file.open(encoding="utf-8"))}
FOUND = {result.id: result for file in FILES for result in check_cases(read_cases(file)[0])}

# A man or a woman before the menopause, with osteoporosis after the menopause as the indication.
CONTRADICT_THEMSELVES = {"F003", "F004", "F153", "F199", "F211", "F231"}


def ids(cell: str) -> set[str]:
    return set(filter(None, cell.split(";")))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_case_has_the_outcome_and_the_rules_that_were_written_for_it(name):
    found, expected = FOUND[name], EXPECTED[name]
    every = {rule for group in found.ids.values() for rule in group}
    assert found.outcome == expected["expected_outcome"]
    assert ids(expected["expected_key_rule_ids"]) <= every
    assert not ids(expected["must_not_fire_rule_ids"]) & every
    assert set(found.ids["block"]) == ids(expected["all_block_ids"])
    assert set(found.ids["warn"]) == ids(expected["all_warn_ids"])
    if name not in CONTRADICT_THEMSELVES:
        assert found.contradictions == ()


def cases(tmp_path: Path, text: str) -> list:
    path = tmp_path / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return check_cases(read_cases(path)[0])


def test_a_json_null_takes_a_default_away(tmp_path):
    text = "id,planned_action,jurisdiction,albumin_corrected_calcium_mmol_L,other\n"
    with_default, without = cases(
        tmp_path,
        text + 'a,start_60,US,2.0,{}\nb,start_60,US,2.0,"{""calcium_lln_mmol_L"": null}"\n',
    )
    assert with_default.ids["block"] == ["CI-01"]
    assert without.ids["block"] == []


def test_a_missing_calcium_is_judged_by_the_jurisdiction(tmp_path):
    text = "id,planned_action,jurisdiction\n" + "".join(
        f"{j},continue_60,{j}\n" for j in ("US", "CA", "EU", "UK")
    )
    found = {result.id: result for result in cases(tmp_path, text)}
    assert {name: result.outcome for name, result in found.items()} == {
        "US": "warned",
        "CA": "warned",
        "EU": "blocked",
        "UK": "blocked",
    }
    assert all("PD-05" in result.ids["warn"] for result in found.values())


@pytest.mark.parametrize(
    ("days", "fires"),
    [
        (154, {"DO-07"}),
        (155, {"DO-08"}),
        (182, {"DO-08"}),
        (183, {"DD-01"}),
        (211, {"DD-01", "DD-02"}),
        (212, {"DD-02", "DD-03", "DD-09"}),
        (213, {"DD-02", "DD-03", "DD-09", "DD-10"}),
        (295, {"DD-02", "DD-03", "DD-09", "DD-11"}),
        (296, {"DD-02", "DD-04", "DD-09", "DD-11"}),
        (365, {"DD-02", "DD-04", "DD-09", "DD-11"}),
        (366, {"DD-02", "DD-04", "DD-06", "DD-09", "DD-11"}),
    ],
)
def test_lateness_turns_on_the_day_that_its_source_names(tmp_path, days, fires):
    text = "id,planned_action,jurisdiction,last_denosumab_offset_days,n_doses_received\n"
    (found,) = cases(tmp_path, text + f"x,continue_60,UK,-{days},4\n")
    every = {rule for group in found.ids.values() for rule in group}
    assert {rule for rule in every if rule.startswith("DD") or rule in ("DO-07", "DO-08")} == fires


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id,age_years\na,old\n", "line 2, age_years"),
        ("id,other\na,[1]\n", "line 2, other"),
        ('id,other\na,"{""on_dialisis"": true}"\n', "on_dialysis"),
        ("id,age_years\na\n", "line 2"),
        ("age_years\n70\n", "column id"),
        ("", "the file is empty"),
        ('id,sex\n"a,F\n', "CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(tmp_path, text, place):
    with pytest.raises(InputError, match=place):
        cases(tmp_path, text)
