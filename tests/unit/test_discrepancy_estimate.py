"""The structural error by class, estimated from made-up misses of which the truth is known."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from bonecast.calibration.discrepancy import Miss, discrepancy_csv, error_model
from bonecast.evidence import RowClass
from bonecast.models import read_discrepancy


def a_class(
    drug="denosumab", population="PMO", phase="on_treatment", months=12.0, endpoint="LS_BMD"
) -> RowClass:
    return RowClass(endpoint, drug, population, phase, months)


def misses(
    of: RowClass, sd: float, studies: int, seed: int, bias: float = 0.0, known: float = 0.04
) -> list[Miss]:
    """One row of each study: the miss is the structural error, the bias and what is known."""
    error = np.random.default_rng(seed).normal(bias, np.sqrt(sd**2 + known), studies)
    return [Miss(of, f"{of.drug} {of.phase} {i}", float(e), known) for i, e in enumerate(error)]


def test_the_error_of_classes_with_many_studies_is_found():
    small, large = a_class(), a_class("anabolic", phase="after_switch")
    model = error_model(misses(small, 0.5, 300, 1) + misses(large, 3.0, 300, 2), "BMD")
    assert model.sd(small) == pytest.approx(0.5, rel=0.15)
    assert model.sd(large) == pytest.approx(3.0, rel=0.15)


def test_what_sampling_and_study_effect_explain_is_no_error_of_the_model():
    of = a_class()
    model = error_model(misses(of, 0.5, 400, 3, known=4.0), "BMD")
    assert model.sd(of) < 1.0  # the misses themselves have an SD of 2


def test_a_bias_counts_as_error():
    of = a_class()
    assert error_model(misses(of, 0.1, 200, 4, bias=2.0), "BMD").sd(of) == pytest.approx(2.0, rel=0.15)


def test_a_class_of_one_study_is_drawn_to_its_parents_and_never_to_zero():
    many, lucky = a_class(), a_class(population="AI")
    rows = misses(many, 1.5, 200, 5)
    model = error_model([*rows, Miss(lucky, "one", 0.0, 0.04)], "BMD")
    assert 0.7 < model.sd(lucky) < 3.0


def test_a_class_without_rows_is_wider_than_the_one_beside_it():
    seen, unseen = a_class(), a_class(population="GIOP")
    model = error_model(misses(seen, 1.0, 200, 6), "BMD")
    assert model.sd(unseen) > 1.1 * model.sd(seen)


def test_rows_of_one_study_count_less_than_rows_of_as_many_studies():
    of = a_class()
    rows = misses(of, 1.0, 40, 7)
    calm = [Miss(of, "one study", 0.0, 0.04) for _ in range(40)]
    apart = [Miss(of, f"study {i}", 0.0, 0.04) for i in range(40)]
    assert error_model(rows + calm, "BMD").sd(of) > 1.2 * error_model(rows + apart, "BMD").sd(of)


def test_an_error_that_grows_with_time_is_found_to_grow():
    rows = []
    for months in (6.0, 12.0, 24.0, 48.0):
        rows += misses(a_class(months=months), 0.5 * (months / 12) ** 0.6, 150, int(months))
    model = error_model(rows, "BMD")
    assert model.growth_of("on_treatment") == pytest.approx(0.6, abs=0.15)
    assert model.sd(a_class(months=48.0)) > 1.7 * model.sd(a_class())


def test_the_table_is_the_same_on_every_run_and_a_model_can_read_it(tmp_path):
    rows = misses(a_class(), 1.0, 20, 8)
    rows += misses(a_class("none", phase="untreated", endpoint="CTX"), 0.3, 20, 9)
    rows += misses(a_class("none", phase="untreated", endpoint="vertebral_fracture"), 0.3, 20, 10)
    text = discrepancy_csv(rows)
    assert text == discrepancy_csv(rows)
    (tmp_path / "discrepancy.csv").write_text(text, encoding="utf-8")
    table = read_discrepancy(tmp_path / "discrepancy.csv")
    own = table.find("LS_BMD", "denosumab", "PMO", "on_treatment")
    assert (own.rows, own.basis) == (20, "out_of_sample")
    assert table.find("FN_BMD", "denosumab", "PMO", "on_treatment").basis == "widened_by_rule"
    every = list(csv.DictReader(io.StringIO(text)))
    assert {float(row["growth"]) for row in every if row["endpoint"] == "CTX"} == {0.0}
