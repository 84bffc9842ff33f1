"""Trials of a denosumab biosimilar spread as published ones do (Langdahl 2024 and others)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonecast.trials import preset
from bonecast.trials.bone import BoneDesign, play_people
from bonecast.trials.endpoints.figures import figure
from bonecast.trials.power_pool import Pool
from bonecast.trials.power_size import sample_size

PEOPLE = 1200
# people randomised, and limits of the difference in points [recalled]
TRIALS = {"GP2411": (527, 1.45), "FKS518": (553, 1.45), "CT-P41": (479, 1.503), "RGB-14": (473, 1.45)}


@pytest.fixture(scope="module", params=["bonecast-1", "bonecast-2"])
def played(request: pytest.FixtureRequest):
    design = preset("biosimilar")
    assert isinstance(design, BoneDesign)
    many = replace(design, people=PEOPLE, model_name=request.param)
    return many, play_people(many, 0, PEOPLE)


def test_the_change_of_spine_bmd_at_a_year_spreads_as_published(played):
    _, frame = played
    change = (100 * (frame["LS_BMD_w52"] / frame["LS_BMD_w0"] - 1)).drop_nulls()
    assert 3.3 <= change.std() <= 3.8


def test_the_area_under_the_effect_on_ctx_spreads_by_fifteen_to_twenty_five_percent(played):
    design, frame = played
    found = np.log(figure(design.endpoints[1], frame))
    assert 15 <= 100 * np.sqrt(np.expm1(np.nanvar(found, ddof=1))) <= 25


@pytest.mark.slow
def test_four_published_trials_randomised_what_the_design_asks_for_within_thirty_percent(played):
    design, frame = played
    spine, pool = design.endpoints[0], Pool(design, frame)
    for margin in {margin for _, margin in TRIALS.values()}:
        asked = replace(spine, margin=(-margin, margin))
        needed = sample_size(design, asked, pool, precision=0.1, most_trials=300).people
        for randomised in (people for people, one in TRIALS.values() if one == margin):
            assert needed == pytest.approx(randomised, rel=0.3)
