"""Results as tables: columns by name, files that are whole, pandas, charts and cards, alike for every result."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bonecast as bc
from bonecast.charts import time_axis
from bonecast.core import TableResult
from bonecast.engine import Bolus, SetParameter
from bonecast.evidence import calibration_rows
from bonecast.regimens import Dose

PLAN = "denosumab 60 mg every 6 months x 2"


@cache
def results() -> dict[str, TableResult]:
    """One of each kind, small."""
    patient = bc.read_patient("examples/late-dose.toml")
    cohort = bc.population("postmenopausal-osteoporosis").cohort(8)
    data = {"time_d": [182.0], "output": ["LS_BMD_pct_change"], "value": [4.0], "sd": [0.5]}
    spine = [
        row
        for row in calibration_rows()
        if row.endpoint == "LS_BMD_pct" and row.plan and row.plan.drugs == ("denosumab",)
    ]
    return {
        "simulation": bc.simulate("choi-2025", PLAN, every="60 days"),
        "trajectories": cohort.simulate(PLAN, [0.0, 100.0, 300.0]),
        "posterior": bc.condition(patient, "choi-2025", draws=10),
        "fit": bc.fit("choi-2025", data, PLAN, ["kout"]),
        "score": bc.evidence_score("choi-2025", spine[:4], people=20),
        "power": bc.power("biosimilar", pool=300, trials=10),
    }


KINDS = ("simulation", "trajectories", "posterior", "fit", "score", "power")


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_has_the_same_ways_out(kind: str, tmp_path: Path):
    result = results()[kind]
    table = result.table()
    assert table.height > 0
    assert len(result.to_pandas()) == table.height
    assert pl.read_parquet(result.to_parquet(tmp_path / "r.parquet")).equals(table)
    read = pl.read_csv(result.to_csv(tmp_path / "r.csv"), infer_schema_length=None)
    assert read.columns == table.columns
    for name in [name for name in table.columns if table[name].dtype == pl.Float64]:
        assert np.allclose(read[name].cast(pl.Float64), table[name], rtol=1e-9, atol=0, equal_nan=True), name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.parquet"]
    assert "<div" in result._repr_html_()
    assert len(repr(result)) < 200


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_column_is_refused_with_the_nearest(kind: str):
    name = results()[kind].table().columns[-1]
    with pytest.raises(bc.UnknownName, match=name[:6]):
        results()[kind][f"{name}x"]


@pytest.mark.parametrize("kind", ["simulation", "trajectories", "fit", "score"])
def test_a_result_draws_itself(kind: str):
    assert results()[kind].plot().to_dict()["vconcat"]


def test_a_score_without_a_prediction_has_nothing_to_draw():
    rows = [row for row in calibration_rows() if row.plan is None][:2]
    with pytest.raises(bc.InputError, match="no row has a prediction"):
        bc.evidence_score("choi-2025", rows, people=20).plot()


def test_a_column_is_that_of_the_table():
    assert results()["power"]["share"].tolist() == [results()["power"].share]
    run = results()["trajectories"]
    assert run["time_d"].tolist() == [0.0, 100.0, 300.0]


def test_a_file_of_another_kind_is_refused_before_it_is_written(tmp_path: Path):
    with pytest.raises(bc.InputError, match=r"end the name with \.csv"):
        results()["fit"].to_csv(tmp_path / "fit.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_bare_system_runs_as_its_model_does():
    model = bc.load_model("choi-2025")
    run = bc.simulate(model.system, PLAN, every="60 days")
    assert np.array_equal(run.values, results()["simulation"].values)
    parameter = run.source_model.parameter_set.parameters["CL"]
    assert (parameter.mark, parameter.unit) == ("assumption", "model units")
    assert run.plot(["LS_BMD_pct_change"]).to_dict()["vconcat"]


def test_doses_and_events_give_what_the_regimen_in_words_gives():
    named = results()["simulation"]
    plan = bc.parse_regimen(PLAN)
    by_dose = bc.simulate("choi-2025", list(plan.doses), every="60 days")
    events = [Bolus(24 * dose.time_d, "denosumab", 60.0) for dose in plan.doses]
    by_event = bc.simulate("choi-2025", events, every="60 days")
    assert np.array_equal(by_dose.times_d, named.times_d)
    for run in (by_dose, by_event):
        assert run.plan == ""
        assert np.allclose(run.values, named.values, rtol=1e-12, atol=1e-9)
        assert "as given" in run._repr_html_()


def test_what_is_laid_out_is_of_one_kind():
    with pytest.raises(bc.InputError, match="it mixes doses and events"):
        bc.simulate("choi-2025", [Dose(0.0, "denosumab", 60.0, "mg", 0.0), SetParameter(1.0, "CL", 0.1)])
    with pytest.raises(bc.InputError, match="a float is no dose and no event"):
        bc.simulate("choi-2025", [60.0])


def test_a_model_of_ones_own_draws_itself_without_being_registered():
    model = bc.load_model("choi-2025")
    mine = replace(model, name="nobody-knows", system=replace(model.system, name="nobody-knows"))
    run = bc.simulate(mine, PLAN, every="60 days")
    assert run.source_model is mine
    assert run.plot(["LS_BMD_pct_change"]).to_dict()["vconcat"]
    assert "nobody-knows" in run._repr_html_()


@pytest.mark.parametrize(
    ("end_d", "unit"), [(150.0, "days"), (150.1, "months"), (1461.0, "months"), (1462.0, "years")]
)
def test_the_axis_of_time_has_the_unit_of_its_length(end_d: float, unit: str):
    axis = time_axis(np.linspace(0.0, end_d, 1000))
    assert axis.unit == unit
    assert (axis.rows[0], axis.rows[-1]) == (0, 999)
    assert len(axis.x) <= 401
