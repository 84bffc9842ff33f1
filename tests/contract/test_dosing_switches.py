"""Rates with two sides: the crossing is located, doses that jump over it count, and a relay comes to an end."""

from __future__ import annotations

import numpy as np
import pytest
from systems import RELAY, arcs

from bonecast.engine import Bolus, SetParameter, SetState, Status, simulate

TIMES = np.linspace(0.0, 20.0, 101)


def tank(events, times=TIMES, **options):
    return simulate(RELAY, events, times, rtol=1e-6, **options).output("tank")[0]


def test_a_force_that_changes_its_side_gives_parabolas():
    run = simulate(RELAY, [], TIMES, rtol=1e-6)
    assert run.output("x")[0] == pytest.approx(arcs(TIMES, 0.5), abs=1e-6)


def test_persons_side_by_side_cross_each_at_their_own_time():
    x = np.linspace(0.1, 3.0, 19)
    run = simulate(RELAY, [], TIMES, {"x": x}, rtol=1e-6)
    assert run.output("x") == pytest.approx(np.array([arcs(TIMES, own) for own in x]), abs=1e-6)


@pytest.mark.parametrize("bar", [-0.5, 0.0, 0.5, 0.9, 0.999])
def test_the_time_above_a_bar_is_that_between_the_crossings(bar):
    run = simulate(RELAY, [], [2 * np.pi, 4 * np.pi], {"bar": bar}, rtol=1e-8)
    arc = 2 * np.arccos(bar)
    # the oscillation starts at its top: half an arc, a whole one at each return, and half of the last
    assert run.output("above")[0] == pytest.approx([arc, 2 * arc], abs=1e-6)


@pytest.mark.parametrize("bar", [1.0, 1.0 + 1e-12])
def test_an_oscillation_that_only_touches_the_bar_ends_in_few_steps(bar):
    run = simulate(RELAY, [], [6 * np.pi], {"bar": bar}, rtol=1e-6)
    assert run.status[0] == Status.FINE
    assert run.steps[0] + run.rejected[0] < 2000
    assert run.output("above")[0] == pytest.approx([0.0], abs=0.05)


def test_a_kink_is_met_at_its_crossing():
    # 0.5 an hour up to the brim at 2 h, 0.1 an hour from there
    assert tank([], parameters={"feed": 0.3, "drain": 0.2}) == pytest.approx(
        np.where(TIMES < 2.0, 0.5 * TIMES, 1.0 + 0.1 * (TIMES - 2.0)), abs=1e-6
    )


def test_a_dose_that_jumps_over_the_threshold_changes_the_side():
    course = tank([Bolus(1.0, "fill", 5.0)], parameters={"feed": 0.3, "drain": 0.2}, at_dose="after")
    assert course == pytest.approx(np.where(TIMES < 1.0, 0.5 * TIMES, 5.5 + 0.1 * (TIMES - 1.0)), abs=1e-6)


def test_a_state_placed_under_the_threshold_changes_the_side_back():
    course = tank([SetState(10.0, "tank", 0.0)], parameters={"feed": 0.3, "drain": 0.2}, at_dose="after")
    since = TIMES[TIMES >= 10.0] - 10.0
    expected = np.where(since < 2.0, 0.5 * since, 1.0 + 0.1 * (since - 2.0))
    assert course[TIMES >= 10.0] == pytest.approx(expected, abs=1e-6)


def test_a_threshold_that_moves_over_the_state_changes_the_side():
    course = tank([SetParameter(4.0, "brim", 90.0)], parameters={"feed": 0.3, "drain": 0.2})
    expected = np.interp(TIMES, [0.0, 2.0, 4.0, 20.0], [0.0, 1.0, 1.2, 9.2])
    assert course == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("lanes", [1, None])
def test_a_relay_that_chatters_comes_to_its_end_in_bounded_steps(lanes):
    drain = np.linspace(0.2, 1.0, 9)
    run = simulate(RELAY, [], TIMES, {"feed": 0.1, "drain": drain}, rtol=1e-6, lanes=lanes)
    assert np.all(run.status == Status.FINE)
    assert np.all(run.steps + run.rejected < 20_000)
    settled = run.output("tank")[:, TIMES > 4.0]
    assert settled == pytest.approx(np.ones_like(settled), abs=0.25), "it stays about its brim"
