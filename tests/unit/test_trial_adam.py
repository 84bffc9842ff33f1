"""Outcomes in the shape of ADaM: each number is that of the outcomes, and the definition names each column."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from bone_trials import TEXT, small

import bonecast as bc
from bonecast.errors import InputError
from bonecast.trials import analysis_datasets, datasets_of_run
from bonecast.trials.bone import play_people

DESIGN = small(("people = 24", "people = 60"), ("seed = 3", "seed = 3\ncentres = 4"),
               ("[population]", "[dropout]\nper_year = 0.4\n\n[population]"))  # fmt: skip
OUTCOMES = play_people(DESIGN, 0, 60)
MADE = analysis_datasets(DESIGN, OUTCOMES)


def test_a_subject_is_a_person_of_the_outcomes():
    adsl = MADE.tables["ADSL"]
    assert adsl["USUBJID"].n_unique() == 60
    assert adsl["EOSDY"].to_list() == (OUTCOMES["followed_d"] + 1).to_list()
    assert (adsl["EOSSTT"] == "DISCONTINUED").sum() == (OUTCOMES["left"] != "").sum() > 0
    assert set(adsl["SITEID"]) == {"1", "2", "3", "4"}
    assert dict(zip(adsl["TRT01P"], adsl["TRT01PN"], strict=True)) == {"denosumab": 1, "placebo": 2}


def test_readings_have_their_baseline_and_their_change():
    adbmd = MADE.tables["ADBMD"].filter(pl.col("AVISIT") == "m9")
    seen = OUTCOMES.filter(pl.col("LS_BMD_m9").is_not_null())
    change = 100 * (seen["LS_BMD_m9"] / seen["LS_BMD_m0"] - 1)
    assert np.sort(adbmd["PCHG"].to_numpy()) == pytest.approx(np.sort(change.to_numpy()))
    first = MADE.tables["ADLB"].filter(pl.col("ABLFL") == "Y")
    assert first.height == 60
    assert first["CHG"].null_count() == 60
    assert first["ADY"].to_list() == [1] * 60


def test_times_are_censored_where_the_follow_up_ends():
    spine = MADE.tables["ADTTE"].filter(pl.col("PARAMCD") == "NVERTFX").sort("USUBJID")
    order = MADE.tables["ADSL"]["USUBJID"].arg_sort()
    known = OUTCOMES[order]
    had = known["nonvertebral_d"].is_not_null()
    assert (spine["CNSR"] == 0).to_list() == had.to_list()
    assert spine["AVAL"].to_list() == [
        float(e if e is not None else f)
        for e, f in zip(known["nonvertebral_d"], known["followed_d"], strict=True)
    ]


def test_the_definition_names_every_column_of_every_dataset():
    root = ElementTree.fromstring(MADE.define())
    space = "{http://www.cdisc.org/ns/odm/v1.3}"
    groups = {
        g.get("Name"): [r.get("ItemOID") for r in g.iter(f"{space}ItemRef")]
        for g in root.iter(f"{space}ItemGroupDef")
    }
    items = {i.get("OID") for i in root.iter(f"{space}ItemDef")}
    assert set(groups) == set(MADE.tables) != set()
    for name, frame in MADE.tables.items():
        assert groups[name] == [f"IT.{column}" for column in frame.columns]
        assert set(groups[name]) <= items
        assert all(len(column) <= 8 for column in frame.columns)  # as a transport file has them


def test_transport_files_hold_what_the_tables_hold(tmp_path: Path):
    pyreadstat = pytest.importorskip("pyreadstat")
    files = MADE.write(tmp_path / "adam", xpt=True)
    assert pl.read_parquet(files["ADLB"]).equals(MADE.tables["ADLB"])
    frame, meta = pyreadstat.read_xport(str(files["ADSL.xpt"]), output_format="polars")
    assert frame["AGE"].to_numpy() == pytest.approx(MADE.tables["ADSL"]["AGE"].to_numpy())
    assert frame["TRT01P"].to_list() == MADE.tables["ADSL"]["TRT01P"].to_list()
    assert meta.column_names_to_labels["EOSDY"] == "Study Day of End of Study"


def test_without_the_extra_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bonecast.trials.adam.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'bonecast\[adam\]'"):
        MADE.write(tmp_path, xpt=True)


def test_the_datasets_of_a_run_are_those_of_its_outcomes_and_a_window_trial_has_none(tmp_path: Path):
    path = tmp_path / "small.toml"
    path.write_text(TEXT, encoding="utf-8")
    run = bc.run_trial(path, tmp_path / "run")
    made = datasets_of_run(tmp_path / "run")
    assert made.tables["ADSL"].height == run.table().height
    bc.run_trial("window", tmp_path / "window", trials=1)
    with pytest.raises(InputError, match="is no bone trial"):
        datasets_of_run(tmp_path / "window")
