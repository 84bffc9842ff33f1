"""Designs: the preset, and what a wrong one is refused for before anything runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bonecast.errors import InputError, UnknownName
from bonecast.trials import design_text, preset, presets, read_design
from bonecast.trials.reader import design_of

TEXT = design_text("window")


def test_the_window_preset_is_the_trial_of_60_women_two_to_one():
    design = preset("window")
    assert "window" in presets()
    assert design.people == 60
    assert [(arm.name, arm.share) for arm in design.arms] == [("denosumab", 2), ("control", 1)]
    assert design.strata == ("menopause", "receptor")
    assert [(v.name, v.first, v.last) for v in design.visits] == [("biopsy", -14, -14), ("surgery", 14, 28)]
    assert [truth.name for truth in design.truths] == ["drug and biopsy", "biopsy only", "nothing"]
    assert design.subtypes == ("luminal A", "luminal B", "triple-negative")


def test_a_file_and_a_preset_of_the_same_text_are_one_design(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert read_design(path).hash == preset("window").hash == read_design("window").hash


def test_the_hash_follows_what_decides_outcomes_and_not_how_often_it_is_run():
    design = preset("window")
    assert replace(design, trials=7).hash == design.hash
    for changed in (
        replace(design, seed=2),
        replace(design, people=63),
        replace(design, parameters={"explanation": 2.0}),
        replace(design, truths=design.truths[:1]),
    ):
        assert changed.hash != design.hash


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("blocks = [3, 6]", "blocks = [4]", "a block of 4 does not hold 2:1; use multiples of 3"),
        ('analysis = "window"', 'analysis = "windows"', "no analysis called 'windows'; did you mean window"),
        ('model = "rank-window"', 'model = "rank-windw"', "did you mean rank-window"),
        ("denosumab 120 mg weekly x 2", "denosumab 120 mg weakly x 2", "weakly"),
        ("denosumab 120 mg weekly x 2", "zoledronate 4 mg once", "does not support zoledronate"),
        ('strata = ["menopause", "receptor"]', 'strata = ["menopaus"]', "did you mean menopause"),
        ("last = 28", "last = 7", "the window ends on day 7, before it begins"),
        ("first = 14 ", "day = 14 \nfirst = 14 ", "neither one day nor a window"),
        ("day = -14 ", "day = 20 ", "days_before needs one day, not after day 0"),
        ("people = 60", "people = 0", "a number cannot stand here; write how many are randomised"),
        ("people = 60", "peoples = 60", "no key called 'peoples'; did you mean people"),
        ("people = 60\n", "", "people is missing"),
        ('surgery = "TIL_pct"', 'surgery = "TIL_pc"', "did you mean TIL_pct"),
        ('surgery = "TIL_pct"', 'operation = "TIL_pct"', "no visit called 'operation'"),
        ('name = "biopsy only"', 'name = "biopsy"', "'biopsy only' is missing"),
        ("set = { theta = 0, betaK = 0 }", "set = { teta = 0 }", "did you mean theta"),
        ("set = { theta = 0, betaK = 0 }", "set = { theta = 9 }", "theta = 9 lies outside 0 to 1.2"),
        ("explanation = 1", "explanation = 4", "explanation = 4 lies outside 1 to 3"),
        ('cards = "luminal-A"', 'cards = "luminal"', "no set of cards called 'luminal'"),
        ('name = "control"', 'name = "denosumab"', "there are two called 'denosumab'"),
        ('name = "Ki67"', 'name = "Ki68"', "the analysis needs it at both visits"),
        ('mark = "derived"', 'mark = "sure"', "no mark called 'sure'"),
        ('name = "menopause"', 'name = "arm"', "'arm' names something else already"),
        ("labels = { receptor =", "labels = { subtype =", "'subtype' names something else already"),
        ("day = -14 ", "day = -60 ", "tb = 60 lies outside 0 to 28"),
        ('name = "subtype"', 'name = "kind"', "no trait called 'subtype'"),
        ("[[arm]]", "[[arms]]", "no key called 'arms'; did you mean arm"),
    ],
)
def test_a_wrong_design_is_refused_with_one_sentence_that_says_what_to_do(old, new, said):
    assert old in TEXT
    with pytest.raises(InputError) as refused:
        design_of(TEXT.replace(old, new), "mine.toml")
    answer = [str(fault) for fault in getattr(refused.value, "faults", [refused.value])]
    assert any(said in one for one in answer), answer
    assert all("\n" not in one and one.endswith(".") for one in answer)


def test_an_unknown_preset_and_a_missing_file_are_refused():
    with pytest.raises(UnknownName, match="did you mean window"):
        preset("windo")
    with pytest.raises(InputError, match="there is no such file"):
        read_design("nowhere.toml")
