"""What physiology asks of the Peterson-Riggs equations, whatever their parameters: rest, signs, balances."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from bonecast.models import load_model
from bonecast.models.peterson_riggs_2010 import denosumab, gut, kidney, rankl, signals, survival

SYSTEM = load_model("peterson-riggs-2010").system
DEFAULTS = SYSTEM.parameters

# Departures of the published initial values from rest, mmol/h; all other states rest to 1e-5 of their size.
NOT_AT_REST = {"PCa": 3.5e-4, "ECPhos": -1.4e-3, "IntraPO": 1.4e-3}


def rates_at(parameters=None, **changes):
    """Rates at the initial state of the parameters, with some states set otherwise."""
    p = SYSTEM.named_parameters(parameters)
    y = SimpleNamespace(**SYSTEM.initial(p))
    for name, value in changes.items():
        setattr(y, name, value)
    return y, p, SYSTEM.rates(y, p)


def somewhere(seed=1):
    """A state away from rest: every state moved by up to a third, drugs present."""
    rng = np.random.default_rng(seed)
    start = SYSTEM.initial(SYSTEM.named_parameters())
    moved = {name: value * float(rng.uniform(0.7, 1.3)) for name, value in start.items()}
    return {**moved, "PCa": 36.0, "SC": 1e6, "CENT": 5e6, "PER": 3e6, "TERI": 900.0, "UCa": 10.0}


def test_initial_state_is_at_rest_but_for_the_known_departures():
    y, _, rates = rates_at()
    assert set(NOT_AT_REST) < set(rates)
    for name, rate in rates.items():
        if name in NOT_AT_REST:
            assert rate == pytest.approx(NOT_AT_REST[name], rel=0.05), name
        elif name != "UCa":
            assert abs(rate) <= 1e-5 * max(abs(getattr(y, name)), 1e-12) + 2e-5 * (name == "PhosGut"), name


@pytest.mark.parametrize(
    "name",
    [
        "kb",
        "kdenosl",
        "kTGF0",
        "koutL",
        "L0",
        "RNK0",
        "O0",
        "ROB0",
        "OB0",
        "OC0",
        "Pic0",
        "PTH0",
        "k3",
        "Da_day",
    ],
)
def test_bone_stays_at_rest_when_a_baseline_or_turnover_differs(name):
    y, _, rates = rates_at({name: 1.3 * DEFAULTS[name]})
    for state in ("L", "RNK", "O", "M", "N", "OC", "TGFB", "TGFa", "ROB", "OBf", "OBs", "PTH", "RX2", "CREB"):
        assert abs(rates[state]) <= 1e-12 + 1e-9 * abs(getattr(y, state)), state


def test_receptor_and_ligand_are_bound_and_released_alike_at_baseline():
    y, p, _ = rates_at()
    assert p.k3 * y.RNK * y.L == pytest.approx(p.k4 * y.M, rel=1e-14)
    assert p.k1 * y.O * y.L == pytest.approx(p.k2 * y.N, rel=1e-14)


def test_binding_moves_rankl_and_loses_none():
    y, p, rates = rates_at(**somewhere())
    bone, plasma, plasma0 = signals.bone(y, p), signals.plasma(y, p), signals.plasma_baseline(p)
    RANKL_made = rankl.rankl_production(p, bone, plasma, plasma0)
    lost = p.koutL * y.L + p.kdenosl * denosumab.molar(y, p) * y.L
    RANK_made = rankl.rank_production(p, bone)
    assert rates["L"] + rates["M"] + rates["N"] == pytest.approx(RANKL_made - lost, rel=1e-9)
    assert rates["RNK"] + rates["M"] == pytest.approx(RANK_made - p.koutRNK * y.RNK, rel=1e-9)
    assert rates["O"] + rates["N"] == pytest.approx(
        rankl.opg_production(p, bone, plasma, plasma0) - p.kO * y.O, rel=1e-9
    )


def test_calcium_of_the_body_changes_by_what_is_eaten_and_what_is_lost_in_urine():
    y, p, rates = rates_at(**somewhere())
    body = sum(rates[name] for name in ("PCa", "Q", "Qbone", "T"))
    assert body == pytest.approx(gut.intake(y, p) - rates["UCa"], abs=1e-10)
    assert rates["UCa"] > 0


def test_phosphate_of_the_body_changes_by_diet_urine_and_bone():
    y, p, rates = rates_at(**somewhere())
    urine = kidney.phosphate_excretion(y, p, signals.plasma(y, p))
    to_bone = -p.CaPhos * (rates["Q"] + rates["Qbone"])
    body = sum(rates[name] for name in ("ECPhos", "PhosGut", "IntraPO"))
    assert body == pytest.approx(p.PhosGut_f * p.OralPhos / 24 + to_bone - urine, abs=1e-9)


def test_denosumab_is_lost_only_by_its_two_ways_out():
    y, p, rates = rates_at(**somewhere())
    C = y.CENT / p.Vc
    assert sum(rates[name] for name in ("SC", "CENT", "PER")) == pytest.approx(
        -(p.CL * C + p.Vmax * C / (p.Km + C)), rel=1e-9
    )


def test_teriparatide_that_leaves_the_depot_enters_plasma():
    _, _, with_drug = rates_at(TERI=1000.0)
    _, _, without = rates_at()
    assert with_drug["PTH"] - without["PTH"] == pytest.approx(-with_drug["TERI"], rel=1e-12)
    assert with_drug["TERI"] == pytest.approx(-1000 * 62.2 / 94.4)


# What is moved, and the sign of the rate that must answer.
SIGNS = [
    ({"CENT": 1e7}, "L", -1),  # denosumab takes RANKL
    ({"M": 1e-4}, "OC", -1),  # less complex: fewer osteoclasts made, more lost
    ({"M": 3e-4}, "OC", +1),
    ({"OC": 5e-4}, "PCa", -1),  # less resorption: calcium falls
    ({"OC": 5e-4}, "TGFa", -1),  # and less TGF-beta is set free
    ({"PCa": 30.0}, "PTH", +1),  # low calcium calls for PTH
    ({"PCa": 36.0}, "PTH", -1),
    ({"PTH": 108.0}, "AOH", +1),  # PTH calls for calcitriol
    ({"PTH": 108.0}, "PCa", +1),  # and keeps calcium back in the kidney
    ({"PTH": 108.0}, "L", +1),  # and has osteoblasts make RANKL
    ({"PTH": 108.0}, "O", -1),  # and less OPG
    ({"ECPhos": 25.0}, "AOH", -1),  # phosphate holds calcitriol down
    ({"B": 2500.0}, "S", -1),  # calcitriol quiets the PTH gland
    ({"B": 2500.0}, "R", +1),  # and builds absorption
    ({"BCL2": 120.0}, "OBf", +1),  # survival: more osteoblasts stay
    ({"OBf": 8e-3}, "LSden", +1),  # osteoblasts add density
    ({"OC": 5e-4}, "FN", +1),  # fewer osteoclasts: density grows
    ({"EST": 0.2}, "ROB", +1),  # low oestrogen: turnover rises
]


@pytest.mark.parametrize(("moved", "state", "sign"), SIGNS)
def test_signal_has_its_sign(moved, state, sign):
    _, _, rest = rates_at()
    _, _, rates = rates_at(**moved)
    assert sign * (rates[state] - rest[state]) > 0


def test_less_oestrogen_lets_more_calcium_into_urine():
    assert rates_at(EST=0.2)[2]["UCa"] > rates_at()[2]["UCa"]


def test_oestrogen_tends_to_its_target_and_rests_at_one_by_default():
    assert rates_at()[2]["EST"] == 0
    assert rates_at({"EST_target": 0.3})[2]["EST"] == pytest.approx(0.05776 * (0.3 - 1))


def test_runx2_jumps_at_bcl2_105_and_nowhere_else():
    def held_off(BCL2):
        y, p, _ = rates_at(BCL2=BCL2)
        return survival.loss_held_off(y, p) / p.kb

    assert held_off(60.0) == held_off(100.0) == held_off(105.0) == pytest.approx(0.01)
    assert held_off(105.0001) > 4 * held_off(105.0)
    assert held_off(115.0) > held_off(105.0001)


def test_phosphate_effect_on_calcitriol_is_a_kink_at_baseline_not_a_jump():
    at = rates_at()[2]["AOH"]
    below, above = rates_at(ECPhos=16.8 * 0.98)[2]["AOH"], rates_at(ECPhos=16.8 * 1.001)[2]["AOH"]
    assert below == pytest.approx(at, abs=1e-12)
    assert at - 0.05 < above < at


def test_kidney_uses_the_current_filtration_and_not_the_one_at_the_start():
    _, _, later = rates_at(GFR=30.0)
    _, _, from_start = rates_at({"GFR": 30.0})
    assert later == pytest.approx(from_start)
    assert later["ECPhos"] > rates_at()[2]["ECPhos"]  # phosphate is kept


def test_filtration_declines_by_its_slope():
    assert rates_at({"GFR_slope": -1e-4})[2]["GFR"] == -1e-4
    y, p, _ = rates_at()
    assert kidney.filtration(y, p) == pytest.approx(5.99988, abs=1e-5)


def test_urine_flows_never_turn_back():
    y, p, rates = rates_at(PCa=20.0, PTH=500.0, ECPhos=10.0)
    assert rates["UCa"] == 0
    assert kidney.phosphate_excretion(y, p, signals.plasma(y, p)) == 0


def test_per_cents_refer_to_the_first_day():
    p = SYSTEM.named_parameters()
    y = SimpleNamespace(**SYSTEM.initial(p))
    start = SimpleNamespace(**{**vars(y), "OC": y.OC * 2, "LSden": 80.0, "UCa": -5.0})
    out = SYSTEM.outputs(y, p, start)
    assert out["CTX_pct_of_baseline"] == pytest.approx(50)
    assert out["LS_BMD_pct_change"] == pytest.approx(25)
    assert out["urine_calcium_mmol"] == 5


def test_dose_of_each_drug_enters_in_the_units_of_its_state():
    p = SYSTEM.named_parameters()
    assert SYSTEM.routes["denosumab"].amount(p) == pytest.approx(729_000)  # ng absorbed for each mg
    assert 20 * SYSTEM.routes["teriparatide"].amount(p) == pytest.approx(4856.96, abs=0.01)  # pmol in 20 ug
