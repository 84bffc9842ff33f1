"""The people of a trial and the lot: streams keyed by person, blocks that balance, readings with their error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.trials import draw_people, play, preset
from bonecast.trials.allocation import allocate
from bonecast.trials.design import Arm, Assay
from bonecast.trials.play import read

DESIGN = preset("window")


def test_one_more_assay_visit_or_truth_changes_nobody():
    before = draw_people(DESIGN, 3, 2)
    extra = Assay("CD8", {"surgery": "TIL_pct"}, 0.3, 1, 1, "assumption", "")
    after = draw_people(replace(DESIGN, assays=(extra, *DESIGN.assays)), 3, 2)
    assert np.array_equal(before.arm, after.arm)
    for name, values in before.words.items():
        assert np.array_equal(values, after.words[name])
    for key, values in before.errors.items():
        assert np.array_equal(values, after.errors[key])


def test_a_third_arm_changes_no_person_but_the_lot():
    third = replace(DESIGN, arms=(*DESIGN.arms, Arm("late", 1, "nothing for 4 weeks")), blocks=(4,))
    one, other = draw_people(DESIGN, 0, 1), draw_people(third, 0, 1)
    assert np.array_equal(one.cohort.parameters["eta_L"], other.cohort.parameters["eta_L"])
    assert np.array_equal(one.words["subtype"], other.words["subtype"])
    assert np.array_equal(one.days["surgery"], other.days["surgery"])


def test_a_larger_trial_holds_the_same_first_people():
    small, large = draw_people(DESIGN, 2, 1), draw_people(replace(DESIGN, people=180), 2, 1)
    for name in ("eta_L", "eta_K", "TIL0"):
        assert np.array_equal(small.cohort.parameters[name], large.cohort.parameters[name][:60])
    assert np.array_equal(small.arm, large.arm[:60])


def test_the_same_trial_has_the_same_outcomes_whichever_others_are_played():
    many, one = play(DESIGN, 0, 7), play(DESIGN, 4, 1)
    assert many.filter(many["trial"] == 4).equals(one)


def test_truths_share_people_lot_and_errors_and_differ_in_what_is_so():
    parts = play(DESIGN, 0, 2).partition_by("truth", as_dict=True)
    drug, biopsy, nothing = (parts[(truth.name,)] for truth in DESIGN.truths)
    same = ["person", "arm", "subtype", "surgery_day", "evaluable", "TIL_biopsy", "Ki67_biopsy"]
    assert drug.select(same).equals(biopsy.select(same))
    assert biopsy.select(same).equals(nothing.select(same))
    assert drug["Ki67_surgery"].equals(biopsy["Ki67_surgery"])
    control = drug["arm"] == "control"
    assert drug.filter(control)["TIL_surgery"].equals(biopsy.filter(control)["TIL_surgery"])
    assert drug["TIL_surgery"].mean() > biopsy["TIL_surgery"].mean() > nothing["TIL_surgery"].mean()


def test_people_have_the_shares_windows_and_spread_of_the_design():
    people = draw_people(DESIGN, 0, 200)
    n = len(people.arm)
    assert n == 12_000
    for kind, share in (("luminal A", 24 / 58), ("luminal B", 24 / 58), ("triple-negative", 10 / 58)):
        assert np.mean(people.words["subtype"] == kind) == pytest.approx(share, abs=0.015)
    assert set(people.days["surgery"]) == set(range(14, 29))
    assert set(people.days["biopsy"]) == {-14}
    assert set(people.cohort.parameters["tb"]) == {14.0}
    assert np.mean(~people.evaluable) == pytest.approx(0.03, abs=0.006)
    assert people.cohort.parameters["eta_L"].std() == pytest.approx(0.8, abs=0.03)
    assert set(people.cohort.parameters["receptor"][people.words["subtype"] == "luminal A"]) == {0.35}
    assert set(people.cohort.parameters["postmenopausal"][people.words["menopause"] == "after"]) == {1.0}
    independent = np.corrcoef(people.cohort.parameters["eta_L"], people.errors["TIL", "surgery"])[0, 1]
    assert abs(independent) < 0.03


def test_blocks_hold_the_ratio_in_every_stratum_at_every_third_or_sixth_place():
    words = np.array((["before"] * 25) + (["after"] * 35))
    for trial in range(40):
        arm = allocate(DESIGN, [words], trial)
        for stratum in ("before", "after"):
            treated = np.cumsum(arm[words == stratum] == 0)
            places = np.arange(1, len(treated) + 1)
            assert np.all(np.abs(treated - 2 * places / 3) <= 2)  # a block of six is off by two at most


def test_every_place_in_the_first_block_gets_the_treatment_two_times_in_three():
    words = np.array(["all"] * 6)
    arms = np.array([allocate(DESIGN, [words], trial) for trial in range(1500)])
    assert np.mean(arms == 0, axis=0) == pytest.approx(np.full(6, 2 / 3), abs=0.04)
    one, two = arms[:, 0] == 0, arms[:, 3] == 0
    assert np.mean(one & two) == pytest.approx(4 / 9, abs=0.05)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 99.95), st.floats(-4, 4), st.sampled_from([1.0, 5.0]))
def test_readings_are_whole_steps_within_bounds_and_grow_with_the_error(share, z, step):
    assay = Assay("TIL", {}, 0.45, step, 1, "assumption", "")
    low, high = read(assay, np.array([share, share]), np.array([z, z + 1]))
    assert 1 <= low <= high <= 100
    assert low == 1 or low % step == 0


def test_a_reading_without_error_is_the_share():
    exact = Assay("Ki67", {}, 0.0, 0.01, 0.01, "assumption", "")
    assert read(exact, np.array([3.14, 50.0]), np.array([2.0, -2.0])).tolist() == [3.14, 50.0]
