"""The window model and its trials against the fact sheet of the RANK pathway (our earlier simulations, marked derived,
and the published results of D-BIOMARK, doi 10.1186/s13058-025-01996-w, ESMO 2023 abstract 289P)."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

import bonecast as bc
from bonecast.models import load_model
from bonecast.trials import analyse_all, characteristics, play, preset
from bonecast.trials.window import ratio

PLANS = {"denosumab": "denosumab 120 mg weekly x 2", "control": "nothing for 28 days"}
SUBTYPES = {
    name: found.values for name, found in load_model("rank-window").parameter_set.alternatives.items()
}
TRIALS, SHEET_TRIALS = 400, 1000

# result -> share of trials in (drug and biopsy, biopsy only, nothing), 1,000 trials of 38:20, as derived for the sheet
SHEET = {
    "TIL: denosumab rises, paired t": (0.999, 0.32, 0.03),
    "TIL: control rises, paired t": (0.18, 0.19, 0.02),
    "TIL: denosumab rises and control does not": (0.82, 0.27, 0.03),
    "TIL: arms differ, analysis of covariance": (0.58, 0.05, 0.05),
    "TIL: 10-point responders differ, Fisher": (0.34, 0.03, 0.02),
    "Ki67: denosumab changes, paired t": (0.79, 0.79, 0.04),
    "Ki67: control changes, paired t": (0.48, 0.49, 0.05),
    "Ki67: arms differ, ratio of geometric means": (0.03, 0.04, 0.04),
    "TIL: luminal B gains most": (0.90, 0.31, 0.32),
}


@cache
def table():
    """{(result, truth): Characteristic} of the preset."""
    design = replace(preset("window"), trials=TRIALS)
    found = characteristics(design, analyse_all(design, play(design, 0, TRIALS)))
    return {(one.name, one.truth): one for one in found}


def curve(plan: str, subtype: str, day: float, output: str = "TIL_pct") -> float:
    """One output of a typical tumour of a subtype."""
    seen = bc.simulate("rank-window", PLANS[plan], until="28 days", every="1 day", set=SUBTYPES[subtype])
    return float(seen[output][list(seen.times_d).index(day)])


@pytest.mark.parametrize(
    ("plan", "subtype", "day", "percent"),
    [
        ("control", "luminal-B", 0, 11.7),
        ("control", "luminal-B", 28, 11.9),
        ("denosumab", "luminal-B", 14, 18.7),
        ("denosumab", "luminal-B", 21, 22.1),
        ("denosumab", "luminal-B", 28, 23.8),
        ("denosumab", "luminal-A", 28, 8.2),
        ("denosumab", "triple-negative", 28, 26.0),
    ],
)
def test_median_lymphocytes_are_those_derived_in_section_6_of_the_rank_sheet(plan, subtype, day, percent):
    assert curve(plan, subtype, day) == pytest.approx(percent, abs=0.06)


def test_levels_of_120_mg_are_those_derived_from_gibiansky_2012():
    levels = [curve("denosumab", "luminal-B", day, "denosumab_ng_mL") / 1000 for day in (7, 14, 28)]
    assert levels == pytest.approx([20, 40, 31], abs=0.6)
    assert all(curve("denosumab", "luminal-B", day, "RANKL_free_pct") < 2 for day in range(3, 29))


@pytest.mark.parametrize("truth", [0, 1, 2], ids=["drug and biopsy", "biopsy only", "nothing"])
@pytest.mark.parametrize("result", SHEET)
def test_operating_characteristics_are_those_derived_in_section_7_of_the_rank_sheet(result, truth):
    found = table()[result, ("drug and biopsy", "biopsy only", "nothing")[truth]]
    given = SHEET[result][truth]
    # both are simulations: 3 standard errors of the difference, and the sheet's rounding to two digits
    error = math.hypot(found.error, math.sqrt(given * (1 - given) / SHEET_TRIALS))
    assert abs(found.value - given) < 3 * error + 0.005
    assert found.trials == TRIALS


def test_responders_and_changes_are_those_derived_in_section_7_of_the_rank_sheet():
    at = {key: one.value for key, one in table().items() if key[1] == "drug and biopsy"}
    assert at["TIL: 10-point responders in denosumab, %", "drug and biopsy"] == pytest.approx(38, abs=2)
    assert at["TIL: 10-point responders in control, %", "drug and biopsy"] == pytest.approx(16, abs=2)
    assert at["Ki67: SD of change in denosumab, points", "drug and biopsy"] == pytest.approx(10.5, abs=0.5)
    assert at["Ki67: ratio of geometric means", "drug and biopsy"] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("truth", ["drug and biopsy", "biopsy only"])
@pytest.mark.parametrize("arm", ["denosumab", "control"])
def test_ki67_rises_by_the_4_7_points_of_both_arms_of_d_biomark_esmo_2023_289P(arm, truth):
    assert table()[f"Ki67: change in {arm}, points", truth].value == pytest.approx(4.66, abs=1.5)


def test_the_covariance_analysis_keeps_its_error_of_the_first_kind_while_the_biopsy_acts():
    for truth in ("biopsy only", "nothing"):
        assert 0.03 <= table()["TIL: arms differ, analysis of covariance", truth].value <= 0.07


def cheap(design, trials):
    """p of the covariance analysis of TIL in each trial of the first truth, without the other tests."""
    seen = play(replace(design, truths=design.truths[:1]), 0, trials).filter("evaluable")
    found = []
    for one in seen.partition_by("trial"):
        before, after = (np.log(one[f"TIL_{visit}"].to_numpy() + 1) for visit in ("biopsy", "surgery"))
        found.append(ratio(before, after, (one["arm"] == "denosumab").to_numpy()).p)
    return np.array(found)


@pytest.mark.parametrize(("people", "power"), [(90, 0.80), (120, 0.89), (180, 0.97)])
def test_power_grows_with_size_as_derived_in_section_7_of_the_rank_sheet(people, power):
    found = np.mean(cheap(replace(preset("window"), people=people), 300) < 0.05)
    assert abs(found - power) < 3 * math.sqrt(power * (1 - power) * (1 / 300 + 1 / SHEET_TRIALS)) + 0.005


@pytest.mark.parametrize(
    ("effect", "noise", "share"), [(0.1, 0.45, 0.10), (0.2, 0.3, 0.40), (0.4, 0.6, 0.44), (0.75, 0.3, 0.00)]
)
def test_the_pattern_by_chance_depends_on_biopsy_and_noise_as_derived_in_section_7_of_the_rank_sheet(
    effect, noise, share
):
    design = preset("window")
    assays = tuple(replace(a, error=noise) if a.name == "TIL" else a for a in design.assays)
    design = replace(design, assays=assays, truths=design.truths[1:2], parameters={"bT": effect})
    seen = (
        play(design, 0, 300)
        .filter("evaluable")
        .with_columns(change=pl.col("TIL_surgery") - pl.col("TIL_biopsy"))
    )
    arms = seen.group_by("trial", "arm").agg(
        t=pl.col("change").mean() / (pl.col("change").std() / pl.len().sqrt()), n=pl.len()
    )
    from scipy.stats import t as student

    rose = arms.with_columns(
        rose=pl.Series(arms["t"].to_numpy() > student.ppf(0.975, arms["n"].to_numpy() - 1))
    )
    wide = rose.pivot("arm", index="trial", values="rose")
    found = (wide["denosumab"] & ~wide["control"]).mean()
    assert abs(found - share) < 3 * math.sqrt(max(share * (1 - share), 0.01) * (1 / 300 + 1 / 600)) + 0.005


@pytest.mark.parametrize("explanation", [1.0, 2.0])
def test_luminal_b_gains_most_under_both_explanations_that_have_an_effect(explanation):
    design = replace(preset("window"), parameters={"explanation": explanation})
    design = replace(design, truths=design.truths[:1])
    seen = play(design, 0, 150).filter(pl.col("evaluable") & (pl.col("arm") == "denosumab"))
    gain = dict(seen.group_by("subtype").agg((pl.col("TIL_surgery") - pl.col("TIL_biopsy")).mean()).rows())
    assert gain["luminal B"] == max(gain.values())


def test_under_the_explanation_by_chance_no_subtype_has_an_effect_of_the_drug():
    design = replace(preset("window"), parameters={"explanation": 3.0})
    one, other = (play(replace(design, truths=(truth,)), 0, 3) for truth in design.truths[:2])
    assert one.drop("truth").equals(other.drop("truth"))
