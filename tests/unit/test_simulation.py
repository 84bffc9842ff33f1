"""`bonecast.simulate` from Python: objects in place of names, units of parameters, one sentence for the rest."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

import bonecast as bc
from bonecast.core.units import value_in
from bonecast.errors import InputError, OutsideRange, UnknownName

MODEL, PLAN = "choi-2025", "denosumab 60 mg every 6 months x 2"


def simulate(*args, **options):
    return bc.simulate(*args, every="30 days", **options)


def test_a_model_and_a_plan_may_be_given_as_objects():
    usual = simulate(MODEL, PLAN)
    same = simulate(bc.load_model(MODEL), bc.parse_regimen(PLAN))
    assert same.model == MODEL
    assert same.plan == usual.plan
    assert np.array_equal(same.values, usual.values)


def test_a_model_that_was_made_from_one_of_the_library_is_the_one_that_runs():
    model = bc.load_model(MODEL)
    rates = model.system.rates
    still = replace(
        model, system=replace(model.system, rates=lambda y, p: {k: 0.0 * v for k, v in rates(y, p).items()})
    )
    assert np.ptp(simulate(still, PLAN)["LS_BMD_pct_change"]) == 0.0
    assert np.ptp(simulate(model, PLAN)["LS_BMD_pct_change"]) > 1.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"until": 30}, r"^until: 30 has no unit of time; write a text such as '30 days'"),
        ({"set": {"weight": "heavy"}}, r"parameter weight: 'heavy' is not a number; give one, in kg\."),
        ({"set": {"weight": "70 mL"}}, r"parameter weight: 'mL' cannot be brought to kg; give it in kg"),
        ({"set": {"weight": "70 kgg"}}, "cannot be brought to kg"),
        ({"set": {"weight": "70 kg**9**9**9**9"}}, "cannot be brought to kg"),
        ({"set": {"weight": None}}, "None is not one number"),
        ({"set": {"weight": [60.0, 70.0]}}, "is not one number"),
        ({"set": {"weight": float("nan")}}, "not a finite number"),
        ({"set": "weight=70"}, "a str does not say which parameter takes which value"),
        ({"rtol": "small"}, r"^rtol: small is outside"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(change, sentence):
    with pytest.raises(InputError, match=sentence):
        simulate(MODEL, PLAN, **change)


def test_other_types_of_model_plan_and_step_are_one_sentence():
    with pytest.raises(
        InputError, match=r"^model library: a int is no name of a model; give a Model, or one of bonecast-2"
    ):
        bc.simulate(5, PLAN)
    with pytest.raises(InputError, match=r"^plan: a NoneType is no plan; write it in words"):
        bc.simulate(MODEL, None)
    with pytest.raises(InputError, match=r"^every: 7 has no unit of time"):
        bc.simulate(MODEL, PLAN, every=7)
    with pytest.raises(UnknownName):
        simulate(MODEL, PLAN, set={5: 1.0})


@pytest.mark.parametrize("weight", [55, 55.0, "55", "55 kg", "55kg", "55000 g", "121.254 lb", np.float32(55)])
def test_a_parameter_may_be_given_with_its_unit_or_another_of_its_kind(weight):
    assert simulate(MODEL, PLAN, set={"weight": weight}).changed["weight"] == pytest.approx(55.0, rel=1e-4)


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [("mL/min", "30 mL/min", 30.0), ("mL/min", "1.8 L/h", 30.0), ("1/h", "0.24 1/d", 0.01), ("1/d", "0.01/h", 0.24),
     ("y", "24 months", 2.0), ("pM", "1 nmol/L", 1000.0), ("ng/mL", "2 µg/L", 2.0), ("(mL/min)/h", "3 (mL/min)/h", 3.0),
     ("model units", "4", 4.0), ("%", "0.5", 0.5)],
)  # fmt: skip
def test_units_are_brought_to_that_of_the_card(unit, text, value):
    assert value_in(unit, text, "here") == pytest.approx(value, rel=1e-9)


def test_a_value_outside_the_range_of_its_card_is_used_with_a_warning():
    with pytest.warns(OutsideRange, match=r"parameter weight: 500 kg lies outside 30 to 150 kg, its range"):
        run = simulate(MODEL, PLAN, set={"weight": 500})
    assert run.changed == {"weight": 500.0}
    assert len(run.notes) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert simulate(MODEL, PLAN, set={"weight": 150}).notes == ()
