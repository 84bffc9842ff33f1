"""What must hold in joerg-2022 whatever the numbers: rest, balances, signs of the drugs, limits."""

import math
from types import SimpleNamespace

import pytest

from bonecast.models.joerg_2022 import MODEL
from bonecast.models.joerg_2022.ageing import oestradiol
from bonecast.models.joerg_2022.drug_actions import actions
from bonecast.models.joerg_2022.kpd import Levels

SYSTEM = MODEL.system
NO_DRUG = Levels(0.0, 0.0, 0.0, 0.0)


def newborn(**changes):
    p = SYSTEM.named_parameters(changes)
    return SimpleNamespace(**SYSTEM.initial(p)), p


def with_states(y, **changes):
    return SimpleNamespace(**{**vars(y), **changes})


@pytest.mark.parametrize(
    "changes", [{}, {"eta_C": 0.02}, {"nu_C": 0.5, "e_s": 3.0}, {"eta_Cp": 5e-4, "mu_C": 1.9}]
)
def test_birth_is_a_steady_state_of_everything_but_age_and_bone_density(changes):
    y, p = newborn(**changes)
    rates = SYSTEM.rates(y, p)
    assert rates["age"] == pytest.approx(1 / 365.25)
    for state in set(SYSTEM.states) - {"age", "rb"}:
        assert abs(rates[state]) <= 1e-12 * max(1.0, abs(getattr(y, state))), state


def test_birth_has_the_closed_form_values_of_the_printed_table():
    y, _ = newborn(eta_C=0.02)
    found = [y.B, y.Y, y.s, y.Cp, y.Bp, y.C, y.cb]
    assert found == pytest.approx([107.481, 609.708, 11043.78, 1730.33, 214.854, 49.997, 0.80], rel=1e-5)


@pytest.mark.parametrize(
    ("eta_C", "formation", "resorption"),
    [(0.0180, 7.19, 7.75), (0.0200, 6.61, 6.98), (0.0225, 6.02, 6.20), (0.0250, 5.55, 5.58)],
)
def test_turnover_before_menopause_follows_the_loss_of_osteoclasts(eta_C, formation, resorption):
    y, p = newborn(eta_C=eta_C)
    per_year = 100 * 365.25
    assert p.lambda_C * y.C * per_year == pytest.approx(resorption, abs=0.005)
    balance = SYSTEM.rates(y, p)["rb"] * per_year
    assert balance + p.lambda_C * y.C * per_year == pytest.approx(formation, abs=0.005)


@pytest.mark.parametrize(("age", "level"), [(0, 1.0), (50, 1.0), (52.6, 0.5), (65, 1 / (1 + 15 / 2.6))])
def test_oestradiol_falls_as_a_hyperbola_after_menopause(age, level):
    _, p = newborn()
    assert oestradiol(SimpleNamespace(age=age), p) == pytest.approx(level)


def test_menopause_raises_resorption_more_than_formation():
    y, p = newborn()
    after = SYSTEM.rates(with_states(y, age=65.0), p)
    assert after["C"] > 0
    assert after["Cp"] < 0
    assert after["s"] > 0


def test_cells_change_kind_without_loss():
    y, p = newborn()
    y = with_states(y, Cp=2000.0, C=30.0, B=90.0, Y=500.0, age=60.0)
    rates = SYSTEM.rates(y, p)
    osteoclasts_lost = p.eta_C * y.C
    assert rates["Cp"] + rates["C"] == pytest.approx(p.mu_C - osteoclasts_lost, abs=1e-4)  # nu_C is tiny
    assert rates["Bp"] + rates["B"] + rates["Y"] == pytest.approx(p.mu_B - p.eta_B * y.B - p.eta_Y * y.Y)


def test_antibody_moves_sclerostin_between_free_and_bound_without_loss():
    y, p = newborn()
    bare = SYSTEM.rates(with_states(y, sb=4000.0), p)
    caught = SYSTEM.rates(with_states(y, sb=4000.0, psi_romosozumab=2.0), p)
    assert caught["s"] < bare["s"]
    for rates in (bare, caught):  # at rest, production is what clears the free sclerostin of birth
        assert rates["s"] + rates["sb"] == pytest.approx(-p.kappa_s * 4000.0, abs=1e-9)


def test_the_two_sclerostin_antibodies_add():
    y, p = newborn()
    one = SYSTEM.rates(with_states(y, psi_romosozumab=2.0), p)
    two = SYSTEM.rates(with_states(y, psi_romosozumab=1.5, psi_blosozumab=0.5), p)
    assert one["s"] == pytest.approx(two["s"])
    assert one["s"] < 0


@pytest.mark.parametrize("drug", ["denosumab", "romosozumab", "blosozumab", "alendronate", "teriparatide"])
def test_a_drug_level_halves_in_its_half_life(drug):
    y, p = newborn()
    rate = SYSTEM.rates(with_states(y, **{f"psi_{drug}": 8.0}), p)[f"psi_{drug}"]
    assert rate == pytest.approx(-8.0 * math.log(2) / getattr(p, f"T_{drug}"))


def test_each_drug_class_acts_in_its_direction_and_by_half_at_psi_one():
    _, p = newborn()
    rank = actions(p, NO_DRUG._replace(RANKL_antibody=1.0))
    assert rank.omega_Cp == pytest.approx((1 - 0.87 / 2) * 0.93)
    assert rank.c0 == pytest.approx(0.81)
    assert actions(p, NO_DRUG._replace(bisphosphonate=1.0)).eta_C == pytest.approx(0.0225 + 0.5)
    pth = actions(p, NO_DRUG._replace(PTH_analogue=1.0))
    assert pth.eta_B == pytest.approx((1 - 1.31 / 2) * 8.68e-3)
    assert pth.omega_Cp == pytest.approx((1 + 4.28 / 2) * 0.93)
    assert actions(p, NO_DRUG._replace(sclerostin_antibody=1.0)).capture == pytest.approx(0.05)


def test_without_drug_every_rate_is_the_persons_own():
    _, p = newborn()
    assert actions(p, NO_DRUG) == (p.omega_Cp, p.eta_C, p.eta_B, p.c0, 0.0)


@pytest.mark.parametrize("level", [3.3, 30.0, 1e6])
def test_a_huge_dose_of_teriparatide_cannot_make_osteoblast_loss_negative(level):
    _, p = newborn()
    assert actions(p, NO_DRUG._replace(PTH_analogue=level)).eta_B == 0.0
    assert actions(p, NO_DRUG._replace(PTH_analogue=3.2)).eta_B > 0.0


def test_the_denosumab_effect_escapes_once_the_pool_has_grown():
    # at a constant level the larger pool gives the same flux of osteoclasts as before
    y, p = newborn()
    grown = with_states(y, psi_denosumab=1e9, Cp=y.Cp / (1 - p.beta_Cp_rAb))
    rates = SYSTEM.rates(grown, p)
    assert rates["Cp"] == pytest.approx(0.0, abs=1e-6)
    assert rates["C"] == pytest.approx(0.0, abs=1e-6)
    assert SYSTEM.rates(with_states(y, psi_denosumab=1e9), p)["Cp"] > 0.8


def test_outputs_at_time_zero_are_the_baseline():
    y, p = newborn()
    out = SYSTEM.outputs(y, p, y)
    assert out["TH_BMD_pct_change"] == 0.0
    percent = [n for n in out if n.endswith("_pct_of_baseline")]
    assert len(percent) == 7
    assert [out[n] for n in percent] == pytest.approx([100.0] * 7)


def test_cells_and_sclerostin_are_shown_relative_to_time_zero():
    start, p = newborn()
    out = SYSTEM.outputs(
        with_states(start, Cp=3 * start.Cp, C=0.5 * start.C, B=2 * start.B, s=0.1 * start.s), p, start
    )
    shown = ("preosteoclasts", "osteoclasts", "osteoblasts", "sclerostin_free")
    assert [out[f"{n}_pct_of_baseline"] for n in shown] == pytest.approx([300.0, 50.0, 200.0, 10.0])


def test_bmd_is_density_times_mineral_relative_to_time_zero():
    birth, p = newborn()
    start, later = with_states(birth, rb=0.9), with_states(birth, rb=0.99, cb=0.82)
    out = SYSTEM.outputs(later, p, start)
    assert out["TH_BMD_pct_change"] == pytest.approx(100 * (0.99 * 0.82 / (0.9 * 0.80) - 1))


def test_markers_are_powers_of_resorption_and_formation():
    start, p = newborn()
    out = SYSTEM.outputs(with_states(start, C=start.C / 2, B=start.B * 2), p, start)
    call = (1 + p.nu_Om * start.C / 2 / (p.r_Om + start.C / 2)) / (1 + p.nu_Om * start.C / (p.r_Om + start.C))
    assert out["CTX_pct_of_baseline"] == pytest.approx(100 * 0.5**1.16)
    assert out["P1NP_pct_of_baseline"] == pytest.approx(100 * (2 * call) ** 1.45)
    assert out["BSAP_pct_of_baseline"] == pytest.approx(100 * (2 * call) ** 0.92)


def test_faster_turnover_scales_the_change_of_bone_and_leaves_relative_markers():
    y, p = newborn()
    quick_y, quick_p = newborn(lambda_C=2 * p.lambda_C, lambda_B=2 * p.lambda_B)
    assert SYSTEM.rates(quick_y, quick_p)["rb"] == pytest.approx(2 * SYSTEM.rates(y, p)["rb"])
    later, quick_later = with_states(y, C=20.0), with_states(quick_y, C=20.0)
    ctx = SYSTEM.outputs(later, p, y)["CTX_pct_of_baseline"]
    assert SYSTEM.outputs(quick_later, quick_p, quick_y)["CTX_pct_of_baseline"] == pytest.approx(ctx)
    assert ctx < 50
