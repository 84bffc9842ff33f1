"""What must hold in rank-window whatever its parameters: the closed forms, signs, switches, and equality of arms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.engine import Bolus, simulate
from bonecast.models import load_model

MODEL = load_model("rank-window")
SYSTEM = MODEL.system
DOSES = [Bolus(0.0, "denosumab", 120.0), Bolus(7.0, "denosumab", 120.0)]
SUBTYPES = {name: found.values for name, found in MODEL.parameter_set.alternatives.items()}
DAYS = np.arange(0.0, 29.0)


def run(doses=DOSES, days=DAYS, **changes):
    """One person: {output: values[day]}."""
    made = simulate(SYSTEM, list(doses), days, changes, rtol=1e-8)
    assert not made.failed()
    return {name: made.output(name)[0] for name in made.outputs}


def test_the_level_after_one_dose_is_the_closed_form_of_two_exponentials():
    p = SYSTEM.named_parameters()
    ke = p.CL / p.V
    expected = 120 * p.F * p.ka / p.V / (p.ka - ke) * (np.exp(-ke * DAYS) - np.exp(-p.ka * DAYS))
    assert run(DOSES[:1])["denosumab_ng_mL"] == pytest.approx(1000 * expected, rel=1e-5, abs=1e-3)


def test_the_wound_follows_its_closed_form_in_ki67():
    seen = run(())
    p = SYSTEM.named_parameters()
    w = 1 - np.exp(-(DAYS + p.tb) / p.tw)
    logit = np.log(seen["Ki67_pct"] / (100 - seen["Ki67_pct"]))
    assert logit == pytest.approx(math.log(28 / 72) + p.bK * w, abs=1e-6)


def test_without_drug_and_biopsy_nothing_moves():
    seen = run((), bT=0.0, bK=0.0)
    for name in ("TIL_pct", "Ki67_pct", "caspase3_pct_of_biopsy", "brake_pct", "RANKL_free_pct"):
        assert np.ptp(seen[name]) < 1e-9, name
    assert seen["TIL_pct"][0] == pytest.approx(seen["TIL_biopsy_pct"][0])


@pytest.mark.parametrize("changes", [{"theta": 0.0}, {"explanation": 3.0}])
def test_without_an_effect_of_the_drug_both_arms_are_alike_in_the_tumour(changes):
    treated, control = run(DOSES, **changes), run((), **changes)
    for name in ("TIL_pct", "Ki67_pct", "caspase3_pct_of_biopsy"):
        assert treated[name] == pytest.approx(control[name], rel=1e-6)
    assert treated["RANKL_free_pct"][3] < 2 < control["RANKL_free_pct"][3]


def test_ki67_and_caspase_follow_the_drug_only_when_their_slopes_are_set():
    assert run()["Ki67_pct"] == pytest.approx(run(())["Ki67_pct"])
    assert run(betaK=-0.3)["Ki67_pct"][-1] < run(())["Ki67_pct"][-1] - 3
    assert run()["caspase3_pct_of_biopsy"] == pytest.approx(np.full(len(DAYS), 100.0))
    assert run(kappaX=0.2)["caspase3_pct_of_biopsy"][-1] > 110


def test_progesterone_and_menopause_act_only_when_their_slopes_are_set():
    a = SUBTYPES["luminal-A"]
    plain = run(**a)["TIL_pct"]
    assert run(**a, progesterone=1.0)["TIL_pct"] == pytest.approx(plain)
    assert run(**a, postmenopausal=1.0)["TIL_pct"] == pytest.approx(plain)
    assert run(**a, progesterone=1.0, gP=0.5)["TIL_pct"][-1] > plain[-1] + 0.5
    assert run(**a, postmenopausal=1.0, gM=0.5)["TIL_pct"][-1] < plain[-1] - 0.5
    # progesterone of the ovary ends with menopause
    assert run(**a, progesterone=1.0, gP=0.5, postmenopausal=1.0)["TIL_pct"] == pytest.approx(plain)


def test_the_ceiling_of_the_reading_belongs_to_the_second_explanation_alone():
    tn = SUBTYPES["triple-negative"]
    assert run(**tn, explanation=2.0)["TIL_pct"].max() == 25.0
    assert run(**tn, explanation=2.0, TIL_ceiling=100.0)["TIL_pct"].max() > 30
    assert run(**tn, explanation=1.0)["TIL_pct"].max() > 25.5
    shifts = {}
    for name, values in SUBTYPES.items():
        seen = run(**values, explanation=2.0, TIL_ceiling=100.0)["TIL_pct"]
        shifts[name] = math.log(seen[-1] / (100 - seen[-1])) - math.log(seen[0] / (100 - seen[0]))
    assert max(shifts.values()) - min(shifts.values()) < 1e-6  # the same effect in every subtype


@settings(max_examples=25, deadline=None)
@given(
    st.floats(0, 1.2), st.floats(0, 2), st.floats(0, 2), st.floats(0, 0.75), st.floats(0.05, 0.3), st.floats(-3, 3)
)  # fmt: skip
def test_shares_stay_shares_and_the_drug_never_lowers_lymphocytes(theta, ligand, receptor, bT, kM, eta_L):
    changes = {"theta": theta, "ligand": ligand, "receptor": receptor, "bT": bT, "kM": kM, "eta_L": eta_L}
    treated, control = run(DOSES, **changes), run((), **changes)
    for name in ("TIL_pct", "Ki67_pct", "brake_pct", "RANKL_free_pct", "tumour_RANKL_signal_pct"):
        assert np.all((treated[name] > -1e-6) & (treated[name] < 100 + 1e-6))
    assert np.all(treated["TIL_pct"] >= control["TIL_pct"] - 1e-5)
    assert np.all(np.diff(control["TIL_pct"]) >= -1e-6)
