"""A trial is run and analysed in one line, for both families, and what cannot be done is one sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from bone_trials import TEXT, small

import bonecast as bc
from bonecast.errors import InputError
from bonecast.trials import Assurance, JointPower, TrialAnalysis, preset
from bonecast.trials.bone import play_people
from bonecast.trials.endpoints import Multiplicity, analyse


def test_a_bone_trial_is_run_and_analysed_in_one_line():
    design = small()
    found = bc.run_trial(design).analyse()
    rows = found.table()
    (by_hand,) = (r for r in analyse(design.endpoints[0], play_people(design, 0, 24), design) if r.decisive)
    assert rows.filter("decisive")["estimate"].to_list() == [by_hand.estimate]
    assert "Analysis of A small trial" in found._repr_html_()


def test_a_window_trial_is_run_and_analysed_in_the_same_line():
    found = bc.run_trial("window", trials=3).analyse()
    table = found.table()
    assert set(table["truth"]) == {"drug and biopsy", "biopsy only", "nothing"}
    assert found.trials.height == 9
    assert "<div" in found._repr_html_()


def test_every_trial_of_a_run_is_analysed_and_a_shared_level_is_in_the_table():
    plan = Multiplicity("holm", 0.05, (("spine",),))
    design = replace(small(), trials=3, multiplicity=plan)
    found = bc.run_trial(design).analyse()
    assert found.trials["trial"].to_list() == [0, 1, 2]
    row = found.table().filter("decisive")
    assert row["adjusted_p"][0] == pytest.approx(row["p"][0])


def test_a_run_in_memory_is_that_of_a_folder(tmp_path: Path):
    path = tmp_path / "small.toml"
    path.write_text(TEXT, encoding="utf-8")
    kept = bc.run_trial(path, tmp_path / "run")
    assert bc.run_trial(path).table().equals(kept.table())
    assert kept.analyse().table().equals(bc.run_trial(path).analyse().table())


def test_what_cannot_be_done_is_one_sentence(tmp_path: Path):
    with pytest.raises(InputError, match="has no text to keep in a folder"):
        bc.run_trial(small(), tmp_path)
    with pytest.raises(InputError, match="do not stay in memory"):
        bc.run_trial(replace(small(), trials=10**6))
    with pytest.raises(InputError, match="a cluster needs a folder"):
        bc.run_trial(small(), scheduler="tcp://127.0.0.1:9")


def test_the_cards_of_new_results_say_what_they_hold():
    joint = JointPower(("a", "b"), (0.9, 0.8), (0.9, 0.7), 0.9, 0.7, 100, 400, False)
    sure = Assurance("spine", 0.8, 0.02, 0.5, 20, 50, 400, 0.6, 0.95)
    whole = TrialAnalysis(preset("freedom"), (), pl.DataFrame())
    for result, words in ((joint, "any 90.0 %"), (sure, "Assurance 80.0"), (whole, "Analysis of")):
        assert words in result._repr_html_()
        assert len(repr(result)) < 200
    assert joint.table()["adjusted"].to_list() == [0.9, 0.7]
    assert sure.table()["low"][0] == 0.6
