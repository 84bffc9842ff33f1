"""Hill functions: their ends, their baseline and their half-point."""

from __future__ import annotations

import pytest

from bonecast.models.hill import falling, hill, rising, saturating


def test_rising_goes_from_a_through_the_baseline_to_a_plus_the_whole_rise():
    def f(x):
        return rising(x, 3.0, f0=1.0, a=0.25, E=2.0, g=1.8)

    assert f(0.0) == 0.25
    assert f(3.0) == pytest.approx(1.0, rel=1e-14)
    assert f(1e9) == pytest.approx(2.25, rel=1e-12)


def test_falling_goes_from_a_through_the_baseline_to_b():
    def f(x):
        return falling(x, 3.0, f0=1.0, a=3.0, b=0.5, g=2.2)

    assert f(0.0) == 3.0
    assert f(3.0) == pytest.approx(1.0, rel=1e-14)
    assert f(1e9) == pytest.approx(0.5, rel=1e-12)


def test_half_point_is_the_one_that_the_baseline_fixes():
    x0, f0, a, E, g = 3.0, 1.0, 0.25, 2.0, 1.8
    h = x0 * (E / (f0 - a) - 1) ** (1 / g)
    for x in (0.4, 3.0, 20.0):
        assert rising(x, x0, f0, a, E, g) == pytest.approx(a + E * hill(x, h, g), rel=1e-13)


def test_saturating_is_rising_with_exponent_one():
    for x in (0.0, 0.4, 3.0, 20.0):
        one = saturating(x, 3.0, f0=1.0, a=0.25, E=2.0)
        assert one == pytest.approx(rising(x, 3.0, f0=1.0, a=0.25, E=2.0, g=1.0), rel=1e-14)
