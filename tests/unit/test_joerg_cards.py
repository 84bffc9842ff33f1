"""Every card of joerg-2022, pinned: eLife 2022;11:e76228, appendix 3, table 4."""

import math

from bonecast.models.joerg_2022 import MODEL

CARDS = {
    "age": (65.0, "y", "assumption"),
    "mu_C": (1.0, "1/d", "published"),
    "mu_B": (1.0, "1/d", "published"),
    "eta_Cp": (0.0, "1/d", "published"),
    "omega_Cp": (0.93, "1/d", "published"),
    "e_Cp": (0.94, "1", "published"),
    "s_Cp": (8600000.0, "1", "published"),
    "eta_C": (0.0225, "1/d", "derived"),
    "e_C": (0.99, "1", "published"),
    "r_C": (10.1, "1", "published"),
    "nu_C": (0.000123, "1", "published"),
    "omega_Bp": (0.32, "1/d", "published"),
    "s_Bp": (163.0, "1", "published"),
    "eta_B": (0.00868, "1/d", "published"),
    "omega_B": (0.000624, "1/d", "published"),
    "eta_Y": (0.00011, "1/d", "published"),
    "kappa_s": (0.05, "1/d", "published"),
    "e_s": (9.6, "1", "published"),
    "lambda_C": (3.82e-06, "1/d", "published"),
    "lambda_B": (1.29e-06, "1/d", "published"),
    "s_Om": (3040.0, "1", "published"),
    "r_Om": (1020.0, "1", "published"),
    "nu_Om": (108.0, "1", "published"),
    "gamma": (0.00665, "1/d", "published"),
    "c0": (0.8, "1", "published"),
    "t_e": (50.0, "y", "published"),
    "tau_e": (2.6, "y", "published"),
    "q_CTX": (1.16, "1", "published"),
    "q_P1NP": (1.45, "1", "published"),
    "q_BSAP": (0.92, "1", "published"),
    "E_blosozumab": (0.01, "1/mg", "published"),
    "T_blosozumab": (7.0, "d", "published"),
    "E_romosozumab": (0.01, "1/mg", "published"),
    "T_romosozumab": (7.0, "d", "published"),
    "delta_s": (0.05, "1/d", "published"),
    "E_denosumab": (4340.0, "1/mg", "published"),
    "T_denosumab": (10.0, "d", "published"),
    "beta_Cp_rAb": (0.87, "1", "published"),
    "beta_b_rAb": (0.02, "1", "published"),
    "E_alendronate": (2.97e-05, "1/mg", "published"),
    "T_alendronate": (153.0, "d", "published"),
    "eta_C_bp": (1.0, "1/d", "published"),
    "E_teriparatide": (0.27, "1/ug", "published"),
    "T_teriparatide": (0.04, "d", "published"),
    "beta_B_pth": (1.31, "1", "published"),
    "beta_Cp_pth": (4.28, "1", "published"),
}


def test_every_card_has_its_printed_value_unit_and_mark():
    assert {c.name: (c.value, c.unit, c.mark) for c in MODEL.parameter_set.parameters.values()} == CARDS


def test_every_printed_card_cites_the_paper():
    printed = [c for c in MODEL.parameter_set.parameters.values() if c.mark == "published"]
    assert len(printed) == len(CARDS) - 2
    assert {MODEL.parameter_set.sources[c.source].doi for c in printed} == {"10.7554/eLife.76228"}


def test_the_loss_of_osteoclasts_says_that_it_is_not_the_printed_value():
    card = MODEL.parameter_set.parameters["eta_C"]
    assert "0.02," in card.is_not
    assert card.range == (0.0185, 0.025)


def test_effect_sizes_without_a_printed_unit_say_that_the_unit_is_a_reading():
    sizes = [
        c
        for c in MODEL.parameter_set.parameters.values()
        if c.name.startswith("E_") and c.name != "E_denosumab"
    ]
    assert len(sizes) == 4
    assert all("printed without one" in c.is_not for c in sizes)
    assert "printed without one" in MODEL.parameter_set.parameters["E_denosumab"].is_not


def test_outputs_of_the_model_are_those_of_its_equations():
    assert MODEL.system.output_names == tuple(output.name for output in MODEL.outputs)
    assert {"TH_BMD_pct_change", "CTX_pct_of_baseline"} <= set(MODEL.system.output_names)


def test_the_five_drugs_enter_in_the_units_of_their_cards():
    routes = MODEL.system.routes
    assert {drug: (route.unit, route.given) for drug, route in routes.items()} == {
        "denosumab": ("mg", "bolus"),
        "romosozumab": ("mg", "bolus"),
        "blosozumab": ("mg", "bolus"),
        "alendronate": ("mg", "spread"),
        "teriparatide": ("ug", "spread"),
    }
    p = MODEL.system.named_parameters()
    assert 60 * routes["denosumab"].amount(p) == 60 * 4.34e3


def test_states_that_start_at_zero_have_a_scale():
    start = MODEL.system.initial(MODEL.system.named_parameters())
    assert {name for name, value in start.items() if value == 0} == set(MODEL.system.scales)
    assert tuple(start) == MODEL.system.states


def test_age_moves_the_run_in_from_birth():
    system = MODEL.system
    assert system.run_in is not None
    assert math.isclose(system.run_in(system.named_parameters({"age": 70})), 70 * 365.25)
    assert MODEL.covariates["age"].parameter == "age"


def test_the_patent_application_is_among_the_limits():
    assert any("WO 2021/231374 A1" in limit for limit in MODEL.limits)


def test_spread_is_pinned_and_moves_parameters_that_the_model_has():
    found = {f.name: (f.parameters, f.sd, f.truncate, f.mark) for f in MODEL.variability.factors}
    assert found == {
        "turnover": (("lambda_C", "lambda_B"), 0.35, 2.0, "assumption"),
        "balance": (("lambda_B",), 0.01, 2.0, "assumption"),
        "mineral": (("beta_b_rAb",), 0.75, 2.5, "derived"),
        "E_denosumab": (("E_denosumab",), 0.3, None, "assumption"),
    }
    assert {name for parameters, *_ in found.values() for name in parameters} <= set(CARDS)


def test_nobody_in_the_spread_can_mineralise_beyond_the_whole():
    mineral = next(f for f in MODEL.variability.factors if f.name == "mineral")
    most = CARDS["beta_b_rAb"][0] * math.exp(mineral.sd * (mineral.truncate or math.inf))
    assert CARDS["c0"][0] + most < 1
