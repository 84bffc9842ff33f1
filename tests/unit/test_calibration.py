"""The calibration: which rows pull and how hard, what is written, and that a fit makes the cost smaller."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from bonecast.calibration import Targets, fit, targets
from bonecast.calibration.files import pulled_by, write_cards, write_posterior
from bonecast.calibration.fit import CalibrationFit, problem
from bonecast.errors import UnknownName
from bonecast.evidence import Row, calibration_rows
from bonecast.models import load_model
from bonecast.models.posterior import FARTHEST, read_posterior

pytestmark = pytest.mark.slow

MODEL = load_model("bonecast-1")


def one(row: Row, sd: float = 1.0) -> Targets:
    return Targets((row,), np.array([row.value], np.float64), np.array([sd]))


def test_only_rows_of_bmd_and_markers_with_a_plan_pull_the_body():
    found = targets()
    assert {row.endpoint_class for row in found.rows} == {"BMD", "marker"}
    assert all(row.plan is not None for row in found.rows)
    assert {row.id for row in found.rows} <= {row.id for row in calibration_rows()}
    assert len(found.rows) == 86


def test_bonecast_2_is_held_to_three_tables_with_what_lies_between_trials_of_each_population():
    found = targets("bonecast-2")
    assert {row.set for row in found.rows} == {"calibration", "set_2", "pack"}
    least: dict[tuple[str, str], float] = {}
    for row, sd in zip(found.rows, found.sd, strict=True):
        if row.seen == "verbatim" and row.endpoint.endswith("_BMD_pct"):
            key = row.population, row.endpoint[:2]
            least[key] = min(sd, least.get(key, 99.0))
    assert (least["PMO", "LS"], least["PMO", "TH"], least["PMO", "FN"]) == (0.6, 0.4, 0.45)
    assert (least["ADT", "LS"], least["AI", "TH"], least["GIOP", "LS"]) == (1.4, 1.5, 0.8)
    assert {sd for row, sd in zip(found.rows, found.sd, strict=True) if row.endpoint == "CTX_pct"} >= {5.0}


def test_a_model_that_is_not_calibrated_here_is_refused_by_name():
    with pytest.raises(UnknownName, match="bonecast-1"):
        targets("choi-2025")


def test_an_interrupted_fit_computes_nothing_twice(tmp_path, monkeypatch):
    runs: list[int] = []

    def predicted(rows, model, people, seed, factors):
        runs.append(len(factors["aLS"]))
        return np.outer(factors["aLS"], np.ones(len(rows)))

    monkeypatch.setattr(sys.modules["bonecast.calibration.fit"], "predicted_values", predicted)
    asked = problem(MODEL, targets(), people=8, folder=tmp_path)
    logs = np.zeros((1, len(asked.names)))
    first, second = asked.figures(logs), asked.figures(logs)
    assert np.array_equal(first, second)
    assert runs == [1]
    replace(asked, people=9).figures(logs)
    assert runs == [1, 1]  # what is asked differs in anything: it is computed


def test_rows_from_memory_pull_half_as_hard():
    found = targets()
    read, recalled = (
        min(
            sd
            for row, sd in zip(found.rows, found.sd, strict=True)
            if row.seen == seen and "BMD" in row.endpoint
        )
        for seen in ("verbatim", "memory")
    )
    assert recalled**2 == pytest.approx(2 * read**2)


def test_the_loss_is_that_of_least_squares_nearby_and_linear_far_away():
    near, far, farther = (
        one(Row("a", "LS_BMD_pct", value=0.0)).residuals(np.array([x]))[0] for x in (0.01, 50, 100)
    )
    assert near == pytest.approx(0.01, rel=1e-3)
    assert farther**2 / far**2 == pytest.approx(2.0, rel=0.03)
    assert one(Row("a", "LS_BMD_pct", value=0.0)).residuals(np.array([-0.01]))[0] < 0


def test_what_lies_above_a_lower_bound_or_inside_a_printed_range_does_not_pull():
    bound = one(Row("a", "CTX_pct", value=0.0, statistic="lower_bound"))
    assert bound.residuals(np.array([30.0]))[0] == 0.0
    assert bound.residuals(np.array([-30.0]))[0] < 0
    printed = one(
        Row("a", "CTX_pct", value=-45.0, ci_low=-80.0, ci_high=-45.0, statistic="approx", ci_type="range")
    )
    assert printed.residuals(np.array([-60.0]))[0] == 0.0
    assert printed.residuals(np.array([-90.0]))[0] < 0


@pytest.mark.slow
def test_a_fit_makes_the_cost_smaller_and_is_the_same_twice():
    answer: list[str] = []
    asked = problem(MODEL, targets(), people=8, progress=answer.append)
    start = float((asked.residuals(np.zeros(len(asked.names))) ** 2).sum())
    first, second = fit(asked, steps=2), fit(asked, steps=2)
    assert sum(first.costs) < 0.9 * start
    assert np.array_equal(first.values, second.values)
    assert np.all(first.cv > 0)
    assert np.all(first.cv <= asked.prior_sd * 1.001)  # rows cannot make a parameter less known than before


def made(names: tuple[str, ...]) -> CalibrationFit:
    values = np.array([MODEL.parameter_set.parameters[name].value for name in names])
    spread = np.array([0.2, 0.1])
    covariance = np.diag(spread**2) + np.array([[0, 0.01], [0.01, 0]])
    return CalibrationFit(
        names, values, covariance, np.array([[3.0, 0.0], [-0.05, 0.02]]), np.zeros(2), (1.0, 1.0)
    )


def test_cards_name_the_rows_that_pull_and_say_where_none_does(tmp_path):
    rows = (Row("first", "LS_BMD_pct"), Row("second", "LS_BMD_pct"))
    found = made(("aLS", "hz"))
    assert pulled_by(found, rows, 0) == [("first", 3.0)]
    write_cards(tmp_path / "cards.toml", found, rows)
    text = (tmp_path / "cards.toml").read_text(encoding="utf-8")
    assert 'rows = "first"' in text
    assert "it stays where the prior put it" in text


def test_uncertainty_is_read_back_as_it_was_written(tmp_path):
    found = made(("aLS", "xO"))
    write_posterior(tmp_path / "posterior.csv", found)
    again = read_posterior(tmp_path / "posterior.csv", MODEL.parameter_set)
    assert again.names == found.names
    assert again.covariance == pytest.approx(found.covariance, abs=1e-6)


def test_draws_of_uncertain_parameters_have_their_spread_and_keep_to_the_range_of_the_card(tmp_path):
    found = replace(made(("aLS", "xO")), covariance=np.array([[0.04, 0.0], [0.0, 0.25]]))
    write_posterior(tmp_path / "posterior.csv", found)
    drawn = read_posterior(tmp_path / "posterior.csv", MODEL.parameter_set).draw(4000, seed=1)
    assert np.log(drawn["aLS"]).std() == pytest.approx(0.2, rel=0.05)
    assert np.abs(np.log(drawn["aLS"])).max() <= FARTHEST * 0.2 + 1e-9
    share = MODEL.parameter_set.parameters["xO"]
    assert (drawn["xO"] * share.value).max() == pytest.approx(share.range[1])


def test_the_posterior_of_the_model_leaves_every_run_whole():
    from bonecast.engine import dose, simulate

    drawn = MODEL.posterior.draw(400, seed=2)
    people = {name: factors * MODEL.system.parameters[name] for name, factors in drawn.items()}
    events = [dose(MODEL.system, 182.625 * k, "denosumab", 60.0) for k in range(4)]
    runs = simulate(MODEL.system, events, np.arange(0.0, 1500.0, 50.0), people, rtol=1e-4)
    assert not runs.failed()
    assert np.abs(runs.output("LS_BMD_pct_change")).max() < 40
