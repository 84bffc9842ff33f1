"""The table of model errors: which row a class takes, and what a class without a row takes."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.models import (
    Discrepancy,
    DiscrepancyTable,
    load_model,
    model_names,
    read_discrepancy,
    without_table,
)
from bonecast.models.discrepancy import ENDPOINTS

HEAD = "endpoint,drug,population,phase,sd,month,growth,rows,studies,basis,note\n"


def row(drug: str, population: str, phase: str, sd: float) -> Discrepancy:
    return Discrepancy("LS_BMD", drug, population, phase, sd, 12.0, 0.25, 5, 2, "out_of_sample", "")


TABLE = DiscrepancyTable(
    (
        row("any", "any", "on_treatment", 4.0),
        row("bisphosphonate", "any", "on_treatment", 2.0),
        row("bisphosphonate", "PMO", "on_treatment", 1.0),
        row("denosumab", "any", "any", 3.0),
    )
)


@pytest.mark.parametrize(
    ("drug", "population", "phase", "sd"),
    [
        ("bisphosphonate", "PMO", "on_treatment", 1.0),
        ("bisphosphonate", "GIOP", "on_treatment", 2.0),
        ("zoledronate", "PMO", "on_treatment", 1.0),
        ("denosumab_120", "PMO", "after_switch", 3.0),
        ("raloxifene", "PMO", "on_treatment", 4.0),
    ],
)
def test_the_most_special_row_wins(drug, population, phase, sd):
    assert TABLE.find("LS_BMD", drug, population, phase).sd == sd


def test_a_class_without_a_row_is_half_as_wide_again_as_its_widest_relative_and_says_so():
    found = TABLE.find("LS_BMD", "bisphosphonate", "PMO", "after_stopping")
    assert found.sd == pytest.approx(1.5 * 4.0)  # the widest: that of any drug
    assert (found.basis, found.rows) == ("widened_by_rule", 0)
    assert "any drug" in found.note


def test_an_endpoint_without_any_row_has_no_error():
    with pytest.raises(KeyError):
        TABLE.find("PTH", "denosumab", "PMO", "on_treatment")


def test_an_error_grows_as_the_table_says_and_is_held_beyond_the_months_that_were_seen():
    of = row("any", "any", "any", 2.0)
    assert of.sd_at(12.0) == 2.0
    assert of.sd_at(48.0) == pytest.approx(2.0 * 4**0.25)
    assert of.sd_at(120.0) == of.sd_at(60.0)
    assert np.all(np.diff(of.sd_at(np.arange(0.0, 130.0))) >= 0)


@pytest.mark.parametrize("name", [n for n in model_names() if load_model(n).posterior is not None])
def test_each_calibrated_model_has_a_table_with_every_endpoint(name):
    table = load_model(name).discrepancy
    assert table is not None
    assert {r.endpoint for r in table.rows} == set(ENDPOINTS)


def test_a_model_without_a_table_takes_the_rule_for_every_endpoint():
    assert load_model("choi-2025").discrepancy is None
    assert {r.endpoint for r in without_table().rows} == set(ENDPOINTS)
    assert {r.basis for r in without_table().rows} == {"widened_by_rule"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("LS_BMD,morphine,any,any,1,12,0,1,1,out_of_sample,", "line 2, drug"),
        ("LS_BMD,any,any,any,0,12,0,1,1,out_of_sample,", "above 0"),
        ("LS_BMD,any,any,any,1,12,2,1,1,out_of_sample,", "growth"),
        ("LS_BMD,any,any,any,1,12,0,1,1,guessed,", "basis"),
        ("LS_BMD,any,any,any,1,12,0,1,1,out_of_sample,", "no row of TH_BMD"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_the_place(tmp_path, line, said):
    path = tmp_path / "discrepancy.csv"
    path.write_text(HEAD + line + "\n")
    with pytest.raises(ValueError, match=said):
        read_discrepancy(path)


def test_a_class_named_twice_is_refused(tmp_path):
    path = tmp_path / "discrepancy.csv"
    path.write_text(HEAD + 2 * "LS_BMD,any,any,any,1,12,0,1,1,out_of_sample,\n")
    with pytest.raises(ValueError, match="twice"):
        read_discrepancy(path)
