"""Doses in a row: lag, repetition, steady state, late and missed doses, and schedules of one's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import CLEARANCE, LAG, K, after_oral

from bonecast.engine import Bolus, Infusion, simulate
from bonecast.errors import InputError

TIMES = np.linspace(0.0, 96.0, 97)


def central(events, times: Sequence[float] | np.ndarray = TIMES, **options):
    return simulate(CLEARANCE, events, times, rtol=1e-8, **options).output("central")[0]


def test_a_lag_delays_the_dose():
    assert central([Bolus(1.0, "late", 4.0)]) == pytest.approx(after_oral(TIMES - 1.0 - LAG, 4.0), abs=1e-7)


def test_before_and_after_refer_to_when_a_dose_with_a_lag_enters():
    run = simulate(
        CLEARANCE, [Bolus(1.0, "late", 4.0)], [1.0, 3.5, 3.5], at_dose=["after", "before", "after"]
    )
    assert run.output("depot")[0] == pytest.approx([0.0, 0.0, 2.0], abs=1e-12)


def test_a_lag_delays_an_infusion_with_both_its_ends():
    shifted = simulate(CLEARANCE, [Infusion(1.0 + LAG, "oral", 4.0, 3.0)], TIMES, rtol=1e-8)
    late = simulate(CLEARANCE, [Infusion(1.0, "late", 4.0, 3.0)], TIMES, rtol=1e-8)
    assert late.values == pytest.approx(shifted.values, abs=1e-9)


def test_a_lag_follows_the_parameters_of_the_person():
    run = simulate(CLEARANCE, [Bolus(1.0, "late", 4.0)], TIMES, {"lag": 6.0}, rtol=1e-8)
    assert run.output("central")[0] == pytest.approx(after_oral(TIMES - 7.0, 4.0), abs=1e-7)


def test_repeated_doses_are_the_sum_of_single_ones():
    at = [0.0, 12.0, 24.0, 48.0]
    expected = sum(after_oral(TIMES - t, 3.0) for t in at)
    assert central([Bolus(t, "oral", 3.0) for t in at]) == pytest.approx(expected, abs=1e-7)


def test_the_amount_before_the_nth_daily_dose_is_the_geometric_sum():
    days = np.arange(1, 8)
    troughs = central([Bolus(24.0 * d, "iv", 2.0) for d in range(8)], 24.0 * days, parameters={"k": 0.03})
    share = np.exp(-0.03 * 24.0)
    assert troughs == pytest.approx(2.0 * share * (1 - share**days) / (1 - share), abs=1e-6)


def test_long_daily_dosing_reaches_the_steady_state():
    daily = [Bolus(24.0 * d, "iv", 2.0) for d in range(60)]
    day = 24.0 * 59
    trough, peak = central(daily, [day, day], parameters={"k": 0.03}, at_dose=["before", "after"])
    share = np.exp(-0.03 * 24.0)
    assert peak == pytest.approx(2.0 / (1 - share), rel=1e-6)
    assert trough == pytest.approx(2.0 * share / (1 - share), rel=1e-6)


def test_what_enters_in_an_interval_leaves_in_it_at_steady_state():
    daily = [Bolus(24.0 * d, "oral", 2.0) for d in range(60)]
    times = 24.0 * 59 + np.linspace(0.0, 24.0, 2001)
    course = central(daily, times, parameters={"k": 0.03}, at_dose="after")
    assert 0.03 * np.trapezoid(course, times) == pytest.approx(1.0, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 40.0))
def test_a_late_dose_equals_a_shifted_one(delay):
    late = central([Bolus(0.0, "oral", 3.0), Bolus(24.0 + delay, "oral", 3.0)])
    expected = after_oral(TIMES, 3.0) + after_oral(TIMES - 24.0 - delay, 3.0)
    assert late == pytest.approx(expected, abs=1e-7)


def test_a_missed_dose_equals_subtraction():
    full = [Bolus(t, "oral", 3.0) for t in (0.0, 24.0, 48.0)]
    missed = central([full[0], full[2]])
    assert missed == pytest.approx(central(full) - central([full[1]]), abs=1e-7)


quarters = st.integers(0, 360).map(lambda n: n / 4)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.tuples(quarters, st.floats(0.1, 10.0)), max_size=4), min_size=5, max_size=12))
def test_a_list_of_events_for_each_person_equals_single_runs(schedules):
    lists = [[Bolus(t, "iv", a) for t, a in schedule] for schedule in schedules]
    together = simulate(CLEARANCE, lists, TIMES, rtol=1e-8).output("central")
    assert len(together) == len(lists) > 0
    for person, events in enumerate(lists):
        assert together[person] == pytest.approx(central(events), abs=1e-6)


def test_a_dose_of_another_person_a_hair_apart_moves_no_output():
    own = [Bolus(0.99999995, "iv", 1.0)]  # one time with the output at 1
    alone = central(own, [1.0])
    beside = simulate(CLEARANCE, [own, [Bolus(1.0, "iv", 1.0)]], [1.0], rtol=1e-8).output("central")[0]
    assert beside == pytest.approx(alone, abs=1e-6)


def test_one_list_serves_everybody():
    run = simulate(CLEARANCE, [Bolus(1.0, "iv", 1.0)], [1.0, 5.0], {"k": np.array([0.1, 0.2, 0.3, 0.4, 0.5])})
    assert run.output("central")[:, 1] == pytest.approx(
        np.exp(-4.0 * np.array([0.1, 0.2, 0.3, 0.4, 0.5])), rel=1e-4
    )


def test_as_many_lists_as_persons_are_asked_for():
    with pytest.raises(InputError, match="one value per person"):
        simulate(CLEARANCE, [[], []], [1.0], {"k": np.array([0.1, 0.2, 0.3])})


def test_steady_state_can_be_passed_on_as_the_end_of_a_run():
    daily = [Bolus(24.0 * d, "iv", 2.0) for d in range(100)]
    steady = simulate(CLEARANCE, daily, [24.0 * 60], rtol=1e-8).end
    on = simulate(CLEARANCE, daily, 24.0 * np.arange(60, 63), begin=steady, rtol=1e-8, at_dose="after")
    assert on.output("central")[0] == pytest.approx(np.full(3, 2.0 / (1 - np.exp(-24.0 * K))), rel=1e-6)
