"""The steady state of doses that repeat, against closed forms and against very many doses."""

from __future__ import annotations

import numpy as np
import pytest
from compartment_systems import compartments

from bonecast.engine import Bolus, Infusion, Route, SetState, System, simulate, steady
from bonecast.errors import ComputeError, InputError, UnknownName

IV, ORAL = compartments("iv1"), compartments("oral1")
K = 3.1 / 27.0


def saturable(growth: float = 0.0) -> System:
    """Michaelis-Menten elimination, and a counter that may grow."""
    return System(
        name="saturable",
        time_unit="h",
        states=("A", "count"),
        parameters={"Vmax": 10.0, "Km": 20.0, "growth": growth},
        initial=lambda p: {"A": 0.0, "count": 1.0},
        rates=lambda y, p: {"A": -p.Vmax * y.A / (p.Km + y.A), "count": p.growth},
        outputs=lambda y, p, start: {"A": y.A},
        output_names=("A",),
        routes={"drug": Route("A", "mg")},
        scales={"A": 50.0, "count": 1.0},
    )


def test_a_linear_model_has_its_closed_form():
    for period in (0.5, 8.0, 100.0):
        trough = steady(IV, [Bolus(0.0, "dose central", 100.0)], period)["central"][0]
        assert trough == pytest.approx(100.0 / np.expm1(K * period), rel=1e-7)


def test_a_dose_within_the_cycle_and_a_lag_move_the_phase():
    late = steady(IV, [Bolus(3.0, "dose central", 100.0)], 8.0)["central"][0]
    assert late == pytest.approx(100.0 * np.exp(-5.0 * K) / -np.expm1(-8.0 * K), rel=1e-7)
    lagging = steady(IV, [Bolus(1.0, "dose central", 100.0)], 8.0, {"ALAG1": 2.0})["central"][0]
    assert lagging == pytest.approx(late, rel=1e-9)


@pytest.mark.parametrize("length", [2.0, 6.0, 9.0, 24.0])
def test_infusions_that_overlap_are_those_of_very_many_doses(length):
    cycle = Infusion(1.5, "dose depot", 100.0, length)
    found = steady(ORAL, [cycle], 6.0)
    many = [Infusion(1.5 + 6.0 * i, "dose depot", 100.0, length) for i in range(100)]
    end = simulate(ORAL, many, [600.0], rtol=1e-11).end.states[0]
    assert [found["depot"][0], found["central"][0]] == pytest.approx(end.tolist(), rel=1e-7)


def test_a_constant_infusion_is_rate_over_clearance_whatever_the_cycle():
    for period in (1.0, 500.0):
        assert steady(IV, [Infusion(0.0, "dose central", 25.0 * period, period)], period)["central"][
            0
        ] == pytest.approx(25.0 / K, rel=1e-7)


def test_each_person_has_a_steady_state_of_their_own():
    clearances = np.array([1.0, 2.0, 3.1, 4.0, 8.0])
    found = steady(IV, [Bolus(0.0, "dose central", 100.0)], 12.0, {"CL": clearances})["central"]
    assert found == pytest.approx(100.0 / np.expm1(clearances / 27.0 * 12.0), rel=1e-7)


def test_a_saturable_model_returns_after_each_cycle():
    system = saturable()
    doses = [Bolus(0.0, "drug", 60.0)]
    trough = steady(system, doses, 12.0)["A"][0]
    many = [Bolus(12.0 * i, "drug", 60.0) for i in range(400)]
    assert trough == pytest.approx(simulate(system, many, [4800.0], rtol=1e-11).end.states[0, 0], rel=1e-6)


def test_without_doses_it_is_the_equilibrium():
    assert steady(IV, [], 10.0)["central"][0] == pytest.approx(0.0, abs=1e-9)


def test_what_goes_on_growing_has_none_and_is_named():
    with pytest.raises(ComputeError, match=r"no steady state was found under this cycle; .* count"):
        steady(saturable(growth=0.1), [Bolus(0.0, "drug", 60.0)], 12.0)


@pytest.mark.parametrize(
    ("events", "period", "sentence"),
    [
        ([], 0.0, r"^period: 0.0 is no length of a cycle"),
        ([], float("inf"), "no length of a cycle"),
        ([SetState(0.0, "central", 1.0)], 8.0, "a SetState does not repeat"),
        ([Infusion(0.0, "dose central", 1.0, 1e9)], 1.0, "runs for more than 10,000 cycles"),
    ],
)
def test_what_cannot_repeat_is_one_sentence(events, period, sentence):
    with pytest.raises(InputError, match=sentence):
        steady(IV, events, period)


def test_an_unknown_route_is_refused_by_name():
    with pytest.raises(UnknownName, match="no dose route called 'mouth'"):
        steady(IV, [Bolus(0.0, "mouth", 1.0)], 8.0)
