"""Functions of numbers in equations: each is named, with the one to write instead."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special

from bonecast.engine import System
from bonecast.engine.outline import outline_of
from bonecast.errors import InputError

CALLS = {
    "'math.exp' works on numbers only; write exp of bonecast.engine.maths": lambda c: 1 + math.exp(c),
    "'np.log' works on numbers only; write log of bonecast.engine.maths": lambda c: 1 + np.log(c),
    "'np.maximum' works on numbers only; write maximum of bonecast.engine.maths": lambda c: np.maximum(
        c, 1.0
    ),
    "'max' works on numbers only; write maximum of bonecast.engine.maths": lambda c: max(c, 1.0),
    "'min' works on numbers only; write minimum of bonecast.engine.maths": lambda c: 2 * min(1.0, c),
    "'math.pow' works on numbers only; write a \\*\\* b": lambda c: math.pow(c, 2.0),
    "'math.log10' works on numbers only; write log\\(x\\) / log\\(10\\)": lambda c: 1 + math.log10(c),
    "'scipy.special.expit' works on numbers only; write 1 /": lambda c: 1 + scipy.special.expit(c),
    "'math.gamma' works on numbers only; write it with": lambda c: 1 + math.gamma(c),
    "cannot branch on a value; write where": lambda c: 1.0 if c > 2 else 0.0,
}


def system(rate):
    return System(
        name="test-foreign",
        time_unit="h",
        states=("c",),
        parameters={},
        initial=lambda p: {"c": 1.0},
        rates=lambda y, p: {"c": rate(y.c)},
        outputs=lambda y, p, start: {"c": y.c},
        output_names=("c",),
    )


@pytest.mark.parametrize("sentence", CALLS)
def test_a_function_of_numbers_is_named_with_its_place_and_the_right_one(sentence):
    with pytest.raises(InputError, match=rf"^model test-foreign, rates, line \d+: .*{sentence}"):
        outline_of(system(CALLS[sentence]))


def test_a_fault_of_another_kind_is_left_as_it_is():
    with pytest.raises(AttributeError, match="nothing"):
        outline_of(system(lambda c: c.nothing))
    with pytest.raises(TypeError, match=r"no len\(\)"):
        outline_of(system(lambda c: len(5)))


def test_python_s_own_abs_floor_and_remainder_may_be_written():
    from bonecast.engine import maths

    same = [lambda c: abs(c) + math.floor(c), lambda c: maths.abs(c) + maths.floor(c)]
    assert outline_of(system(same[0])) == outline_of(system(same[1]))
    assert outline_of(system(lambda c: c % 2 + c // 2)).digest
