"""What a dose adds, where it goes, and what is seen just before and just after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import CLEARANCE, F, K, after_oral

from bonecast.engine import Bolus, SetState, simulate
from bonecast.errors import InputError, UnknownName

TIMES = np.linspace(0.0, 24.0, 49)
amounts = st.floats(0.01, 1000.0)
moments = st.floats(0.0, 20.0)


def central(events, times: Sequence[float] | np.ndarray = TIMES, **options):
    return simulate(CLEARANCE, events, times, rtol=1e-8, **options).output("central")[0]


def test_a_bolus_enters_at_once_and_decays():
    expected = np.where(TIMES > 3.0, 5.0 * np.exp(-K * (TIMES - 3.0)), 0.0)
    assert central([Bolus(3.0, "iv", 5.0)]) == pytest.approx(expected, abs=1e-7)


def test_a_depot_dose_follows_batemans_function():
    assert central([Bolus(3.0, "oral", 5.0)]) == pytest.approx(after_oral(TIMES - 3.0, 5.0), abs=1e-7)


def test_the_amount_of_a_route_is_its_share_of_the_dose():
    run = simulate(
        CLEARANCE, [Bolus(1.0, "oral", 8.0)], [1.0], {"F": np.array([0.25, 0.5, 1.0])}, at_dose="after"
    )
    assert run.output("depot")[:, 0] == pytest.approx([2.0, 4.0, 8.0], rel=1e-12)


def test_outputs_at_the_time_of_a_dose_are_taken_before_or_after_it_as_asked():
    before_after = central([Bolus(3.0, "iv", 5.0)], [3.0, 3.0, 3.0], at_dose=["before", "after", "after"])
    assert before_after == pytest.approx([0.0, 5.0, 5.0], abs=1e-9)


def test_the_word_before_is_the_default_at_time_zero_too():
    assert central([Bolus(0.0, "iv", 5.0)], [0.0]) == pytest.approx([0.0], abs=0)
    assert central([Bolus(0.0, "iv", 5.0)], [0.0], at_dose="after") == pytest.approx([5.0], rel=1e-12)


def test_a_dose_at_the_last_output_time_is_seen_after_it():
    assert central([Bolus(4.0, "iv", 5.0)], [1.0, 4.0], at_dose="after") == pytest.approx(
        [0.0, 5.0], abs=1e-9
    )


def test_a_dose_behind_the_last_output_time_changes_nothing():
    assert np.array_equal(
        central([Bolus(1.0, "iv", 1.0), Bolus(30.0, "iv", 9.0)]), central([Bolus(1.0, "iv", 1.0)])
    )


def test_times_that_differ_by_rounding_are_one_time():
    at = 0.1 + 0.2  # a hair above 0.3
    seen = central([Bolus(at, "iv", 5.0)], [0.3, 0.3], at_dose=["before", "after"])
    assert seen == pytest.approx([0.0, 5.0], abs=1e-9)


def test_the_order_of_a_bolus_and_a_place_at_one_time_is_that_given():
    bolus, place = Bolus(2.0, "iv", 5.0), SetState(2.0, "central", 1.0)
    assert central([bolus, place], [2.0], at_dose="after") == pytest.approx([1.0], rel=1e-12)
    assert central([place, bolus], [2.0], at_dose="after") == pytest.approx([6.0], rel=1e-12)


def test_the_order_of_events_at_different_times_does_not_matter():
    doses = [Bolus(5.0, "iv", 1.0), Bolus(1.0, "oral", 2.0), SetState(3.0, "depot", 0.5)]
    assert np.array_equal(central(doses), central(doses[::-1]))


@settings(max_examples=20, deadline=None)
@given(moments, amounts, amounts)
def test_doses_at_one_time_add_up(time, first, second):
    apart = central([Bolus(time, "iv", first), Bolus(time, "iv", second)])
    assert apart == pytest.approx(central([Bolus(time, "iv", first + second)]), rel=1e-9, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(moments, amounts, st.floats(0.1, 10.0))
def test_amounts_are_linear_in_the_dose_of_a_linear_system(time, amount, factor):
    one = central([Bolus(time, "oral", amount)])
    scaled = central([Bolus(time, "oral", factor * amount)])
    assert scaled == pytest.approx(factor * one, rel=1e-6, abs=1e-6 * factor * amount)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(moments, amounts), min_size=1, max_size=5))
def test_all_that_is_given_has_been_cleared_or_is_still_there(doses):
    events = [Bolus(t, "oral", a) for t, a in doses]
    run = simulate(CLEARANCE, events, [20.0], {"k": 0.0}, rtol=1e-8, at_dose="after")
    held = run.output("depot")[0, 0] + run.output("central")[0, 0]
    assert held == pytest.approx(F * sum(a for _, a in doses), rel=1e-6)


def test_a_dose_of_nothing_changes_nothing():
    doses = [Bolus(1.0, "iv", 3.0)]
    assert central([*doses, Bolus(7.0, "iv", 0.0)]) == pytest.approx(central(doses), abs=1e-7)


@pytest.mark.parametrize(
    "event", [Bolus(-1.0, "iv", 1.0), Bolus(0.0, "iv", -1.0), Bolus(float("nan"), "iv", 1.0)]
)
def test_a_dose_that_cannot_be_is_refused(event):
    with pytest.raises(InputError):
        central([event])


def test_an_unknown_route_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownName) as refusal:
        central([Bolus(0.0, "orall", 1.0)])
    assert refusal.value.nearest == ["oral"]
