"""SciPy on the generated text says the same as the kernel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine_systems import GROWTH

from bonecast.engine import Bolus, Infusion, SetParameter, SetState, simulate
from bonecast.engine.reference import simulate_reference

TIMES = np.linspace(0.0, 10.0, 21)
EVENTS = [
    Bolus(1.0, "dose", 2.0),
    Infusion(2.0, "dose", 3.0, 4.0),
    SetParameter(5.0, "decay", 0.1),
    SetState(8.0, "size", 4.0),
]
# `size` with a life before time zero; the reference needs no kernel, so this one is never compiled
AGED = replace(
    GROWTH,
    name="test-growth-aged",
    outputs=lambda y, p, start: {"size": y.size / start.size},
    output_names=("size",),
    run_in=lambda p: 3.0,
)


@pytest.mark.parametrize("method", ["LSODA", "Radau", "BDF"])
@pytest.mark.parametrize("at_dose", ["before", "after"])
def test_the_reference_agrees_with_the_kernel(method, at_dose):
    parameters = {"growth": 0.02, "size": 2.0, "argument": 3.0}
    expected = simulate(GROWTH, EVENTS, TIMES, parameters, rtol=1e-9, at_dose=at_dose)
    found = simulate_reference(GROWTH, EVENTS, TIMES, parameters, rtol=1e-9, at_dose=at_dose, method=method)
    assert list(found) == list(expected.outputs)
    for name, course in found.items():
        assert course == pytest.approx(expected.output(name)[0], rel=1e-5)


def test_the_reference_follows_the_closed_form():
    found = simulate_reference(GROWTH, [Bolus(4.0, "dose", 2.0)], TIMES)
    since = TIMES - 4.0
    expected = np.exp(-0.5 * TIMES) + np.where(since > 0, 2.0 * np.exp(-0.5 * since), 0.0)
    assert found["size"] == pytest.approx(expected, rel=1e-6)


def test_a_dose_at_time_zero_is_seen_after_it_only():
    dose = [Bolus(0.0, "dose", 2.0)]
    assert simulate_reference(GROWTH, dose, [0.0, 1.0])["size"][0] == 1.0
    assert simulate_reference(GROWTH, dose, [0.0, 1.0], at_dose="after")["size"][0] == 3.0


def test_a_dose_at_the_last_output_time_is_seen_after_it():
    dose = [Bolus(1.0, "dose", 2.0)]
    kernel = simulate(GROWTH, dose, [1.0], at_dose="after").output("size")[0]
    assert simulate_reference(GROWTH, dose, [1.0], at_dose="after")["size"] == pytest.approx(kernel, rel=1e-4)


def test_outputs_at_time_zero_refer_to_the_end_of_the_run_in():
    assert simulate_reference(AGED, [], [0.0, 1.0])["size"] == pytest.approx([1.0, np.exp(-0.5)], rel=1e-6)


def test_outputs_after_a_run_in_refer_to_its_end():
    assert simulate_reference(AGED, [], [1.0, 2.0])["size"] == pytest.approx(np.exp([-0.5, -1.0]), rel=1e-6)
