"""Bone trials played: streams, pieces, rescue, crossover, looks."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from bone_trials import changed, small

from bonecast.cohorts import columns
from bonecast.trials import chunks as pieces
from bonecast.trials import read_run, run_trials
from bonecast.trials.bone import at_look, outcome_columns, play_people
from bonecast.trials.play import play

DESIGN = small()
WHOLE = play_people(DESIGN, 0, 24)
PLACEBO = 'plan = "placebo 60 mg every 6 months x 3"'


def arm(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The people of one arm."""
    return frame.filter(pl.col("arm") == name)


def test_the_outcomes_have_the_columns_that_were_announced():
    assert tuple(WHOLE.columns) == outcome_columns(DESIGN)
    assert WHOLE["arm"].value_counts()["count"].to_list() == [12, 12]
    assert WHOLE["age"].min() >= 60
    assert not WHOLE["failed"].any()


def test_pieces_of_a_trial_are_the_trial():
    parts = [play_people(DESIGN, 0, 5), play_people(DESIGN, 5, 1), play_people(DESIGN, 6, 18)]
    assert pl.concat(parts).equals(WHOLE)


def test_a_trial_is_the_same_whichever_others_are_played():
    both = play(DESIGN, 0, 2)
    assert both.filter(pl.col("trial") == 0).equals(WHOLE)
    assert not both["id"].is_duplicated().any()
    assert both.filter(pl.col("trial") == 1).equals(play_people(DESIGN, 24, 24))


def test_one_more_visit_and_reading_changes_no_other_number():
    more = small(
        (
            '[[visit]]\nname = "m18"',
            '[[visit]]\nname = "m12"\nmonth = 12\nwindow_d = 14\n\n[[visit]]\nname = "m18"',
        ),
        (
            '[[reading]]\nquantity = "CTX"',
            '[[reading]]\nquantity = "P1NP"\nvisits = ["m12"]\n\n[[reading]]\nquantity = "CTX"',
        ),
    )
    played = play_people(more, 0, 24)
    same = [name for name in WHOLE.columns if name != "calcium_min"]
    for name in same:
        a, b = WHOLE[name], played[name]
        if a.dtype == pl.Float64:
            # one more day on the grid moves the solver's interpolation by less than its tolerance
            assert np.allclose(a.to_numpy(), b.to_numpy(), rtol=1e-3, equal_nan=True), name
        else:
            assert a.equals(b), name


def test_one_more_arm_changes_no_person():
    third = small(
        (
            '[[visit]]\nname = "m0"',
            '[[arm]]\nname = "late"\nshare = 2\nplan = "nothing for 1 year"\n\n[[visit]]\nname = "m0"',
        )
    )
    played = play_people(third, 0, 24)
    who = ["id", *columns(), "followed_d", "left", "day_m9"]
    assert played.select(who).equals(WHOLE.select(who))
    kept = (played["arm"] == WHOLE["arm"]).to_numpy()
    assert kept.any()
    assert np.allclose(played["LS_BMD_m18"].to_numpy()[kept], WHOLE["LS_BMD_m18"].to_numpy()[kept])


def test_treated_people_gain_bone_and_untreated_ones_do_not():
    gain = {
        name: (100 * (part["LS_BMD_m18"] / part["LS_BMD_m0"] - 1)).mean()
        for (name,), part in WHOLE.group_by("arm")
    }
    assert gain["denosumab"] > 4 > 2 > gain["placebo"]


def test_a_visit_near_an_injection_is_held_on_its_day_and_before_it():
    assert arm(WHOLE, "denosumab")["day_m6"].unique().to_list() == [183]
    assert arm(WHOLE, "placebo")["day_m6"].unique().to_list() == [183]
    assert WHOLE["day_m9"].n_unique() > 5
    assert (WHOLE["day_m9"] - 274).abs().max() <= 14
    treated = arm(WHOLE, "denosumab")
    assert (
        treated["CTX_m6"] / treated["CTX_m9"]
    ).median() > 1.2  # the injection of month 6 comes after the reading


def test_people_who_meet_the_rule_are_rescued_and_others_follow_their_arm():
    other = "denosumab 60 mg every 6 months x 2"
    rule = f'{PLACEBO}\nrescue = {{ when = "LS_BMD_pct_change < 0", plan = "{other}", visits = ["m9"] }}'
    played = play_people(small((PLACEBO, rule)), 0, 24)
    assert arm(played, "denosumab").drop("rescued_d").equals(arm(WHOLE, "denosumab").drop("rescued_d"))
    mine, before = arm(played, "placebo"), arm(WHOLE, "placebo")
    met = (before["LS_BMD_m9"] / before["LS_BMD_m0"] < 1).to_numpy()
    assert 0 < met.sum() < 12
    assert mine["rescued_d"].is_not_null().to_numpy().tolist() == met.tolist()
    assert mine.filter(met)["rescued_d"].to_list() == before.filter(met)["day_m9"].to_list()
    assert mine["LS_BMD_m9"].to_numpy() == pytest.approx(before["LS_BMD_m9"].to_numpy(), rel=1e-3)
    gained = mine["LS_BMD_m18"].to_numpy() / before["LS_BMD_m18"].to_numpy()
    assert gained[met].min() > 1.01
    assert gained[~met] == pytest.approx(1.0)


def test_everybody_in_the_trial_crosses_at_the_visit():
    cross = f'{PLACEBO}\ncrossover = {{ at = "m9", plan = "denosumab 60 mg every 6 months x 2" }}'
    played = play_people(
        small((PLACEBO, cross), ("[population]", "[dropout]\nper_year = 0.5\n\n[population]")), 0, 24
    )
    mine = arm(played, "placebo")
    still = mine["followed_d"] >= 274 + 14
    assert mine.filter(still)["crossed_d"].equals(mine.filter(still)["day_m9"].rename("crossed_d"))
    early = mine.filter(mine["followed_d"] < 274 - 14)
    assert early.height
    assert early["crossed_d"].null_count() == early.height
    stayed = mine.filter(mine["left"] == "")
    assert (stayed["CTX_m18"] / stayed["CTX_m9"]).max() < 0.8


def test_who_left_has_no_later_reading_and_no_later_fracture():
    played = play_people(
        small(("[population]", "[dropout]\nper_year = 1.0\n\n[death]\nrelative = 10\n\n[population]")), 0, 24
    )
    assert set(played["left"]) == {"", "dropout", "death"}
    gone = played.filter(pl.col("left") != "")
    assert gone["LS_BMD_m18"].null_count() == gone.height
    for name in (
        "day_m6",
        "day_m9",
        "day_m18",
        "hip_d",
        "nonvertebral_d",
        "vertebral_d",
        "clinical_vertebral_d",
    ):
        assert played.filter(pl.col(name) > pl.col("followed_d")).height == 0
    assert played["doses"].min() == 1


def test_a_look_shows_what_was_known_then():
    played = play_people(small(("[population]", "[dropout]\nper_year = 1.0\n\n[population]")), 0, 24)
    seen = at_look(played, DESIGN, "m9")
    assert seen["LS_BMD_m9"].equals(played["LS_BMD_m9"])
    assert seen["LS_BMD_m18"].null_count() == 24
    assert seen["followed_d"].max() == 274 + 14
    late = played.filter(pl.col("left") == "dropout", pl.col("followed_d") > 288)["id"]
    assert late.len()
    assert set(seen.filter(pl.col("id").is_in(late.implode()))["left"]) == {""}


def prints(folder: Path) -> dict[str, str]:
    """Every file of a folder with the digest of its bytes."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_a_stopped_run_goes_on_and_ends_byte_for_byte_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bonecast.trials.chunks.MOST_PEOPLE", 7)
    text = tmp_path / "small.toml"
    text.write_text(changed(), encoding="utf-8")
    one, two = tmp_path / "one", tmp_path / "two"
    whole = run_trials(text, one, workers=1)
    assert (whole.chunks, whole.people) == (4, 24)

    class Stopped(Exception):
        """The run is cut off."""

    def stop(share: float | None, what: str) -> None:
        if share:
            raise Stopped

    with pytest.raises(Stopped):
        run_trials(text, two, workers=1, progress=stop)
    assert 0 < len(list(two.glob("*.parquet"))) < 4
    again = run_trials(text, two, workers=2)
    assert again.found >= 1
    assert again.people < 24
    assert prints(one) == prints(two)
    design, outcomes = read_run(two)
    assert design.hash == DESIGN.hash
    assert outcomes.equals(WHOLE)


def test_chunks_hold_everybody_once():
    made = pieces.chunks(replace(DESIGN, people=1700, trials=3))
    assert [(c.first, c.last) for c in made] == [(0, 1499), (1500, 2999), (3000, 4499), (4500, 5099)]
    assert len({c.name for c in made}) == 4
