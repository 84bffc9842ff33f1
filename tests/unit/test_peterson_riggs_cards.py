"""Pins each parameter of the Peterson-Riggs model: a number changes here too, on purpose."""

from __future__ import annotations

import re
from math import log, sqrt

import pytest

from bonecast.models import load_model

MODEL = load_model("peterson-riggs-2010")

PINS = {
    "V1": (14, "L"),
    "PTH_pg": (9.4, "pg/pmol"),
    "GFR_factor": (16.667, "(mL/min)/(L/h)"),
    "MWden": (150000, "g/mol"),
    "MWteri": (4117.8, "g/mol"),
    "ka": (0.00592, "1/h"),
    "F": (0.729, "1"),
    "Vc": (2340, "mL"),
    "Vp": (1324, "mL"),
    "CL": (2.75, "mL/h"),
    "Qd": (18.67, "mL/h"),
    "Vmax": (3110, "ng/h"),
    "Km": (188, "ng/mL"),
    "kdenosl": (2e-06, "1/(pM h)"),
    "L0": (0.4, "model units"),
    "RNK0": (10, "model units"),
    "O0": (4, "model units"),
    "k1": (6.24e-06, "1/(model unit h)"),
    "k2": (0.112013, "1/h"),
    "k3": (6.24e-06, "1/(model unit h)"),
    "k4": (0.112013, "1/h"),
    "koutL": (0.00293273, "1/h"),
    "koutRNK": (0.00323667, "1/h"),
    "kO": (15.8885, "1/h"),
    "gRNK": (0.151825, "1"),
    "gL": (0.173833, "1"),
    "Lpth_E": (1.30721, "1"),
    "Pic0": (0.228142, "model units"),
    "TGFratio": (1000, "1"),
    "kTGF0": (2.98449e-05, "1/h"),
    "gTGF_OB": (0.0111319, "1"),
    "gTGF_B": (0.919131, "1"),
    "gTGF_OC": (0.593891, "1"),
    "ROB0": (0.00104122, "model units"),
    "PicROB_a": (0.883824, "Pic0"),
    "PicROB_E": (3.9745, "model units"),
    "PicROB_g": (1.80968, "1"),
    "PicOB_a": (0.000244818, "Pic0"),
    "PicOB_E": (0.251636, "model units"),
    "PicOB_g": (0.122313, "1"),
    "OB0": (0.00501324, "model units"),
    "kb": (0.000605516, "1/h"),
    "fFast": (0.797629, "1"),
    "Frackb": (0.313186, "1"),
    "PicOBkb_a": (3.11842, "Pic0"),
    "PicOBkb_b": (0.764028, "Pic0"),
    "PicOBkb_g": (2.92375, "1"),
    "OC0": (0.00115398, "model units"),
    "Da_day": (0.7, "1/(model unit day)"),
    "PicOC_a": (0.878215, "Pic0"),
    "PicOC_E": (1.9746, "model units"),
    "PicOC_g": (1.0168, "1"),
    "MeffOC_a": (0.388267, "1"),
    "MeffOC_E": (3.15667, "1"),
    "MeffOC_g": (8.53065, "1"),
    "LsurvOC_a": (3.80338, "1"),
    "LsurvOC_b": (0.469779, "1"),
    "LsurvOC_g": (3.09023, "1"),
    "RX2_0": (10, "model units"),
    "CREB0": (10, "model units"),
    "BCL2_0": (100, "model units"),
    "kRX2": (0.693, "1/h"),
    "RX2_a": (0.125, "1/h"),
    "RX2_E": (5, "1/h"),
    "kCREB": (0.00279513, "1/h"),
    "CREB_a": (0.5, "1"),
    "CREB_E": (3.39745, "1"),
    "BCL2_jump": (105, "model units"),
    "BCL2_offset": (90, "model units"),
    "RUNX_f0": (0.01, "kb"),
    "RUNX_E": (0.638114, "1.01 kb"),
    "RUNX_g": (3.81644, "1"),
    "tHAp": (3.60609, "h"),
    "PTH0": (53.9, "pmol"),
    "CLPTH": (100, "L/h"),
    "T63_a": (6249.09, "pmol/h"),
    "T63_b": (96.25, "pmol/h"),
    "T63_g": (11.7387, "1"),
    "TERI_upper": (62.2, "1/h"),
    "TERI_lower": (94.4, "1"),
    "S0": (0.5, "1"),
    "kS": (0.01, "1/h"),
    "S_swing": (0.85, "1"),
    "S_floor": (0.15, "1"),
    "S_slope": (0.03, "1/pM"),
    "S_g": (0.9, "1"),
    "PTmax0": (1, "1"),
    "kPTmax": (0.0001604, "1/h"),
    "Ceff_a": (4.1029, "1"),
    "Ceff_b": (0.9, "1"),
    "Ceff_g": (12.5033, "1"),
    "B0": (1260, "pmol"),
    "kB": (0.1, "1/h"),
    "AOH0": (126, "pmol/h"),
    "kAOH": (0.05, "1/h"),
    "T68_h": (1.54865, "pM"),
    "T68_g": (0.111241, "1"),
    "Phos_E": (0.52493, "1"),
    "Phos_h": (1.3021, "mM"),
    "Phos_g": (8.25229, "1"),
    "T0": (1.58471, "mmol"),
    "R0": (0.5, "1"),
    "OralCa": (24.055, "mmol/day"),
    "T85_max": (0.909359, "1"),
    "T85_h": (0.75, "1"),
    "T31_max": (0.9, "mmol/h"),
    "T31_0": (0.105929, "mmol/h"),
    "T_h": (0.75, "mmol"),
    "kT": (0.0495, "1/h"),
    "T36_min": (0.003, "1/h"),
    "T36_E": (0.034, "1/h"),
    "PCa0": (32.9, "mmol"),
    "Q0": (100, "mmol"),
    "Qbone0": (24900, "mmol"),
    "JCa_day": (88, "mmol/day"),
    "J14_OC": (0.107763, "1"),
    "J14_E": (0.543488, "1/h"),
    "J14_g": (1.6971, "1"),
    "J14_gM": (0.603754, "1"),
    "J15_HAp": (0.114376, "1"),
    "kQbone": (2.44437e-05, "1/h"),
    "GFR": (100, "mL/min"),
    "GFR_slope": (0, "(mL/min)/h"),
    "GFR_fCa": (0.3, "1"),
    "RM_minus": (0.149997, "mmol/h"),
    "Reabs_h": (1.57322, "mM"),
    "Reabs_E": (1.06147, "1"),
    "kPhos": (0.88, "1"),
    "Phos_threshold": (1.142, "mM"),
    "ECPhos0": (16.8, "mmol"),
    "PhosGut0": (0.839, "mmol"),
    "IntraPO0": (3226, "mmol"),
    "OralPhos": (10.5, "mmol/day"),
    "PhosGut_f": (0.7, "1"),
    "CaPhos": (0.464, "mol/mol"),
    "kPhosGut": (0.365, "1/h"),
    "CLPhosIn": (51.8, "L/h"),
    "kPhosOut": (0.019268, "1/h"),
    "EST_target": (1, "1"),
    "kEST": (0.05776, "1/h"),
    "gEST_TGFB": (0.0374, "1"),
    "gEST_rel": (0.045273, "1"),
    "gEST_ROB": (0.16, "1"),
    "gEST_kb": (1.16832e-05, "1"),
    "tmEST": (0.0847, "1"),
    "BMD0": (100, "% of baseline"),
    "gOB": (0.0793, "1"),
    "kLSden": (0.000145, "1/h"),
    "gOC_LSden": (0.0679, "1"),
    "kLS": (0.000397, "1/h"),
    "gOC_LS": (0.14, "1"),
    "kFN": (5.651e-06, "1/h"),
    "gOC_FN": (0.3101, "1"),
}


@pytest.mark.parametrize("name", PINS)
def test_card_has_its_published_value_and_unit(name):
    card = MODEL.parameter_set.parameters[name]
    assert (card.value, card.unit) == PINS[name]


def test_no_card_escapes_its_pin():
    assert set(MODEL.parameter_set.parameters) == set(PINS)


def test_values_read_in_the_published_file_say_that_they_were_transcribed():
    ours = {name for name, card in MODEL.parameter_set.parameters.items() if card.mark != "transcribed"}
    assert ours == {"GFR_slope", "EST_target"}
    assert {MODEL.parameter_set.parameters[name].source for name in ours} == {"bonecast"}


def test_every_card_is_used_by_an_equation_and_every_symbol_has_a_card():
    text = "".join(path.read_text(encoding="utf-8") for path in MODEL.system.sources)
    assert set(re.findall(r"\bp\.(\w+)", text)) == set(MODEL.parameter_set.parameters)


def test_spread_names_parameters_that_exist_once_each():
    varied = [name for factor in MODEL.variability.factors for name in factor.parameters]
    assert set(varied) <= set(MODEL.parameter_set.parameters)
    assert len(varied) == len(set(varied))


SPREAD = {
    "CL": 0.2639,
    "Vc": 0.6169,
    "Vp": 0.1555,
    "ka": 0.5657,
    "Vmax": 0.2246,
    "Km": 0.5812,
    "kb": 0.30,
    "kdenosl": 0.30,
    "kTGF0": 0.30,
}


@pytest.mark.parametrize("name", SPREAD)
def test_sd_of_a_factor_follows_from_its_coefficient_of_variation(name):
    factor = next(f for f in MODEL.variability.factors if f.name == name)
    assert factor.sd == pytest.approx(sqrt(log(1 + SPREAD[name] ** 2)), abs=1.5e-4)
