"""The table of published and constructed cases: every expected cell agrees."""

import csv
from pathlib import Path

import pytest

from bonecast.liver import assess_case_table, read_case_table

FILE = Path(__file__).parents[1] / "data" / "liver" / "cases.csv"
ROWS = read_case_table(FILE, "cases.csv")
FOUND = {row["id"]: row for row in assess_case_table(ROWS, "cases.csv")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_expected_cell_of_a_case_agrees(row):
    expected = {name.removeprefix("exp_"): cell for name, cell in row.items() if name.startswith("exp_")}
    assert len(expected) == 11
    assert {name: FOUND[row["id"]][name] for name in expected} == expected


def test_the_table_has_its_twenty_two_cases():
    with FILE.open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(FOUND) == 22


def case(**cells: str) -> dict[str, str]:
    """One row and what is found in it."""
    return assess_case_table(
        [{"id": "X", "tbl": "1.0", "tbl_uln": "1.2", "tbl_unit": "mg/dL", **cells}], "rows"
    )[0]


BONE = {"alt": "30", "alt_uln": "40", "alp": "390", "alp_uln": "130"}


def test_alp_of_bone_with_normal_ggt_makes_no_case_and_the_raw_rule_would():
    assert case(**BONE)["dili"] == "yes"
    assert case(**BONE, ggt="30", ggt_uln="45")["dili"] == "no"
    assert case(**BONE, ggt="90", ggt_uln="45")["dili"] == "yes"
    assert case(**BONE, story="bone metastasis; GGT normal")["dili"] == "no"
    assert case(**BONE, story="bone metastasis, raised GGT")["dili"] == "yes"
    assert case(**BONE, story="no bone metastasis")["dili"] == "yes"


def test_alp_that_may_be_of_bone_cannot_be_assessed_without_ggt_and_the_note_says_so():
    found = case(**BONE, story="Paget's disease")
    assert found["dili"] == ""
    assert "no GGT" in found["note"]


def test_bone_alp_does_not_take_a_person_out_of_hys_law():
    jaundiced = {**BONE, "alt": "400", "tbl": "4.0"}
    assert case(**jaundiced)["hy_biochem"] == "no"
    assert case(**jaundiced, ggt="30", ggt_uln="45")["hy_biochem"] == "yes"
    assert case(**jaundiced, story="bone metastases")["hy_biochem"] == "unknown"


def test_r_of_exactly_two_is_cholestatic_by_one_convention_and_mixed_by_the_other():
    found = case(alt="160", alt_uln="40", alp="240", alp_uln="120")
    assert (found["R"], found["pattern_2016"], found["pattern_livertox"]) == ("2.00", "cholestatic", "mixed")


def test_enzymes_in_ukat_give_what_enzymes_in_units_give():
    units = case(alt="800", alt_uln="40", alp="130", alp_uln="120")
    katals = case(
        alt="13.333333333", alt_uln="0.666666666667", alt_unit="ukat/L",
        alp="2.1666666667", alp_uln="2", alp_unit="µkat/L",
    )  # fmt: skip
    assert katals == units


CODES = {
    "injury": "hepatocellular", "i1": "H1_START_5_90", "i2": "H2_30D", "i3a": "A3_NONE", "i3b": "G3_LT55",
    "i4": "K4_NONE", "i5": "X5_ALL", "i6": "N6_LABEL", "i7": "H7_OTHER",
}  # fmt: skip


def test_a_total_with_an_item_left_out_is_a_subtotal():
    assert (case(**CODES)["total"], case(**CODES)["band"]) == ("8", "probable")
    found = case(**{**CODES, "i7": ""})
    assert (found["total"], found["band"]) == ("8", "subtotal")
    assert "items not given: 7" in found["note"]


def test_the_lowest_hepatocellular_case_scores_minus_nine():
    lowest = {
        "injury": "hepatocellular", "i1": "H1_START_OTHER", "i2": "H2_POOR", "i3a": "A3_NONE", "i3b": "G3_LT55",
        "i4": "K4_PROVEN", "i5": "X5_PROB", "i6": "N6_UNKN", "i7": "H7_NEG",
    }  # fmt: skip
    assert (case(**lowest)["total"], case(**lowest)["band"]) == ("-9", "excluded")
