"""One text, three paths: plain functions, generated Python and compiled vectors agree on every library model."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bonecast.engine import SetState, Status, simulate
from bonecast.engine.emit_python import python_program
from bonecast.engine.program import trace
from bonecast.models import load_model, model_names

pytestmark = pytest.mark.slow

PERSONS = 5  # random states for each model; more than a scalar run takes, so that lanes are used by default
SHORT = 24.0  # time units: long enough for slow states to move


class Case:
    """One model at random states, as seen by the plain functions."""

    def __init__(self, name):
        self.system = system = load_model(name).system
        self.parameters = dict(system.parameters)
        if system.run_in:
            self.parameters["age"] = 0.0  # no life before the states that are placed
        self.all_parameters = [*self.parameters.values(), *[0.0] * len(system.routes)]  # no infusion runs
        self.p = system.named_parameters(self.parameters)
        start = system.initial(self.p)
        self.start = SimpleNamespace(**{s: float(start[s]) for s in system.states})
        rng = np.random.default_rng(len(name))
        size = np.array([abs(float(start[s])) or system.scales[s] for s in system.states])
        self.states = size * np.exp(0.1 * rng.normal(size=(PERSONS, len(system.states))))

    def namespace(self, y):
        return SimpleNamespace(**dict(zip(self.system.states, map(float, y), strict=True)))

    def rates(self, y):
        found = self.system.rates(self.namespace(y), self.p)
        return np.array([found[s] for s in self.system.states])

    def outputs(self, y):
        found = self.system.outputs(self.namespace(y), self.p, self.start)
        return np.array([found[o] for o in self.system.output_names])

    def kernel(self, lanes):
        events = [
            [SetState(0.0, s, float(v)) for s, v in zip(self.system.states, y, strict=True)]
            for y in self.states
        ]
        changed = {n: v for n, v in self.parameters.items() if v != self.system.parameters[n]}
        runs = simulate(
            self.system, events, [0.0, SHORT], changed, at_dose=["after", "before"], rtol=1e-9, lanes=lanes
        )
        assert np.all(runs.status == Status.FINE)
        return runs


@pytest.fixture(scope="module", params=model_names())
def case(request):
    return Case(request.param)


@pytest.fixture(scope="module")
def generated(case):
    program = trace(case.system)
    made = python_program(program)
    constants = made.constants(case.all_parameters)

    def modes(y):
        return [float(x > 0) for x in made.switches(y, constants, [0.0] * len(program.switches))]

    return made, constants, modes


def close(found, expected, rel=1e-9):
    """Agreement to rounding: a sum of large terms may leave a small one, so the largest of all sets the floor."""
    return found == pytest.approx(expected, rel=rel, abs=1e-13 * np.abs(expected).max())


def test_generated_rates_are_those_of_the_plain_functions(case, generated):
    made, constants, modes = generated
    assert len(case.states) > 0
    for y in case.states.tolist():
        assert close(np.array(made.rates(y, constants, modes(y))), case.rates(y))


def test_generated_outputs_are_those_of_the_plain_functions(case, generated):
    made, constants, modes = generated
    start = list(vars(case.start).values())
    assert len(case.states) > 0
    for y in case.states.tolist():
        assert close(np.array(made.outputs(y, constants, modes(y), start)), case.outputs(y))


def test_generated_initial_states_are_those_of_the_plain_functions(case, generated):
    made, *_ = generated
    assert close(np.array(made.initial(case.all_parameters)), np.array(list(vars(case.start).values())))


def test_the_generated_jacobian_is_the_slope_of_the_plain_rates(case, generated):
    made, constants, modes = generated
    y = case.states[0]
    found = np.array(made.jacobian(y.tolist(), constants, modes(y.tolist())))
    assert found.shape == (len(y), len(y))
    for j, size in enumerate(np.abs(y)):
        move = np.zeros(len(y))
        move[j] = 1e-5 * size
        low, high = case.rates(y - move), case.rates(y + move)
        slope = (high - low) / (2 * move[j])
        noise = 1e-10 * (np.abs(low) + np.abs(high)) / move[j]  # what rounding leaves of a difference
        assert np.all(np.abs(found[:, j] - slope) <= 1e-4 * np.abs(slope) + noise + 1e-12), (
            case.system.states[j]
        )


@pytest.mark.parametrize("lanes", [1, None])
def test_compiled_outputs_are_those_of_the_plain_functions(case, lanes):
    runs = case.kernel(lanes)
    for person, y in enumerate(case.states):
        assert close(runs.values[person, 0], case.outputs(y))


@pytest.mark.parametrize("lanes", [1, None])
def test_compiled_rates_lead_where_the_plain_functions_lead(case, lanes):
    from scipy.integrate import solve_ivp

    ends = case.kernel(lanes).end.states
    for person in (0, PERSONS - 1):
        y = case.states[person]
        found = solve_ivp(
            lambda _, y: case.rates(y), (0, SHORT), y, "Radau", rtol=1e-9, atol=1e-11 * np.abs(y)
        )
        moved = found.y[:, -1] - y
        gap = np.abs(ends[person] - found.y[:, -1])
        worst = case.system.states[int(np.argmax(gap / np.abs(y)))]
        assert np.all(gap <= 1e-5 * np.abs(moved) + 2e-7 * np.abs(y)), worst
