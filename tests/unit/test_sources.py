"""Evidence that can be checked: each number in use is the number of its claim, and what is missing is said."""

from __future__ import annotations

import ast
import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bonecast.care import care_sources, limit_days, rule_limits, rules
from bonecast.care.rules import read_rules
from bonecast.care.schedule_table import steps
from bonecast.care.variables import find_variable
from bonecast.core import EVIDENCE_GRADES
from bonecast.errors import UnknownName
from bonecast.evidence import evidence_rows
from bonecast.liver import known_findings, thresholds
from bonecast.models import load_model, model_names
from bonecast.outcomes import fracture_parameter_set, published_incidence
from bonecast.outcomes.published_rates import all_rates
from bonecast.trust import grade_counts, lack_counts, reading_list, source_lines
from bonecast.trust.sources import LACKS, NO_DAY, OWN, RECALLED, read_log, with_readings

ROOT = Path(__file__).parents[2]
TABLES = [ROOT / "src/bonecast/care/rules.csv", *(ROOT / "src/bonecast/drugs/catalogue").glob("*/rules.csv")]
ROWS = [row for path in TABLES for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
# These compare with a number that is no limit of a source: the strength that was given, and none, one or some.
NO_LIMIT = {"dose_mg": (60, 120)}
COUNTED = (0, 1)


def compared(condition: str):
    """Name and number, or name of the limit, of every comparison of a condition as it stands in its table."""
    return re.findall(r"(\w+) (?:<=|>=|<|>|==|!=) (-?[\d.]+|\$\w+)", condition)


def line(name: str, entry: str):
    return next(one for one in source_lines() if one.id == f"{name}, {entry}")


def test_every_rule_takes_its_limits_from_claims_and_writes_no_number_of_its_own():
    own = [
        (row["id"], name, number)
        for row in ROWS
        for name, number in compared(row["condition"])
        if not number.startswith("$") and float(number) not in NO_LIMIT.get(name, COUNTED)
    ]
    assert own == []
    assert sum("$" in row["condition"] for row in ROWS) > 130


def test_the_number_that_a_rule_compares_with_is_the_number_of_the_claim():
    for row in ROWS:
        used = dict.fromkeys(number[1:] for _, number in compared(row["condition"]) if number.startswith("$"))
        rule = rules()[row["id"]]
        assert [one.key for one in rule.limits] == list(used)
        numbers = {ast.literal_eval(text) for text in re.findall(r"(?<=[<>=] )-?[\d.]+", rule.text)}
        assert {one.number for one in rule.limits} <= numbers


def test_a_limit_has_the_unit_of_what_is_compared_with_it_and_some_rule_or_date_uses_it():
    used = set()
    for row in ROWS:
        for name, number in compared(row["condition"]):
            if number.startswith("$"):
                assert rule_limits()[number[1:]].unit == find_variable(name, "test").unit
                used.add(number[1:])
    assert set(rule_limits()) - used == {"due_120_d"}
    assert next(one for one in steps() if one.key == "injection-120").at_d == limit_days("due_120_d")


def test_a_claim_that_changes_its_number_changes_the_rule(monkeypatch):
    changed = {**rule_limits()}
    changed["zoledronate_crcl"] = replace(changed["zoledronate_crcl"], number=40.0)
    monkeypatch.setattr("bonecast.care.limits.rule_limits", lambda: changed)
    rule = read_rules([{**row, "disagrees_with": ""} for row in ROWS if row["id"] == "FZ-01"])["FZ-01"]
    assert rule.condition.closed({"giving_zol5": True, "crcl_mL_min": 37.0})
    assert not rules()["FZ-01"].condition.closed({"giving_zol5": True, "crcl_mL_min": 37.0})


def test_a_limit_that_is_not_in_the_table_is_refused_with_the_nearest():
    row = next({**row, "disagrees_with": ""} for row in ROWS if row["id"] == "FZ-01")
    row["condition"] = row["condition"].replace("$zoledronate_crcl", "$zoledronate_crc")
    with pytest.raises(UnknownName, match="zoledronate_crcl"):
        read_rules([row])


@pytest.mark.parametrize("part", ["rule", "limit"])
def test_what_is_only_recalled_decides_no_block(monkeypatch, part):
    recalled = [
        rule
        for rule in rules().values()
        if rule.severity == "block" and "recalled" in (rule.mark, *(one.mark for one in rule.limits))
    ]
    assert recalled
    assert [rule.id for rule in recalled if rule.binding] == []
    row = next({**row, "disagrees_with": ""} for row in ROWS if row["id"] == "FZ-01")
    assert read_rules([row])["FZ-01"].binding
    if part == "rule":
        row["mark"] = "recalled"
    else:
        limit = replace(rule_limits()["zoledronate_crcl"], mark="recalled")
        monkeypatch.setattr(
            "bonecast.care.limits.rule_limits", lambda: {**rule_limits(), "zoledronate_crcl": limit}
        )
    assert not read_rules([row])["FZ-01"].binding


def test_no_formula_that_a_rule_reads_through_and_no_stop_of_the_liver_rests_on_memory():
    masses = ("calcium", "magnesium", "creatinine", "25-hydroxyvitamin D3")
    read = [line("records/molar_masses.toml", name) for name in masses]
    read += [line("records/kidney.toml", name) for name in ("ckd_epi_2021", "cockcroft_gault")]
    assert [one.id for one in read if one.grade == "recalled"] == []
    assert {one.severity for one in known_findings() if one.mark == "recalled"} <= {"warn", "inform"}


def test_every_entry_has_a_grade_a_kind_and_what_rests_on_it_and_no_name_stands_twice():
    lines = source_lines()
    assert len({one.id for one in lines}) == len(lines) > 2500
    assert {one.grade for one in lines} <= set(EVIDENCE_GRADES)
    assert [one.id for one in lines if not (one.kind and one.claim and one.supports)] == []
    assert sum(map(sum, map(dict.values, grade_counts().values()))) == len(lines)


def test_every_rule_limit_and_published_row_is_an_entry():
    ids = {one.id.partition(", ")[2] for one in source_lines()}
    assert set(rules()) | set(rule_limits()) | {row.id for row in evidence_rows()} <= ids


def test_the_numbers_of_the_entries_are_those_in_use():
    used = {("liver/thresholds.toml", f"threshold {key}"): one.value for key, one in thresholds().items()}
    used |= {("outcomes/published_rates.csv", one.id): one.value for one in all_rates()}
    used |= {("outcomes/incidence.csv", one.id): one.value for one in published_incidence()}
    used |= {("care/limits.csv", key): one.number for key, one in rule_limits().items()}
    found = {tuple(one.id.split(", ", 1)): one.number for one in source_lines()}
    rows = {entry: number for (name, entry), number in found.items() if name.startswith("evidence/")}
    assert [key for key, value in used.items() if float(found[key]) != value] == []
    assert [
        one.id for one in evidence_rows() if one.value is not None and float(rows[one.id]) != one.value
    ] == []
    assert len(used) > 250


def test_the_numbers_of_the_parameters_are_those_of_the_models():
    found = {}
    for one in source_lines():
        entry = one.id.split(", ", 1)[1]
        if entry.startswith("parameter ") and one.grade != "calibrated":
            found.setdefault(entry.removeprefix("parameter "), set()).add(float(one.number))
    sets = [load_model(name).parameter_set for name in model_names()] + [fracture_parameter_set()]
    used = [(key, one) for each in sets for key, one in each.parameters.items() if one.mark != "calibrated"]
    assert len(used) > 400
    assert [key for key, one in used if one.value not in found[key]] == []


def test_what_is_ours_lacks_nothing_and_what_was_recalled_lacks_the_reading_first():
    for one in source_lines():
        if one.grade in OWN:
            assert one.lacks == ()
        elif one.grade == "recalled":
            assert one.lacks[0] == RECALLED
        else:
            assert (NO_DAY in one.lacks) is (not one.read_on)
    assert list(lack_counts()) == list(LACKS)
    assert lack_counts()[RECALLED] == sum(one.grade == "recalled" for one in source_lines())


def test_the_reading_list_names_what_blocks_first_and_every_entry_that_lacks_something():
    found = reading_list()
    assert [one.decides for one in found[:10]] == ["block"] * 10
    first_day_only = next((i for i, one in enumerate(found) if one.lacks == (NO_DAY,)), len(found))
    order = ("block", "warn", "inform", "")
    urgent = [order.index(one.decides) for one in found[:first_day_only]]
    assert urgent == sorted(urgent)
    assert {name for one in found for name in one.ids} == {one.id for one in source_lines() if one.lacks}


def test_a_reading_that_is_logged_gives_the_day_and_a_locator_and_takes_the_source_off_the_list():
    before = line("drugs/catalogue/denosumab/rules.csv", "DD-04")
    assert before.identifier == "10.7326/M20-0882"
    assert (before.read_on, before.lacks[-1]) == ("", NO_DAY)
    (after,) = with_readings([before], {"10.7326/M20-0882": ("2026-12-01", "table 2")})
    assert (after.read_on, after.locator, after.lacks) == ("2026-12-01", "table 2", ())
    (other,) = with_readings([before], {"10.1000/other": ("2026-12-01", "table 2")})
    assert other == before


def test_each_logged_reading_is_of_a_source_that_is_cited():
    cited = {one for line in source_lines() for one in line.identifier.split("; ")}
    assert set(read_log()) <= cited


def test_a_locator_that_is_recorded_beside_a_source_of_the_rules_agrees_with_its_citation():
    numbers = {
        one.key: [set(re.findall(r"\d+", text)) for text in (one.locator, f"{one.text} {one.where}")]
        for one in care_sources().values()
    }
    assert [key for key, (found, cited) in numbers.items() if not found <= cited] == []
    assert sum(bool(found) for found, _ in numbers.values()) > 50
