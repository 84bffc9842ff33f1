"""The report of a bone trial: flow, curves, stairs, forests and tables say what the outcomes hold."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from trial_outcomes import Design, endpoint, outcomes, with_arms

from bonecast.charts import svg, table
from bonecast.trials import design_text, play, preset, read_design, report_trials, run_trials
from bonecast.trials.bone import roster
from bonecast.trials.endpoints import forest, incidence, times
from bonecast.trials.report_bone import findings
from bonecast.trials.report_curves import curves
from bonecast.trials.report_events import grove, stairs
from bonecast.trials.report_flow import flow, flow_data, screened
from bonecast.trials.report_source import source_in

pytestmark = pytest.mark.slow

BROKEN = endpoint(
    kind="fracture",
    quantity="vertebral",
    visit="m36",
    name="new fractures",
    subgroups=["age >= 75"],
    primary=True,
)
SPINE = endpoint(kind="bmd-change", quantity="LS_BMD", visit="m36", name="spine")
DESIGN = Design(people=900, strata=(), endpoints=(SPINE, BROKEN))
FRAME = outcomes(DESIGN)
SOURCE = source_in(FRAME)


def test_the_flow_adds_up_in_every_arm():
    branches = flow(DESIGN, SOURCE, SPINE, {"denosumab": 400, "placebo": 390})
    assert sum(branch.randomised for branch in branches) == 900
    for branch in branches:
        counts = {key: n for key, _, n, _ in branch.counts}
        assert counts["dropout"] + counts["death"] + counts["completed"] == branch.randomised
        stopped = FRAME.filter(pl.col("arm") == branch.arm)["stopped_d"].is_not_null().sum()
        assert counts["stopped"] == stopped
        assert "failed" not in counts  # nobody: not a line of the page


def test_the_last_one_enrolled_tells_how_many_were_screened():
    mine = replace(preset("freedom"), people=12, trials=2)
    played = play(mine, 0, 2)
    asked = sum(roster(mine, trial).screened for trial in (0, 1))
    assert screened(mine, source_in(played)) == asked > 24
    assert screened(mine, source_in(played.drop("id"))) is None
    data = flow_data(flow(mine, source_in(played), None, {}), asked)
    assert data.row(0, named=True)["people"] == asked


def test_a_curve_is_the_quantiles_of_its_arm_and_visit():
    drawn = {panel.key: (panel, data) for panel, data in curves(DESIGN, SOURCE)}
    panel, data = drawn["LS_BMD"]
    treated = FRAME.filter(pl.col("arm") == "denosumab")
    change = (100 * (treated["LS_BMD_m36"] / treated["LS_BMD_m0"] - 1)).drop_nulls()
    (row,) = data.filter((pl.col("arm") == "denosumab") & (pl.col("visit") == "m36")).to_dicts()
    assert row["n"] == len(change)
    assert row["mean"] == pytest.approx(change.mean())
    assert panel.series[0].median[-1] == pytest.approx(change.median(), rel=1e-5)
    assert drawn["CTX"][0].log
    assert not panel.log


def test_weights_move_the_curve():
    heavy = FRAME.with_columns(weight=pl.when(pl.col("age") > 72).then(1.5).otherwise(0.5))
    (_, plain), (_, moved) = (curves(DESIGN, source_in(f))[0] for f in (FRAME, heavy))
    part = heavy.filter((pl.col("arm") == "placebo") & pl.col("LS_BMD_m36").is_not_null())
    change = 100 * (part["LS_BMD_m36"] / part["LS_BMD_m0"] - 1)
    assert moved["mean"][-1] == pytest.approx(np.average(change, weights=part["weight"]))
    assert moved["mean"][-1] != pytest.approx(plain["mean"][-1], rel=1e-6)


def test_the_stairs_end_where_the_estimate_does_and_the_numbers_at_risk_fall():
    picture, data = stairs(DESIGN, BROKEN, FRAME)
    for stair in picture.stairs:
        part = FRAME.filter(pl.col("arm") == stair.name)
        assert stair.y[-1] == pytest.approx(incidence(times(BROKEN, part), False).share[-1])
        assert stair.at_risk[0] == part.height
        assert list(stair.at_risk) == sorted(stair.at_risk, reverse=True)
    assert data["arm"].n_unique() == 2
    drawn = svg(picture)
    assert "at risk" in drawn
    assert f"{picture.stairs[0].at_risk[-1]:,}" in drawn
    assert len(table(picture).rows) == len(picture.x_at)


def test_the_forest_shows_both_sides_of_no_difference_and_every_group():
    picture, data = grove(DESIGN, BROKEN, forest(BROKEN, FRAME, DESIGN))
    assert picture.x_domain[0] < 1 < picture.x_domain[1]
    assert [twig.name for twig in picture.twigs] == ["everybody", "age ≥ 75", "age < 75"]
    assert data.height == 3
    drawn = svg(picture)
    assert all(twig.name.split(" ")[0] in drawn for twig in picture.twigs)
    assert [row[0] for row in table(picture).rows] == [twig.name for twig in picture.twigs]


def test_the_primary_endpoint_comes_first_and_every_comparison_is_stated():
    found = findings(DESIGN, SOURCE)
    assert list(found.rows) == ["new fractures", "spine"]
    summary = next(one for one in found.tables if one.key == "endpoints")
    assert [row[0] for row in summary.text.rows] == ["new fractures, m36 (primary)", "spine, m36"]
    assert len(found.details[1].text.rows) == 3


def test_many_trials_tell_how_often_an_endpoint_is_met():
    design = replace(DESIGN, trials=20, people=150, endpoints=(SPINE,))
    source = source_in(pl.concat(outcomes(design, trial=i, gain=1.0) for i in range(20)))
    found = findings(design, source)
    (row,) = next(one for one in found.tables if one.key == "trials").data.to_dicts()
    assert row["trials"] == 20
    assert 0.1 < row["met"] < 0.9
    assert row["p05"] < 1.0 < row["p95"]


def test_three_arms_name_themselves_in_every_cell():
    design = with_arms(DESIGN, "early", "late", "placebo")
    found = findings(design, source_in(outcomes(design)))
    summary = next(one for one in found.tables if one.key == "endpoints")
    assert [row[1].split(":")[0] for row in summary.text.rows] == ["early", "late", "early", "late"]


def test_the_page_of_a_run_is_whole_and_every_table_lies_beside_it(tmp_path):
    small = tmp_path / "small.toml"
    small.write_text(re.sub(r"(?m)^people = .*$", "people = 60", design_text("freedom")), encoding="utf-8")
    run_trials(small, tmp_path / "run")
    rows, paths = report_trials(tmp_path / "run")
    page = paths["report.html"].read_text("utf-8")
    assert {row.endpoint for row in rows} == {one.name for one in read_design(small).endpoints}
    for name in re.findall(r"In ([\w.-]+\.csv)", page):
        assert (tmp_path / "run" / name).exists(), name
    assert "<script" not in page
    before = {name: path.read_bytes() for name, path in paths.items()}
    again = report_trials(tmp_path / "run")[1]
    assert {name: path.read_bytes() for name, path in again.items()} == before
