"""What must hold in choi-2025 whatever the numbers: rest, balances, bounds of the effect."""

from types import SimpleNamespace

import pytest

from bonecast.models.choi_2025 import MODEL
from bonecast.models.choi_2025.binding import binding
from bonecast.models.choi_2025.body_size import disposition
from bonecast.models.choi_2025.spine_density import loss_inhibition

SYSTEM = MODEL.system
P = SYSTEM.named_parameters()


def state(**changes):
    return SimpleNamespace(**{**SYSTEM.initial(P), **changes})


def test_nothing_moves_before_the_first_dose():
    rates = SYSTEM.rates(state(), P)
    assert list(rates) == list(SYSTEM.states)
    assert all(abs(rate) < 1e-18 for rate in rates.values())


@pytest.mark.parametrize("weight", [45.0, 64.0, 120.0])
@pytest.mark.parametrize("Ac", [1e-9, 1.0, 60.0, 5000.0])
def test_free_drug_is_the_positive_root_of_the_binding_equation(Ac, weight):
    Vc = disposition(SYSTEM.named_parameters({"weight": weight})).Vc
    b = binding(state(Ac=Ac), P, Vc)
    assert b.Ct == Ac / Vc
    assert 0 < b.C < b.Ct
    assert 0 < b.RC < P.R0
    bound_and_free = b.C + b.RC
    assert bound_and_free == pytest.approx(b.Ct, rel=1e-9)  # what is not free is bound


def test_traces_of_drug_keep_their_free_share():
    b = binding(state(Ac=1e-18), P, 1.58)
    assert b.C / b.Ct == pytest.approx(P.Kss / (P.Kss + P.R0), rel=1e-9)


def test_drug_leaves_only_by_clearance_and_with_its_target():
    y = state(A=100.0, Ac=50.0, P=80.0, Rtot=4.0)
    rates = SYSTEM.rates(y, P)
    b = binding(y, P, P.Vc)
    lost = P.CL * b.C + P.kint * b.RC * P.Vc
    assert rates["A"] + rates["Ac"] + rates["P"] == pytest.approx(-lost, rel=1e-12)
    assert lost > 0


def test_target_is_made_at_a_constant_rate_and_lost_free_and_bound():
    y = state(Ac=50.0, Rtot=4.0)
    b = binding(y, P, P.Vc)
    lost = P.ksyn / P.R0 * (y.Rtot - b.RC) + P.kint * b.RC
    assert SYSTEM.rates(y, P)["Rtot"] == pytest.approx(0.01 - lost, rel=1e-12)
    assert SYSTEM.rates(state(Ac=50.0), P)["Rtot"] < 0  # drug carries its target away


def test_weight_and_race_scale_clearance_and_volumes():
    heavy = disposition(SYSTEM.named_parameters({"weight": 128.0, "CL_race": 0.0074 / 0.006}))
    assert list(heavy) == pytest.approx([0.0074 * 2**0.93, 1.58 * 2**1.5, 6.06 * 2**0.52])


def test_without_drug_no_bone_loss_is_stopped():
    assert loss_inhibition(P, 0.0) == 0.0
    assert loss_inhibition(P, -1e-12) == 0.0


def test_half_of_the_stoppable_loss_is_stopped_at_the_half_point():
    assert loss_inhibition(P, P.IC50) == pytest.approx(0.148 / 2, abs=5e-5)


def test_more_drug_stops_more_loss_up_to_its_bound():
    stopped = [loss_inhibition(P, C) for C in (1e-14, 1e-6, 1e-2, 1.0, 40.0, 1e4)]
    assert stopped == sorted(stopped)
    assert len(set(stopped)) == len(stopped)
    assert stopped[-1] < 0.14805


def test_spine_density_settles_below_its_bound():
    # at full inhibition BMD tends to BMD0 / (1 - Imax), 17 % above baseline, and falls from there
    bound = P.BMD0 / (1 - 0.148047)
    assert SYSTEM.rates(state(Ac=60.0), P)["BMD"] > 0
    assert SYSTEM.rates(state(Ac=60.0, BMD=bound), P)["BMD"] < 0


def test_serum_level_is_the_total_in_nanograms():
    y = state(Ac=1.58)
    out = SYSTEM.outputs(y, P, y)
    assert out["denosumab_ng_mL"] == pytest.approx(147.0)
    assert out["denosumab_free_ng_mL"] < out["denosumab_ng_mL"]
    assert out["LS_BMD_pct_change"] == 0.0
    assert SYSTEM.outputs(state(BMD=0.88), P, state(BMD=0.80))["LS_BMD_pct_change"] == pytest.approx(10.0)
    assert out["RANKL_total_nmol_L"] == 15.23
