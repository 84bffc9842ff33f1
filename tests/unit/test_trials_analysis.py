"""The analysis of a window trial against hand-made data and against the same tests done another way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from bonecast.trials import analyse, analyse_all, characteristics, play, preset
from bonecast.trials.flow import flow
from bonecast.trials.report import headline

DESIGN = replace(preset("window"), trials=12)
OUTCOMES = play(DESIGN, 0, 12)
ONE = OUTCOMES.filter((pl.col("trial") == 0) & (pl.col("truth") == "drug and biopsy"))
FOUND = analyse(DESIGN, ONE)
SEEN = ONE.filter("evaluable").with_columns(
    treated=(pl.col("arm") == "denosumab").cast(pl.Int8),
    before=(pl.col("TIL_biopsy") + 1).log(),
    after=(pl.col("TIL_surgery") + 1).log(),
    change=pl.col("TIL_surgery") - pl.col("TIL_biopsy"),
)


def frame() -> pd.DataFrame:
    """The evaluable people as columns."""
    return pd.DataFrame({name: SEEN[name].to_numpy() for name in SEEN.columns})


def test_the_ratio_between_arms_is_the_coefficient_of_a_formula_fit():
    fit = smf.ols("after ~ before + treated", frame()).fit()
    assert FOUND["TIL_ratio"] == pytest.approx(np.exp(fit.params["treated"]))
    assert FOUND["TIL_ratio_p"] == pytest.approx(fit.pvalues["treated"])
    low, high = np.exp(fit.conf_int().loc["treated"])
    assert (FOUND["TIL_ratio_low"], FOUND["TIL_ratio_high"]) == pytest.approx((low, high))


def test_the_interaction_is_the_f_test_of_a_formula_fit():
    main = smf.ols("after ~ before + treated + C(subtype)", frame()).fit()
    crossed = smf.ols("after ~ before + treated * C(subtype)", frame()).fit()
    assert FOUND["interaction_p"] == pytest.approx(crossed.compare_f_test(main)[1])


def test_paired_tests_and_responders_are_those_of_scipy_on_the_arm():
    for i, arm in enumerate(("denosumab", "control")):
        mine = SEEN.filter(pl.col("arm") == arm)
        assert FOUND[f"TIL_{i}_n"] == mine.height
        assert FOUND[f"TIL_{i}_t_p"] == pytest.approx(stats.ttest_1samp(mine["change"].to_numpy(), 0).pvalue)
        assert FOUND[f"rise10_{i}"] == pytest.approx((mine["change"] >= 10).mean())
    treated, rose = SEEN["treated"].to_numpy() == 1, SEEN["change"].to_numpy() >= 10
    counts = [[np.sum(rose & who), np.sum(~rose & who)] for who in (treated, ~treated)]
    assert FOUND["rise10_p"] == pytest.approx(stats.fisher_exact(counts)[1])


def test_people_who_are_not_evaluable_count_nowhere():
    spoilt = ONE.with_columns(
        TIL_surgery=pl.when("evaluable").then("TIL_surgery").otherwise(99.0),
        Ki67_surgery=pl.when("evaluable").then("Ki67_surgery").otherwise(99.0),
    )
    assert not ONE["evaluable"].all()
    assert {k: v for k, v in analyse(DESIGN, spoilt).items() if v == v} == {
        k: v for k, v in FOUND.items() if v == v
    }


def test_nobody_changing_gives_no_p_value_instead_of_a_wrong_one():
    still = ONE.with_columns(TIL_surgery=pl.col("TIL_biopsy"))
    found = analyse(DESIGN, still)
    assert np.isnan(found["TIL_0_t_p"])
    assert found["TIL_0_change"] == 0
    assert found["rise5_p"] == 1


def test_a_trial_too_small_to_compare_gives_no_ratio_and_no_error():
    found = analyse(DESIGN, ONE.head(5))
    assert np.isnan([found["TIL_ratio"], found["TIL_ratio_p"], found["interaction_p"]]).all()
    assert found["TIL_0_n"] + found["TIL_1_n"] == ONE.head(5)["evaluable"].sum()


def test_monte_carlo_error_is_binomial_and_never_zero():
    analysed = analyse_all(DESIGN, OUTCOMES)
    assert analysed.height == 36
    found = characteristics(DESIGN, analysed)
    shares = [one for one in found if one.kind == "share"]
    assert all(0 <= one.value <= 1 and one.error > 0 and one.trials == 12 for one in shares)
    half = next(one for one in shares if 0.3 < one.value < 0.7)
    p = (half.value * 12 + 1) / 14
    assert half.error == pytest.approx(np.sqrt(p * (1 - p) / 12))
    top = [one.value for one in shares if one.name.endswith("gains most") and one.truth == "nothing"]
    assert sum(top) == pytest.approx(1)
    answer = headline(DESIGN, found)
    assert set(answer) == {"drug and biopsy", "biopsy only", "nothing"}


def test_the_flow_adds_up():
    branches = flow(DESIGN, OUTCOMES)
    numbers = [[float(text.split(" ")[0]) for text in (b.randomised, b.lost, b.analysed)] for b in branches]
    assert sum(row[0] for row in numbers) == pytest.approx(60, abs=0.1)
    assert all(row[0] - row[1] == pytest.approx(row[2], abs=0.11) for row in numbers)
