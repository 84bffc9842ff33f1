"""What changes in time beside doses: parameters, states, covariates, and a life before time zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import CLEARANCE, K

from bonecast.engine import Bolus, SetParameter, SetState, simulate
from bonecast.errors import InputError, UnknownName

TIMES = np.linspace(0.0, 24.0, 49)


def run(events, times: Sequence[float] | np.ndarray = TIMES, **options):
    return simulate(CLEARANCE, events, times, rtol=1e-8, **options)


def piecewise(t, changes, first=K):
    """exp(-integral of a piecewise constant rate), from time zero."""
    at = [0.0, *(c for c, _ in changes), np.inf]
    rates = [first, *(v for _, v in changes)]
    return np.exp(-sum(r * np.clip(t - a, 0.0, b - a) for r, a, b in zip(rates, at, at[1:], strict=False)))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 23.0), st.floats(0.0, 2.0)), max_size=4, unique_by=lambda c: c[0]))
def test_a_parameter_that_changes_in_steps_gives_the_piecewise_solution(changes):
    changes.sort()
    events = [Bolus(0.0, "iv", 1.0), *(SetParameter(t, "k", v) for t, v in changes)]
    course = run(events, at_dose="after").output("central")[0]
    assert course == pytest.approx(piecewise(TIMES, changes), abs=1e-6)


def test_a_change_at_the_time_of_a_dose_does_not_move_what_is_there():
    run_ = run([Bolus(2.0, "iv", 1.0), SetParameter(2.0, "k", 0.9)], [2.0, 3.0], at_dose="after")
    assert run_.output("central")[0] == pytest.approx([1.0, np.exp(-0.9)], rel=1e-7)


def test_a_change_of_bioavailability_meets_later_doses_only():
    events = [Bolus(1.0, "oral", 1.0), SetParameter(2.0, "F", 1.0), Bolus(3.0, "oral", 1.0)]
    run_ = run(events, [24.0], parameters={"k": 0.0})
    assert run_.output("central")[0] == pytest.approx([0.5 + 1.0], rel=1e-6)


def test_a_change_at_the_time_of_a_dose_acts_on_it_only_when_given_before_it():
    dose, change = Bolus(1.0, "oral", 1.0), SetParameter(1.0, "F", 1.0)
    assert run([dose, change], [1.0], at_dose="after").output("depot")[0, 0] == pytest.approx(0.5, rel=1e-12)
    assert run([change, dose], [1.0], at_dose="after").output("depot")[0, 0] == pytest.approx(1.0, rel=1e-12)


def test_the_same_change_in_each_person_is_made_from_the_person_s_own_value():
    own = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    run_ = run([Bolus(0.0, "iv", 1.0), SetParameter(10.0, "k", 0.0)], [10.0, 24.0], parameters={"k": own})
    assert run_.output("central")[:, 0] == pytest.approx(np.exp(-10.0 * own), rel=1e-6)
    assert run_.output("central")[:, 1] == pytest.approx(np.exp(-10.0 * own), rel=1e-6)


def test_a_covariate_that_runs_linearly_gives_the_analytic_solution():
    course = run([Bolus(0.0, "iv", 1.0)], parameters={"slope": -0.03}, at_dose="after").output("central")[0]
    assert course == pytest.approx(np.exp(-K * (TIMES - 0.015 * TIMES**2)), abs=1e-6)


def test_a_covariate_between_dated_values_runs_linearly_from_one_to_the_next():
    dated, values = [0.0, 6.0, 15.0, 24.0], [1.0, 0.4, 1.3, 1.3]
    slopes = np.diff(values) / np.diff(dated)
    events = [
        Bolus(0.0, "iv", 1.0),
        *(SetParameter(t, "slope", s) for t, s in zip(dated[:-1], slopes, strict=True)),
    ]
    run_ = run(events, at_dose="after")
    organ = np.interp(TIMES, dated, values)
    assert run_.output("organ")[0] == pytest.approx(organ, abs=1e-7)
    fine = np.linspace(0.0, 24.0, 24001)
    value = np.interp(fine, dated, values)
    area = np.concatenate([[0.0], np.cumsum((value[1:] + value[:-1]) / 2 * np.diff(fine))])
    assert run_.output("central")[0] == pytest.approx(np.exp(-K * np.interp(TIMES, fine, area)), abs=1e-6)


def test_a_place_puts_a_state_at_its_value_and_leaves_the_others():
    run_ = run(
        [Bolus(0.0, "oral", 4.0), SetState(5.0, "central", 7.0)], [5.0, 5.0], at_dose=["before", "after"]
    )
    assert run_.output("central")[0, 1] == pytest.approx(7.0, rel=1e-12)
    assert run_.output("depot")[0, 1] == run_.output("depot")[0, 0]


@pytest.mark.parametrize("event", [SetParameter(1.0, "kk", 1.0), SetState(1.0, "centre", 1.0)])
def test_an_unknown_parameter_or_state_is_refused(event):
    with pytest.raises(UnknownName):
        run([event])


@settings(max_examples=15, deadline=None)
@given(st.floats(0.001, 50.0), st.floats(-0.01, 0.05))
def test_a_run_in_ends_at_time_zero_and_outputs_refer_to_it(age, slope):
    run_ = run(
        [], [0.0, 0.0, 10.0], parameters={"age": age, "slope": slope}, at_dose=["before", "after", "before"]
    )
    assert run_.output("organ")[0, :2] == pytest.approx([1.0 + age * slope] * 2, rel=1e-7)
    assert run_.output("organ_change")[0] == pytest.approx([0.0, 0.0, 10.0 * slope], abs=1e-7)


def test_a_run_in_of_each_person_s_own_length_ends_at_the_same_zero():
    ages = np.array([0.0, 1.0, 5.0, 20.0, 80.0])
    run_ = run(
        [Bolus(0.0, "iv", 1.0)], [0.0, 10.0], parameters={"age": ages, "slope": 0.01}, at_dose="before"
    )
    assert run_.output("organ")[:, 0] == pytest.approx(1.0 + 0.01 * ages, rel=1e-7)
    assert run_.output("organ_change")[:, 0] == pytest.approx(np.zeros(5), abs=1e-12)
    rate = K * (1.0 + 0.01 * ages)
    assert run_.output("central")[:, 1] == pytest.approx(np.exp(-rate * 10.0 - K * 0.005 * 100.0), rel=1e-6)


def test_outputs_refer_to_the_states_at_time_zero_before_its_events():
    run_ = run([SetState(0.0, "organ", 3.0)], [0.0, 5.0], at_dose="after")
    assert run_.output("organ_change")[0] == pytest.approx([2.0, 2.0], rel=1e-9)


@pytest.mark.parametrize("name", ["organ", "lag", "age"])
def test_a_parameter_that_only_the_start_the_run_in_or_a_lag_reads_cannot_change_in_a_run(name):
    sentence = rf"change at 3: {name} is fixed for a whole run; those that may change: ka, k, F, slope\."
    with pytest.raises(InputError, match=sentence):
        run([SetParameter(3.0, name, 1.0)])


def test_a_system_declares_which_parameters_may_change():
    system = replace(CLEARANCE, may_change=("k",))
    allowed = simulate(system, [Bolus(0.0, "iv", 1.0), SetParameter(3.0, "k", 0.9)], [5.0])
    assert allowed.output("central")[0, 0] == pytest.approx(np.exp(-0.3 * 3 - 0.9 * 2), rel=1e-3)
    with pytest.raises(InputError, match=r"slope is fixed for a whole run; those that may change: k\."):
        simulate(system, [SetParameter(3.0, "slope", 0.1)], [24.0])
    with pytest.raises(InputError, match=r"those that may change: none\."):
        simulate(replace(CLEARANCE, may_change=()), [SetParameter(3.0, "k", 0.1)], [24.0])


@pytest.mark.parametrize("lag", [-1.0, -1e-300])
def test_a_lag_below_zero_is_refused(lag):
    for parameters in ({"lag": lag}, {"lag": np.array([1.0, lag])}):
        with pytest.raises(
            InputError, match=r"^model test-clearance, route late: its lag is -.*; a lag is zero or more"
        ):
            simulate(CLEARANCE, [Bolus(3.0, "late", 100.0)], [2.5], parameters)
