"""The exact Jacobian against central differences of the plain functions, on both sides of every choice."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from engine_systems import EVERY_OPERATION

from bonecast.engine import graph
from bonecast.engine.derivative import jacobian
from bonecast.engine.emit_python import python_program
from bonecast.engine.program import trace

STATES = EVERY_OPERATION.states


@pytest.fixture(scope="module")
def made():
    return python_program(trace(EVERY_OPERATION))


def plain_rates(y):
    rates = EVERY_OPERATION.rates(
        SimpleNamespace(**dict(zip(STATES, y, strict=True))), EVERY_OPERATION.named_parameters()
    )
    return np.array([rates[s] for s in STATES])


def exact(made, y):
    c = made.constants(list(EVERY_OPERATION.parameters.values()))
    m = [float(x > 0) for x in made.switches(list(y), c, [0.0, 0.0])]
    return np.array(made.jacobian(list(y), c, m)), np.array(made.rates(list(y), c, m))


def sides(y):
    u, v, w = y
    return u > v, w > EVERY_OPERATION.parameters["c"], u > w, v > EVERY_OPERATION.parameters["b"]


def points():
    """Random states, at least 1e-3 from every threshold, so that a difference does not run over it."""
    rng = np.random.default_rng(5)
    for y in rng.uniform(0.3, 3.0, (200, 3)):
        u, v, w = y
        if min(abs(u - v), abs(w - 1.0), abs(u - w), abs(v - 1.9)) > 1e-3:
            yield y


def test_the_points_lie_on_both_sides_of_every_choice():
    met = np.array([sides(y) for y in points()])
    assert np.all(met.any(axis=0))
    assert not np.any(met.all(axis=0))


def test_the_jacobian_agrees_with_central_differences(made):
    for y in points():
        found, _ = exact(made, y)
        step = 1e-5
        moves = np.eye(3) * step
        columns = [(plain_rates(y + move) - plain_rates(y - move)) / (2 * step) for move in moves]
        assert found == pytest.approx(np.array(columns).T, rel=1e-5, abs=1e-5)


def test_generated_rates_agree_with_the_plain_functions(made):
    for y in points():
        assert exact(made, y)[1] == pytest.approx(plain_rates(y), rel=1e-11, abs=1e-11)


def test_entries_that_are_always_zero_are_left_out():
    graph.clear()
    x, y, z = graph.state(0), graph.state(1), graph.state(2)
    p = graph.parameter(0)
    assert set(jacobian([p * y, p + 1.0, x * z - z * x])) == {(0, 1)}


def test_a_person_s_constants_do_not_move_with_the_states():
    graph.clear()
    x, p = graph.state(0), graph.parameter(0)
    entries = jacobian([p * x])
    assert entries[0, 0] is p
