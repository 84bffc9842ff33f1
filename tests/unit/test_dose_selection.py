"""Selection of a dose at a look: which arm is kept, what the trial takes, and that the level is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from bonecast.core import RecordError
from bonecast.trials import Pool, design_of, power, preset, preset_text
from bonecast.trials.bone.design import DoseSelection
from bonecast.trials.power_selected import selected

DESIGN = replace(preset("late-dose"), selection=DoseSelection(0.4, "higher"))
SPINE = DESIGN.endpoints[0]
GAIN = {"1 month late": 0.0, "3 months late": 0.0, "6 months late": 2.0, "on time": 0.0}


def people(count, gain, seed=1):
    """Outcomes of so many people of each arm, with this mean gain of the spine."""
    rng = np.random.default_rng(seed)
    arm = [name for name in gain for _ in range(count)]
    first = rng.normal(0.8, 0.1, len(arm))
    change = rng.normal(0, 2, len(arm)) + np.repeat(list(gain.values()), count)
    rest = {"trial": 0, "weight": 1.0, "prior_vertebral": rng.random(len(arm)) < 0.3}
    frame = {"arm": arm, "LS_BMD_m0": first, "LS_BMD_m12": first * (1 + change / 100), **rest}
    return pl.DataFrame(frame)


def test_the_arm_that_does_best_at_the_look_is_kept_and_the_others_end():
    one = people(100, GAIN).sample(fraction=1.0, shuffle=True, seed=2)
    found = selected(DESIGN, DESIGN.selection, SPINE, one)
    assert (found.arm, found.success) == ("6 months late", True)
    assert found.people == 200 + 2 * 40
    worse = selected(DESIGN, DoseSelection(0.4, "lower"), SPINE, one)
    assert worse.arm != "6 months late"
    assert not worse.success


def test_a_gain_in_the_wrong_direction_is_no_success():
    worst = {name: -3.0 if name != "on time" else 0.0 for name in GAIN}
    assert not selected(DESIGN, DESIGN.selection, SPINE, people(100, worst)).success


def test_the_level_is_kept_where_no_arm_differs():
    pool = Pool(replace(DESIGN, arms=DESIGN.arms), people(500, dict.fromkeys(GAIN, 0.0)), null=True)
    found = power(DESIGN, SPINE, pool, trials=400, people=160)
    assert 0.0 < found.share < 0.025 + 3 * found.simulation_error
    assert sum(row.share + row.given_up for row in found.looks) == pytest.approx(1)
    assert found.mean_people == pytest.approx(2 * 40 + 2 * 16)


@pytest.mark.parametrize(
    ("preset_name", "more", "said"),
    [
        ("biosimilar", "", "there is one treated arm"),
        ("late-dose", "[[interim]]\nshare = 0.5\n", "selection and [[interim]] are not combined"),
    ],
)
def test_selection_that_cannot_be_made_is_refused(preset_name, more, said):
    text = f'{preset_text(preset_name)}\n[selection]\nshare = 0.4\nbetter = "higher"\n{more}'
    with pytest.raises(RecordError) as caught:
        design_of(text, "d")
    assert said in str(caught.value)
