"""Infusions: constant rates with a beginning and an end, which add up and join."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import CLEARANCE, F, K, after_infusion

from bonecast.engine import Bolus, Infusion, SetParameter, simulate
from bonecast.errors import InputError

TIMES = np.linspace(0.0, 24.0, 49)


def run(events, times: Sequence[float] | np.ndarray = TIMES, **options):
    return simulate(CLEARANCE, events, times, rtol=1e-8, **options)


def central(events, **options):
    return run(events, **options).output("central")[0]


@settings(max_examples=20, deadline=None)
@given(st.floats(0.0, 20.0), st.floats(0.1, 100.0), st.floats(0.01, 20.0))
def test_an_infusion_rises_to_its_end_and_decays(start, amount, duration):
    expected = after_infusion(TIMES - start, amount, duration)
    assert central([Infusion(start, "iv", amount, duration)]) == pytest.approx(
        expected, abs=1e-7 * amount, rel=1e-6
    )


def test_a_short_infusion_is_nearly_a_bolus():
    short, bolus = central([Infusion(3.0, "iv", 5.0, 1e-4)]), central([Bolus(3.0, "iv", 5.0)])
    assert short[7:] == pytest.approx(bolus[7:], rel=1e-4)


def test_an_infusion_takes_the_amount_of_its_route():
    held = run([Infusion(1.0, "oral", 8.0, 4.0)], [24.0], parameters={"k": 0.0})
    assert held.output("central")[0, 0] + held.output("depot")[0, 0] == pytest.approx(8.0 * F, rel=1e-6)


def test_overlapping_infusions_add_up():
    one, two = Infusion(1.0, "iv", 4.0, 6.0), Infusion(4.0, "iv", 9.0, 8.0)
    expected = after_infusion(TIMES - 1.0, 4.0, 6.0) + after_infusion(TIMES - 4.0, 9.0, 8.0)
    assert central([one, two]) == pytest.approx(expected, abs=1e-7)


def test_infusions_into_different_routes_run_side_by_side():
    together = run([Infusion(1.0, "iv", 4.0, 6.0), Infusion(1.0, "oral", 4.0, 6.0)]).values
    apart = run([Infusion(1.0, "iv", 4.0, 6.0)]).values + run([Infusion(1.0, "oral", 4.0, 6.0)]).values
    assert together[..., :2] == pytest.approx(apart[..., :2], abs=1e-7)


def test_a_bolus_during_an_infusion_adds_to_it():
    expected = after_infusion(TIMES, 6.0, 6.0) + np.where(TIMES > 3.0, 5.0 * np.exp(-K * (TIMES - 3.0)), 0.0)
    assert central([Infusion(0.0, "iv", 6.0, 6.0), Bolus(3.0, "iv", 5.0)]) == pytest.approx(
        expected, abs=1e-7
    )


def test_contiguous_infusions_of_one_rate_are_one_infusion():
    pieces = run([Infusion(0.1 * i, "iv", 0.5, 0.1) for i in range(80)])
    whole = run([Infusion(0.0, "iv", 40.0, 8.0)])
    assert pieces.values == pytest.approx(whole.values, abs=1e-9)
    assert pieces.steps[0] == whole.steps[0], "the joints restart nothing"


def test_contiguous_infusions_of_two_rates_follow_one_another():
    expected = after_infusion(TIMES, 4.0, 4.0) + after_infusion(TIMES - 4.0, 12.0, 4.0)
    assert central([Infusion(0.0, "iv", 4.0, 4.0), Infusion(4.0, "iv", 12.0, 4.0)]) == pytest.approx(
        expected, abs=1e-7
    )


def test_an_interrupted_infusion_is_two_with_a_pause():
    pieces = central([Infusion(1.0, "iv", 3.0, 3.0), Infusion(6.0, "iv", 5.0, 5.0)])
    full, pause = after_infusion(TIMES - 1.0, 10.0, 10.0), after_infusion(TIMES - 4.0, 2.0, 2.0)
    assert pieces == pytest.approx(full - pause, abs=1e-7)


def test_nothing_enters_after_the_last_infusion_has_ended():
    late = run([Infusion(0.0, "iv", 0.1, 3.0), Infusion(1.0, "iv", 0.2, 5.0)], [7.0, 2000.0])
    assert late.output("central")[0, 1] == pytest.approx(0.0, abs=1e-9)


def test_an_infusion_behind_a_change_of_clearance_follows_the_new_value():
    events = [Infusion(0.0, "iv", 8.0, 8.0), SetParameter(8.0, "k", 0.9)]
    after = TIMES >= 8.0
    expected = after_infusion(np.array(8.0), 8.0, 8.0) * np.exp(-0.9 * (TIMES[after] - 8.0))
    assert central(events)[after] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("event", [Infusion(0.0, "iv", 1.0, 0.0), Infusion(0.0, "iv", -1.0, 1.0)])
def test_an_infusion_without_length_or_amount_is_refused(event):
    with pytest.raises(InputError):
        central([event])


@pytest.mark.parametrize("time", [0.0, 1.0, 7.3, 20.0 - 1e-12])
@pytest.mark.parametrize("duration", [1e-300, 1e-12, 9.9e-8, 1e-7, 1.1e-7, 1.9e-7, 2e-7, 2.1e-7, 1e-6, 1e-4])
def test_an_infusion_however_short_delivers_its_whole_amount(time, duration):
    events = [Infusion(time, "iv", 5.0, duration)]
    expected = after_infusion(
        24.0 - time, 5.0, max(duration, 1e-9)
    )  # shorter ones: the formula rounds to nothing
    assert central(events, at_dose="after")[-1] == pytest.approx(expected, rel=1e-6)


def test_an_infusion_shorter_than_two_of_one_time_is_a_bolus_to_the_last_digit():
    short = central([Infusion(3.0, "iv", 5.0, 1.9e-7)], at_dose="after")
    assert short.tolist() == central([Bolus(3.0, "iv", 5.0)], at_dose="after").tolist()


def test_a_short_infusion_late_in_a_long_run_keeps_its_amount():
    time, duration = 87_660.0, 3e-7  # ten years in hours: the end is known to 1.5e-11 h
    run_ = run([Infusion(time, "iv", 5.0, duration)], [time + 1e-3], parameters={"k": 0.0})
    assert run_.output("central")[0, 0] == pytest.approx(5.0, rel=1e-9)


def test_a_short_infusion_that_begins_within_rounding_of_another_event_keeps_its_amount():
    events = [Bolus(2.0, "oral", 0.0), Infusion(2.0 + 0.9e-7, "iv", 5.0, 2.2e-7)]
    assert central(events)[-1] == pytest.approx(5.0 * np.exp(-K * 22.0), rel=1e-6)
