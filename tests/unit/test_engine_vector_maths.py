"""exp, log, sin, cos and floor as the kernels compute them, for every number of lanes, against the maths library."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine_systems import GROWTH

from bonecast.engine import Status, simulate

LANES = [1, 2, 4, 8]
TINY = np.finfo(np.float64).tiny


def through(output, arguments, lanes):
    run = simulate(
        GROWTH, [], [0.0], {"argument": np.asarray(arguments, float)}, outputs=[output], lanes=lanes
    )
    assert np.all(run.status == Status.FINE)
    return run.values[:, 0, 0]


def units_in_the_last_place(found, expected):
    return np.abs(found - expected) / np.spacing(np.abs(expected))


def exp_error(lanes):
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [rng.uniform(-700, 700, 4000), rng.normal(size=4000), rng.normal(size=500) * 1e-9, [0.0, -0.0, 1.0]]
    )
    expected = np.array([math.exp(v) for v in x])
    return units_in_the_last_place(through("exp", x, lanes), expected).max()


@pytest.mark.parametrize("lanes", LANES)
def test_exp_is_good_to_two_units_in_the_last_place(lanes):
    assert exp_error(lanes) <= 2.0


@pytest.mark.parametrize("lanes", LANES)
def test_log_is_good_to_two_units_in_the_last_place(lanes):
    rng = np.random.default_rng(2)
    wide = 10.0 ** rng.uniform(-307, 308, 2000)
    near_one = 1 + rng.normal(size=2000) * 10.0 ** rng.uniform(-15, -1, 2000)
    x = np.concatenate([wide, near_one, [TINY, np.finfo(float).max, 2.0, 0.5, math.sqrt(0.5), math.e]])
    expected = np.array([math.log(v) for v in x])
    assert units_in_the_last_place(through("log", x, lanes), expected).max() <= 2.0


@pytest.mark.parametrize("lanes", LANES)
def test_log_of_one_is_zero(lanes):
    assert through("log", np.ones(3), lanes).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("lanes", LANES)
def test_log_of_what_is_not_positive_is_nan_and_nothing_else_is(lanes):
    x = [0.0, -0.0, -TINY, -1.0, -1e300, 1.0, TINY, 5e-324, 1e300]
    assert np.isnan(through("log", x, lanes)).tolist() == [True] * 5 + [False] * 4


@pytest.mark.parametrize("lanes", LANES)
def test_log_below_the_normal_numbers_is_below_that_of_any_normal_number(lanes):
    assert np.all(through("log", [5e-324, 1e-310, 0.99 * TINY], lanes) < -708.0)


@pytest.mark.parametrize("lanes", LANES)
def test_exp_is_clamped_where_doubles_end(lanes):
    found = through("exp", [701.0, 1e4, 1e300, -701.0, -1e4, -1e300], lanes)
    assert found[:3] == pytest.approx([math.exp(700.0)] * 3, rel=1e-12)
    assert found[3:] == pytest.approx([math.exp(-700.0)] * 3, rel=1e-12)


def test_every_number_of_lanes_gives_the_same_numbers():
    x = np.exp(np.random.default_rng(3).normal(size=37) * 3)
    for output in ("exp", "log"):
        answers = [through(output, x, lanes) for lanes in LANES]
        for answer in answers[1:]:
            assert answer == pytest.approx(answers[0], rel=1e-15, abs=1e-15)


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sine_and_cosine_are_good_to_1e_15_up_to_angles_of_a_million(name, lanes):
    rng = np.random.default_rng(4)
    x = np.concatenate([
        rng.uniform(-1e6, 1e6, 3000), rng.normal(size=3000) * 3, np.arange(-40, 41) * math.pi / 4, [0.0, -0.0, 1e-300],
    ])  # fmt: skip
    expected = np.array([getattr(math, name)(v) for v in x])
    assert np.abs(through(name, x, lanes) - expected).max() <= 1e-15


@pytest.mark.parametrize("lanes", LANES)
def test_the_sine_of_an_angle_beyond_1e9_is_nan(lanes):
    assert np.isnan(through("sin", [1.1e9, -1e300, 5.0], lanes)).tolist() == [True, True, False]


@pytest.mark.parametrize("lanes", LANES)
def test_floor_and_abs_are_exact(lanes):
    rng = np.random.default_rng(5)
    x = np.concatenate([
        rng.normal(size=2000) * 10.0 ** rng.uniform(-3, 18, 2000), np.arange(-3, 4), [0.5, -0.5, 2.5, -1e-300, 1e300],
        [2.0**52, 2.0**52 - 0.5, -(2.0**52) + 0.5, 0.49999999999999994],
    ])  # fmt: skip
    assert through("floor", x, lanes).tolist() == np.floor(x).tolist()
    assert through("abs", x, lanes).tolist() == np.abs(x).tolist()
