"""Figures of a course are made of readings: areas, peaks, and what a missed sample does to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from bone_trials import small
from trial_outcomes import Design, endpoint, outcomes

from bonecast.core import Faults
from bonecast.trials.bone import play_people
from bonecast.trials.bone.noise import centre_factor, centre_of, in_steps
from bonecast.trials.bone.roster import enrolled
from bonecast.trials.endpoints import analyse, read_endpoint
from bonecast.trials.endpoints.figures import area, figure

DAYS = np.array([[0.0, 10.0, 30.0, 60.0]])


def test_an_area_is_that_of_the_trapezoids_over_the_samples_that_are_there():
    level = np.array([[0.0, 80.0, 90.0, 60.0]])
    assert area(DAYS, level) == pytest.approx(np.trapezoid(level, DAYS))
    missed = np.array([[0.0, 80.0, np.nan, 60.0]])
    kept = np.isfinite(missed)
    assert area(DAYS, missed) == pytest.approx(np.trapezoid(missed[kept], DAYS[kept]))


@pytest.mark.parametrize("gone", [0, 3])
def test_without_the_first_or_the_last_sample_there_is_no_area(gone: int):
    level = np.array([[0.0, 80.0, 90.0, 60.0]])
    level[0, gone] = np.nan
    assert np.isnan(area(DAYS, level)[0])


def test_the_effect_is_counted_from_the_first_reading_and_its_errors_enter_the_area():
    one = endpoint(kind="auec", quantity="CTX", visit="m24")
    frame = outcomes()
    seen = figure(one, frame)
    v = frame.select("CTX_m0", "CTX_m12", "CTX_m24").to_numpy()
    days = frame.select("day_m0", "day_m12", "day_m24").to_numpy().astype(float)
    whole = np.isfinite(v).all(1)
    assert seen[whole] == pytest.approx(np.trapezoid(100 * (1 - v / v[:, :1]), days)[whole])
    wrong = frame.with_columns(CTX_m0=pl.col("CTX_m0") * 1.1)
    assert (figure(one, wrong)[whole] > seen[whole]).all()


def test_a_level_starts_at_nothing_and_has_its_highest_reading_as_peak():
    frame = pl.DataFrame({"denosumab_d10": [6000.0, None], "denosumab_m6": [500.0, 900.0],
                          "day_d10": [10, None], "day_m6": [180, 181]})  # fmt: skip
    plain = endpoint(kind="auec", quantity="CTX", visit="m12")
    level = replace(
        plain, quantity="denosumab", statistic="auc", baseline="", samples=("d10", "m6"), visit="m6"
    )
    first = 10 * 6000 / 2 + 170 * (6000 + 500) / 2
    assert figure(level, frame)[0] == pytest.approx(first)
    assert figure(level, frame)[1] == pytest.approx(181 * 900 / 2)
    assert figure(replace(level, statistic="peak"), frame).tolist() == [6000.0, 900.0]


def test_an_area_of_a_level_is_refused_under_the_name_of_an_effect():
    faults = Faults()
    lines = {"kind": "auec", "quantity": "calcium", "visit": "m12", "statistic": "auec"}
    read_endpoint(lines, "design", {"m0": 0, "m12": 365}, {"calcium": ["m0", "m12"]}, faults)
    assert 'write statistic = "auc"' in str(faults.kept[0])


def test_readings_come_in_steps_and_some_are_lost():
    lost = replace(small(), missed_samples=0.5)
    played = play_people(lost, 0, 24)
    ctx = played["CTX_m9"].drop_nulls().to_numpy()
    assert in_steps("CTX", ctx) == pytest.approx(ctx, abs=0)
    assert played["day_m9"].null_count() == 0
    assert 4 <= played["CTX_m9"].null_count() <= 20


def test_people_of_one_centre_share_what_its_scanner_adds():
    centre = np.repeat(np.arange(40), 25)
    factor = centre_factor(1, 0, 40, centre, "LS_BMD", "m9")
    assert len(np.unique(factor)) == 40
    assert np.log(factor).std() == pytest.approx(0.005, rel=0.3)
    assert (centre_factor(1, 0, 1, centre, "LS_BMD", "m9") == 1).all()
    assert not np.array_equal(factor, centre_factor(1, 1, 40, centre, "LS_BMD", "m9"))


def test_centres_balance_the_arms_when_they_are_a_stratum():
    many = small(("seed = 3", "seed = 3\ncentres = 3"), ('strata = ["age >= 70"]', 'strata = ["centre"]'))
    many = replace(many, people=240)
    people = enrolled(many, 0, 0, 240)
    centre = centre_of(3, people.normal, 240)
    for one in range(3):
        arms = np.bincount(people.arm[centre == one], minlength=2)
        assert abs(arms[0] - arms[1]) <= 2  # half a block of four


def test_an_analysis_leaves_the_centre_out_of_its_model():
    design = Design(people=200)
    frame = outcomes(design).with_columns(centre=pl.int_range(200) % 20)
    spine = endpoint(kind="bmd-change", quantity="LS_BMD", visit="m36")
    with_centre = analyse(spine, frame, replace(design, strata=("age >= 75", "centre")), True)
    assert repr(with_centre) == repr(analyse(spine, frame, design, True))
