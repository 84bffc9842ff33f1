"""What is remembered of a traced system, and what makes it be traced again: any change of what its functions read."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from bonecast.engine import System
from bonecast.engine import outline as outlines
from bonecast.engine.outline import outline_of
from bonecast.models import load_model, model_names

FACTOR = 1.0
TABLE = {"factor": 1.0}
LIST = [1.0]
ARRAY = np.array([1.0])
SPACE = SimpleNamespace(factor=1.0)


@dataclass
class Own:
    factor: float

    def rate(self, value):
        return self.factor * value


OWN = Own(1.0)


def helper(value):
    return FACTOR * value


def decay(rate):
    return System(
        name="test-decay",
        time_unit="h",
        states=("c",),
        parameters={"k": 0.3},
        initial=lambda p: {"c": 1.0},
        rates=lambda y, p: {"c": -rate(p.k * y.c)},
        outputs=lambda y, p, start: {"c": y.c},
        output_names=("c",),
    )


@pytest.fixture
def traced(monkeypatch):
    """How often anything was traced."""
    count = []
    trace = outlines._outline
    monkeypatch.setattr(outlines, "_outline", lambda system: (count.append(1), trace(system))[1])
    return count


def in_closure():
    factor = 1.0

    def rate(value):
        return factor * value

    def change():
        nonlocal factor
        factor = 2.0

    return rate, change


def set_default(function):
    function.__defaults__ = (2.0,)


def with_default():
    def rate(value, factor=1.0):
        return factor * value

    return rate, lambda: set_default(rate)


def new_code():
    def rate(value):
        return 1.0 * value

    def other(value):
        return 2.0 * value

    return rate, lambda: setattr(rate, "__code__", other.__code__)


PLACES = {
    "closure": in_closure(),
    "default": with_default(),
    "code": new_code(),
    "dictionary": (lambda v: TABLE["factor"] * v, lambda: TABLE.update(factor=2.0)),
    "list": (lambda v: LIST[0] * v, lambda: LIST.__setitem__(0, 2.0)),
    "array": (lambda v: ARRAY[0] * v, lambda: ARRAY.__setitem__(0, 2.0)),
    "namespace": (lambda v: SPACE.factor * v, lambda: setattr(SPACE, "factor", 2.0)),
    "object": (OWN.rate, lambda: setattr(OWN, "factor", 2.0)),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_number_that_changes_where_a_function_reads_it_gives_another_program(place, traced):
    rate, change = PLACES[place]
    system = decay(rate)
    before = outline_of(system)
    assert outline_of(replace(system, parameters={"k": 9.0})) is before
    assert len(traced) == 1
    change()
    assert outline_of(system).digest != before.digest


def test_a_global_name_that_changes_behind_a_helper_gives_another_program(monkeypatch, traced):
    system = decay(helper)
    before = outline_of(system)
    assert outline_of(system) is before
    monkeypatch.setattr(f"{__name__}.FACTOR", 2.0)
    changed = outline_of(system)
    assert changed.digest != before.digest
    monkeypatch.setattr(f"{__name__}.helper", lambda value: 5.0 * value)
    assert outline_of(decay(lambda value: 1 + helper(value))).digest != changed.digest


def test_a_builtin_that_a_module_covers_gives_another_program(monkeypatch):
    system = decay(lambda value: pow(value, 2))
    before = outline_of(system)
    monkeypatch.setitem(globals(), "pow", lambda value, n: value)
    assert outline_of(system).digest != before.digest


def test_what_cannot_be_watched_is_traced_each_time(traced):
    def rate(value):
        from math import e

        return e * value

    for unseen in (rate, lambda value: globals()["FACTOR"] * value):
        traced.clear()
        system = decay(unseen)
        assert outline_of(system) == outline_of(system)
        assert len(traced) == 2


@pytest.mark.parametrize("name", model_names())
def test_every_model_of_the_library_is_traced_once_however_often_its_values_change(name, traced):
    system = load_model(name).system
    first = outline_of(system)
    traced.clear()
    for factor in (1.0, 2.0, 3.0):
        values = {parameter: factor * value for parameter, value in system.parameters.items()}
        assert outline_of(replace(system, parameters=values)) is first
    assert not traced


@pytest.mark.parametrize("name", model_names())
def test_a_model_declares_which_of_its_parameters_may_change_in_time(name):
    system = load_model(name).system
    assert system.may_change is not None
    assert set(system.may_change) <= outline_of(system).moving


def test_a_function_without_a_module_is_watched_like_any_other():
    space = {"K": 1.0}
    exec("def rate(value):\n    return K * value", space)
    system = decay(space["rate"])
    before = outline_of(system)
    space["K"] = math.pi
    assert outline_of(system).digest != before.digest
