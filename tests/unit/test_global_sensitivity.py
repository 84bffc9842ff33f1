"""Global sensitivity: against the shares that a known function has, and what is refused."""

from __future__ import annotations

import builtins

import numpy as np
import pytest

import bonecast as bc
from bonecast.engine import System
from bonecast.engine.maths import sin
from bonecast.errors import InputError, UnknownName

# Ishigami's function: first-order and total shares are known.
ISHIGAMI = System(
    name="ishigami",
    time_unit="d",
    states=("A",),
    parameters={"x1": 0.5, "x2": 0.5, "x3": 0.5, "zero": 0.0},
    initial=lambda p: {"A": sin(p.x1) + 7 * sin(p.x2) ** 2 + 0.1 * p.x3**4 * sin(p.x1)},
    rates=lambda y, p: {"A": 0.0 * y.A},
    outputs=lambda y, p, start: {"A_out": y.A, "still": 1.0 + 0.0 * y.A},
    output_names=("A_out", "still"),
    scales={"A": 10.0},
)
RANGE = dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi))


def test_sobol_finds_the_shares_of_the_ishigami_function():
    found = bc.global_sensitivity(ISHIGAMI, [], RANGE, "A_out", 1.0, samples=1024)
    table = found.table()
    np.testing.assert_allclose(table["first"].to_numpy(), [0.3139, 0.4424, 0.0], atol=0.04)
    np.testing.assert_allclose(table["total"].to_numpy(), [0.5576, 0.4424, 0.2437], atol=0.04)
    assert found.runs == 1024 * 5


def test_morris_ranks_the_parameters_of_a_level():
    plan, output = "denosumab 60 mg once", "denosumab_ng_mL"
    found = bc.global_sensitivity(
        "choi-2025", plan, ["CL", "ka", "kout"], output, [2, 120], method="morris", samples=16
    )
    table = found.table()
    early, late = (table.filter(table["time"] == time)["mu_star"].to_numpy() for time in (2.0, 120.0))
    assert early[1] > early[0] > 1e3 * early[2]
    assert late[0] > late[1] > 1e3 * late[2]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"parameters": ["x1"]}, "name at least two"),
        ({"parameters": ["x1", "zero"]}, "parameter zero: it is zero"),
        ({"parameters": {"x1": (2.0, 1.0), "x2": None}}, "parameter x1: 2 to 1 is no range"),
        ({"log": True}, "has no logarithm"),
        ({"samples": 100}, "100 is no power of two; give 128"),
        ({"method": "fast"}, "there is no 'fast'"),
        ({"samples": 2**21}, "they make"),
        ({"outputs": "still", "samples": 4}, "does not depend on any of these parameters"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(given, says):
    options = {"parameters": RANGE, "outputs": "A_out", "times": 1.0, **given}
    with pytest.raises(InputError) as raised:
        bc.global_sensitivity(ISHIGAMI, [], **options)
    assert says in str(raised.value)


def test_an_unknown_parameter_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="x1"):
        bc.global_sensitivity(ISHIGAMI, [], ["x11", "x2"], "A_out", 1.0)


def test_without_salib_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name.startswith("SALib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r"bonecast\[sensitivity\]"):
        bc.global_sensitivity(ISHIGAMI, [], RANGE, "A_out", 1.0)
