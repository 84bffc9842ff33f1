"""Every card of choi-2025, pinned: Front Pharmacol 2025;16:1631034, final model."""

import math

import pytest

from bonecast.models.choi_2025 import MODEL
from bonecast.models.parameters import read_parameters
from bonecast.models.variability import read_variability

CARDS = {
    "weight": (64.0, "kg", "transcribed"),
    "weight_ref": (64.0, "kg", "transcribed"),
    "MW": (147.0, "kg/mol", "published"),
    "ka": (0.0078, "1/h", "transcribed"),
    "Vc": (1.58, "L", "transcribed"),
    "Vc_weight": (1.5, "1", "transcribed"),
    "Vp": (6.06, "L", "transcribed"),
    "Vp_weight": (0.52, "1", "transcribed"),
    "Q": (0.2, "L/h", "transcribed"),
    "CL": (0.006, "L/h", "transcribed"),
    "CL_weight": (0.93, "1", "transcribed"),
    "CL_race": (1.0, "1", "transcribed"),
    "R0": (15.23, "nmol/L", "transcribed"),
    "ksyn": (0.01, "nmol/L/h", "transcribed"),
    "kint": (0.022, "1/h", "transcribed"),
    "Kss": (1.56, "nmol/L", "transcribed"),
    "BMD0": (0.76, "g/cm2", "transcribed"),
    "kout": (0.00018, "1/h", "transcribed"),
    "logit_Imax": (-1.75, "1", "transcribed"),
    "IC50": (6.92, "nmol/L", "transcribed"),
    "hill": (0.17, "1", "transcribed"),
}
CV_PERCENT = {
    "ka": 56.57,
    "Vc": 61.69,
    "Vp": 15.55,
    "Q": 295.99,
    "CL": 26.39,
    "R0": 158.3,
    "ksyn": 22.46,
    "kint": 7.88,
    "Kss": 58.12,
    "IC50": 9.52,
}


def test_every_card_has_its_value_unit_and_mark():
    assert {c.name: (c.value, c.unit, c.mark) for c in MODEL.parameter_set.parameters.values()} == CARDS


def test_every_transcribed_card_cites_the_paper():
    transcribed = [c for c in MODEL.parameter_set.parameters.values() if c.mark == "transcribed"]
    assert len(transcribed) == len(CARDS) - 1
    assert {MODEL.parameter_set.sources[c.source].doi for c in transcribed} == {"10.3389/fphar.2025.1631034"}


def test_healthy_men_are_an_alternative_set():
    men = MODEL.parameter_set.alternatives["healthy-men"]
    assert men.values == {"ka": 0.014, "Q": 1.13, "R0": 0.98}
    assert "men" in men.population


def test_spread_is_the_printed_coefficient_of_variation():
    sd = {factor.name: factor.sd for factor in MODEL.variability.factors}
    assert set(sd) == set(CV_PERCENT)
    for name, cv in CV_PERCENT.items():
        assert sd[name] == pytest.approx(math.sqrt(math.log(1 + (cv / 100) ** 2)), abs=5e-5), name
    assert MODEL.variability.correlations == {("CL", "Vp"): 0.43}


def test_only_the_flow_to_tissue_is_truncated():
    assert {f.name: f.truncate for f in MODEL.variability.factors if f.truncate} == {"Q": 2.0}


def test_residual_error_is_in_the_unit_of_the_output():
    residual = MODEL.variability.residuals["denosumab_ng_mL"]
    assert residual.additive == pytest.approx(0.72 * 147)
    assert residual.proportional == 0.07
    assert MODEL.variability.residuals["LS_BMD_g_cm2"].additive == 0.02
    assert set(MODEL.variability.residuals) <= set(MODEL.system.output_names)


def test_outputs_of_the_model_are_those_of_its_equations():
    assert MODEL.system.output_names == tuple(output.name for output in MODEL.outputs)
    assert {"denosumab_ng_mL", "LS_BMD_pct_change"} <= set(MODEL.system.output_names)


def test_sixty_milligrams_are_408_nanomoles():
    route = MODEL.system.routes["denosumab"]
    assert (route.unit, route.given) == ("mg", "bolus")
    assert 60 * route.amount(MODEL.system.named_parameters()) == pytest.approx(408.2, abs=0.05)


def test_states_that_start_at_zero_have_a_scale():
    start = MODEL.system.initial(MODEL.system.named_parameters())
    assert {name for name, value in start.items() if value == 0} == set(MODEL.system.scales)
    assert tuple(start) == MODEL.system.states


ORIGIN = 'source = "a"\nmark = "published"\n'
HEAD = '[source.a]\ntext = "a"\n'


def test_an_alternative_of_an_unknown_parameter_is_refused(tmp_path):
    card = f'[parameter.k]\nmeaning = "m"\nvalue = 1\nunit = "1"\n{ORIGIN}population = "w"\n'
    alternative = f'[alternative.b]\n{ORIGIN}population = "m"\nvalues = {{ k2 = 1.0 }}\n'
    path = tmp_path / "parameters.toml"
    path.write_text(HEAD + card + alternative, encoding="utf-8")
    with pytest.raises(ValueError, match="alternative b"):
        read_parameters(path)


def test_a_residual_error_without_a_known_source_is_refused(tmp_path):
    factor = f'[factor.k]\nparameters = ["k"]\nsd = 0.1\n{ORIGIN}note = ""\n'
    residual = f'[residual.x]\nadditive = 1.0\nproportional = 0.0\n{ORIGIN}note = ""\n'.replace('"a"', '"z"')
    path = tmp_path / "variability.toml"
    path.write_text(HEAD + factor + residual, encoding="utf-8")
    with pytest.raises(ValueError, match="residual x"):
        read_variability(path)
