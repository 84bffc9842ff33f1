"""What drives the difference between the two best strategies."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.decisions import find_aim, rank
from bonecast.forecasts.drivers import drivers_of
from bonecast.models import load_model

X = np.linspace(0.5, 1.5, 200)
NOISE = np.random.default_rng(1).normal(size=200)
WHOLE = np.ones(200, bool)


def found(values, people):
    ranking = rank(values, find_aim("vertebral"), 60)
    return drivers_of(ranking, values, WHOLE, people, load_model("bonecast-1"))


def test_the_driver_of_the_difference_is_named_with_its_sign_and_mark():
    values = {"on": 10.0 + 0 * X, "off": 60.0 - 20 * X}
    (one,) = found(values, {"turnover": X, "weight": 60.0 + NOISE})
    assert (one.name, one.correlation) == ("turnover", pytest.approx(-1.0))
    card = load_model("bonecast-1").parameter_set.parameters["turnover"]
    assert (one.meaning, one.mark) == (card.meaning, card.mark)


def test_properties_that_do_not_matter_and_parameters_that_do_not_vary_are_left_out():
    values = {"on": 10.0 + 0 * X, "off": 60.0 + 10 * NOISE}
    assert found(values, {"turnover": X, "age": np.full(200, 71.0), "sex": 0.0}) == ()


def test_two_parameters_of_one_factor_are_named_once():
    values = {"on": 10.0 + 0 * X, "off": 60.0 - 20 * X}
    assert len(found(values, {"aLS": X, "aTH": 2 * X})) == 1


def test_with_one_strategy_there_is_no_driver():
    values = {"on": 10.0 + 0 * X, "off": 60.0 - 20 * X}
    assert found({"on": values["on"]}, {"turnover": X}) == ()
    assert drivers_of(None, values, WHOLE, {"turnover": X}, load_model("bonecast-1")) == ()


def test_the_two_traits_that_matter_most_are_named():
    other, third = np.random.default_rng(2).permutation(X), np.random.default_rng(3).permutation(X)
    values = {"on": 10.0 + 0 * X, "off": 60.0 + 50 * X + 60 * other + 45 * third}
    people = {"turnover": X, "CL": other, "KL": third}
    correlations = {name: abs(np.corrcoef(values["off"], of)[0, 1]) for name, of in people.items()}
    assert min(correlations.values()) > 0.3, correlations
    named = [one.name for one in found(values, people)]
    assert len(named) == 2
