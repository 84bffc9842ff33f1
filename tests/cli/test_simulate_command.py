"""`bonecast simulate`: what it writes, and what it refuses before it starts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bonecast.errors import UnknownName
from bonecast.models import load_model
from bonecast.simulation import simulate

MODEL, PLAN = "choi-2025", "denosumab 60 mg every 6 months x 2"
DOSES = (0.0, 182.625)


def test_a_csv_has_time_then_every_output_with_a_row_each_week_and_at_each_dose(call, tmp_path: Path):
    target = tmp_path / "run.csv"
    assert call("simulate", MODEL, PLAN, "--out", str(target)).code == 0
    with open(target, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["time_d", *load_model(MODEL).system.output_names]
    times = [float(row[0]) for row in rows]
    assert times == sorted({*(7.0 * week for week in range(53)), *DOSES, 365.25})
    assert all(np.isfinite([float(cell) for row in rows for cell in row]))


def test_parquet_csv_and_json_hold_the_same_numbers(call, tmp_path: Path):
    table, text = tmp_path / "run.parquet", tmp_path / "run.csv"
    for target in (table, text):
        assert call("simulate", MODEL, PLAN, "--out", str(target), "--every", "30 days").code == 0
    rows = call("simulate", MODEL, PLAN, "--json", "--every", "30 days").json["rows"]
    read = pl.read_parquet(table)
    assert read.equals(pl.DataFrame(rows))
    assert np.allclose(read.to_numpy(), pl.read_csv(text).cast(pl.Float64).to_numpy(), rtol=1e-9, atol=1e-300)


def test_a_row_at_a_dose_time_shows_the_person_before_the_dose_or_after_it_on_request():
    # a dose of this model raises its effect level at once, so the two sides of a dose differ
    before = simulate("joerg-2022", "denosumab 60 mg once", every="1 month")
    after = simulate("joerg-2022", "denosumab 60 mg once", every="1 month", after_dose=True)
    assert before["denosumab_psi"][0] == 0
    assert after["denosumab_psi"][0] > 0
    assert np.allclose(before["denosumab_psi"][1:], after["denosumab_psi"][1:], rtol=1e-3)


def test_the_run_lasts_to_the_end_of_the_plan_and_at_least_one_year():
    assert simulate(MODEL, "denosumab 60 mg once").times_d[-1] == 365.25
    assert simulate(MODEL, f"{PLAN}, then nothing for 1 year").times_d[-1] == 2 * 365.25
    assert simulate(MODEL, PLAN, until="3 months").times_d[-1] == 3 * 30.4375


def test_a_changed_parameter_changes_the_run_and_only_then():
    plain, same = (
        simulate(MODEL, PLAN),
        simulate(MODEL, PLAN, set={"CL": load_model(MODEL).system.parameters["CL"]}),
    )
    faster = simulate(MODEL, PLAN, set={"CL": 2 * load_model(MODEL).system.parameters["CL"]})
    assert np.array_equal(plain.values, same.values)
    assert faster["denosumab_ng_mL"][4] < 0.95 * plain["denosumab_ng_mL"][4]


def test_placebo_changes_nothing():
    given = simulate(MODEL, "placebo 60 mg every 6 months x 2", every="182.625 days")
    nothing = simulate(MODEL, "nothing for 1 year", every="182.625 days")
    assert np.array_equal(given.values, nothing.values)


def test_the_terminal_gets_about_a_dozen_rows_and_is_stated_where_the_rest_is(call):
    printed = call("simulate", MODEL, PLAN).out
    rows = [line for line in printed.splitlines() if line.strip()[:1].isdigit() and " of " not in line]
    assert len(rows) == 12
    assert rows[0].split()[0] == "0"
    assert rows[-1].split()[0] == "365.25"
    assert "--out" in printed


def test_an_unknown_output_is_refused_with_the_nearest_names():
    run = simulate(MODEL, PLAN)
    with pytest.raises(UnknownName, match="denosumab_ng_mL"):
        run["denosumab_ng_ml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("choi-2052", PLAN), "choi-2025"),
        ((MODEL, "denosumb 60 mg once"), "denosumab"),
        ((MODEL, "denosumab 60 mg sometimes"), "character 17"),
        ((MODEL, ""), "empty"),
        (
            (MODEL, "romosozumab 210 mg monthly x 12"),
            "models that support it: bonecast-2, bonecast-1, joerg-2022",
        ),
        ((MODEL, "zoledronate 5 mg once"), "models that support it: bonecast-2, bonecast-1"),
        ((MODEL, "6 months after the last dose denosumab 60 mg once"), "after a last dose"),
        (("joerg-2022", "alendronate 70 mg once"), "steady intake"),
        ((MODEL, PLAN, "--until", "10 yeers"), "did you mean 'years'"),
        ((MODEL, PLAN, "--until", "-1 years"), "until"),
        ((MODEL, PLAN, "--every", "0 days"), "every"),
        ((MODEL, PLAN, "--every", "0.00001 days"), "1,000,000"),
        ((MODEL, PLAN, "--set", "CLL=2"), "CL"),
        ((MODEL, PLAN, "--set", "CL=fast"), "not a finite number"),
        ((MODEL, PLAN, "--set", "CL=nan"), "not a finite number"),
        ((MODEL, PLAN, "--set", "CL=-inf"), "not a finite number"),
        ((MODEL, PLAN, "--set", "CL"), "NAME=VALUE"),
        ((MODEL, PLAN, "--set", "CL=1", "--set", "CL=2"), "twice"),
        ((MODEL, PLAN, "--set", "Kss=-1"), "nearer to the model's own"),
        ((MODEL, PLAN, "--rtol", "1"), "rtol"),
        ((MODEL, PLAN, "--rtol", "nan"), "rtol"),
        ((MODEL, PLAN, "--out", "run.xlsx"), ".csv or .parquet"),
        ((MODEL, PLAN, "--out", "run"), ".csv or .parquet"),
        ((MODEL, PLAN, "--out", "no such folder/run.csv"), "no such folder"),
    ],
)
def test_a_wrong_use_is_one_sentence_that_says_what_to_do(refused, words, said):
    assert said in refused("simulate", *words)


def test_a_folder_that_is_a_file_is_refused_before_anything_runs(refused, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("bonecast.simulation.simulate", lambda *_: pytest.fail("it ran"))
    (tmp_path / "file").write_text("text")
    assert "not a folder" in refused("simulate", MODEL, PLAN, "--out", str(tmp_path / "file" / "run.csv"))
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refused("simulate", MODEL, PLAN, "--out", str(tmp_path / "folder.csv"))


def test_a_file_that_exists_is_replaced_whole_and_nothing_is_left_beside_it(call, tmp_path: Path):
    target = tmp_path / "run.csv"
    target.write_text("old")
    assert call("simulate", MODEL, PLAN, "--out", str(target)).code == 0
    assert target.read_text().startswith("time_d,")
    assert list(tmp_path.iterdir()) == [target]
