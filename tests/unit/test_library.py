"""The catalogue of models, and what every model in it must offer."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from bonecast.errors import UnknownName, UnsupportedDrug
from bonecast.models import load_model, model_names, models_supporting

MODELS = model_names()


def test_library_holds_our_three_models_and_three_published_ones():
    assert MODELS == [
        "bonecast-2",
        "bonecast-1",
        "peterson-riggs-2010",
        "joerg-2022",
        "choi-2025",
        "rank-window",
    ]


def test_name_is_found_in_any_case():
    assert load_model(" Peterson-Riggs-2010 ") is load_model("peterson-riggs-2010")


def test_unknown_model_is_refused_with_the_nearest_names():
    with pytest.raises(
        UnknownName, match=r"no model called 'peterson-rigs'; did you mean peterson-riggs-2010\."
    ) as e:
        load_model("peterson-rigs")
    assert e.value.nearest == ["peterson-riggs-2010"]


def test_drugs_know_their_carriers():
    assert set(models_supporting("denosumab")) == set(MODELS)
    assert "peterson-riggs-2010" in models_supporting("teriparatide")
    assert "peterson-riggs-2010" not in models_supporting("alendronate")
    assert models_supporting("aspirin") == ()


def test_plan_with_a_drug_that_is_not_carried_names_models_that_carry_it():
    model = load_model("peterson-riggs-2010")
    model.require(("denosumab", "placebo"), {})
    with pytest.raises(
        UnsupportedDrug, match="does not support alendronate; models that support it: joerg-2022"
    ):
        model.require(("denosumab", "alendronate"), {"alendronate": ("joerg-2022",)})
    with pytest.raises(UnsupportedDrug, match="no model in the library supports it yet"):
        model.require(("aspirin",), {})


def test_unknown_output_and_parameter_are_refused_with_the_nearest_names():
    model = load_model("peterson-riggs-2010")
    with pytest.raises(UnknownName, match="CTX_pct_of_baseline"):
        model.output("CTX_pct_of_basline")
    with pytest.raises(UnknownName, match="koutL"):
        model.parameter_changes({"koutl_": 1.0})
    assert model.parameter_changes({"GFR": 30.0}) == {"GFR": 30.0}


def test_asking_for_the_names_loads_no_model():
    code = (
        "import sys, bonecast.models as m; m.model_names();"
        "print([n for n in sys.modules if n.startswith('bonecast.models.') and n[-4:].isdigit()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", MODELS)
def test_names_of_states_outputs_and_routes_agree_in_every_model(name):
    model = load_model(name)
    system = model.system
    p = system.named_parameters()
    start = system.initial(p)
    y = SimpleNamespace(**start)
    assert model.name == system.name == name
    assert tuple(start) == system.states
    assert set(system.rates(y, p)) == set(system.states)
    assert tuple(system.outputs(y, p, y)) == system.output_names == tuple(o.name for o in model.outputs)
    assert {route.state for route in system.routes.values()} <= set(system.states)
    assert all(route.amount(p) > 0 for route in system.routes.values())


@pytest.mark.parametrize("name", MODELS)
def test_every_state_has_a_size_for_the_tolerance(name):
    system = load_model(name).system
    start = system.initial(system.named_parameters())
    sizes = {state: system.scales.get(state, abs(value)) for state, value in start.items()}
    assert {state for state, size in sizes.items() if not size > 0} == set()
    assert set(system.scales) <= set(system.states)


@pytest.mark.parametrize("name", MODELS)
def test_covariates_name_parameters_and_states_that_exist(name):
    model = load_model(name)
    assert model.covariates or name in ("joerg-2022", "rank-window")
    for covariate in model.covariates.values():
        assert covariate.parameter in model.system.parameters
        assert not covariate.state or covariate.state in model.system.states
        assert not covariate.slope or covariate.slope in model.system.parameters
        assert covariate.unit


@pytest.mark.parametrize("name", MODELS)
def test_spread_varies_parameters_that_exist(name):
    model = load_model(name)
    assert model.variability.factors
    for factor in model.variability.factors:
        assert set(factor.parameters) <= set(model.system.parameters)
        assert 0 < factor.sd < 3


@pytest.mark.parametrize("name", MODELS)
def test_limits_are_sentences_and_equation_files_exist(name):
    model = load_model(name)
    assert model.limits
    assert all(limit[0].isupper() and limit.endswith(".") for limit in model.limits)
    files = {path.stem for path in model.system.sources}
    assert {module.rsplit(".", 1)[1] for module in model.equations} <= files
    assert all(path.exists() for path in model.system.sources)
