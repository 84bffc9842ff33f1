"""Endpoints of a trial against the same statistics done another way, and against truths put into the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from trial_outcomes import Design, endpoint, outcomes, with_arms

from bonecast.trials.endpoints import analyse, columns_of, forest
from bonecast.trials.endpoints.mmrm import mmrm

DESIGN = Design()
FRAME = outcomes(DESIGN)
SPINE = endpoint(kind="bmd-change", quantity="LS_BMD", visit="m36")


def decisive(found):
    """The row by which the endpoint is judged."""
    (row,) = [row for row in found if row.decisive]
    return row


def pandas_frame(frame=FRAME):
    """The columns of a formula fit."""
    made = frame.with_columns(
        treated=(pl.col("arm") == "denosumab").cast(pl.Int8),
        old=(pl.col("age") >= 75).cast(pl.Int8),
        change=100 * (pl.col("LS_BMD_m36") / pl.col("LS_BMD_m0") - 1),
        base=pl.col("LS_BMD_m0"),
        ln_ctx=pl.col("CTX_m12").log(),
        ln_base=pl.col("CTX_m0").log(),
    )
    return pd.DataFrame({name: made[name].to_numpy() for name in made.columns})


def test_the_change_of_bmd_is_the_analysis_of_covariance_of_a_formula_fit():
    fit = smf.ols("change ~ treated + base + old", pandas_frame()).fit()
    row = decisive(analyse(SPINE, FRAME, DESIGN))
    assert row.estimate == pytest.approx(fit.params["treated"])
    assert (row.low, row.high) == pytest.approx(tuple(fit.conf_int().loc["treated"]))
    assert row.p == pytest.approx(fit.pvalues["treated"])
    assert row.n + row.n_reference == int(fit.nobs)
    assert row.success


def test_earlier_visits_are_stated_and_only_the_last_is_judged():
    found = analyse(SPINE, FRAME, DESIGN)
    assert [(row.at, row.decisive) for row in found] == [("m12", False), ("m24", False), ("m36", True)]
    assert analyse(SPINE, FRAME, DESIGN, True) == found[-1:]


def test_a_ratio_of_geometric_means_is_that_of_a_fit_on_logarithms():
    row = decisive(analyse(endpoint(kind="marker-gmr", quantity="CTX", visit="m12"), FRAME, DESIGN))
    fit = smf.ols("ln_ctx ~ treated + ln_base + old", pandas_frame()).fit()
    assert row.estimate == pytest.approx(np.exp(fit.params["treated"]))
    assert row.high == pytest.approx(np.exp(fit.conf_int().loc["treated", 1]))
    assert row.value / row.value_reference == pytest.approx(0.5, rel=0.25)


def test_a_person_of_weight_two_pulls_as_two_people_do():
    heavy = FRAME.with_columns(weight=pl.when(pl.col("person") < 100).then(2.0).otherwise(1.0))
    doubled = pl.concat([FRAME, FRAME.filter(pl.col("person") < 100)])
    for one in (SPINE, replace(SPINE, method="mmrm")):
        weighted, copied = (decisive(analyse(one, f, DESIGN)) for f in (heavy, doubled))
        assert weighted.estimate == pytest.approx(copied.estimate, rel=2e-3)
        # two copies are no more information than one person of weight two: the interval is the wider
        assert weighted.high - weighted.low > copied.high - copied.low


def test_the_repeated_measures_model_with_nobody_missing_is_the_fit_of_each_visit():
    frame = outcomes(DESIGN, missed=0.0).with_columns(followed_d=pl.lit(1096))
    frame = frame.filter(
        pl.all_horizontal(pl.col(f"LS_BMD_{v}").is_not_null() for v in ("m12", "m24", "m36"))
    )
    one, all_ = (analyse(replace(SPINE, method=m), frame, DESIGN) for m in ("ancova", "mmrm"))
    for single, repeated in zip(one, all_, strict=True):
        assert repeated.estimate == pytest.approx(single.estimate, rel=1e-6)
        assert repeated.high - repeated.low == pytest.approx(single.high - single.low, rel=5e-3)


def test_the_repeated_measures_model_agrees_with_generalised_least_squares_on_its_covariance():
    rng = np.random.default_rng(3)
    n = 120
    x = np.column_stack([np.ones(n), rng.random(n) < 0.5]).astype(float)
    y = rng.multivariate_normal([0, 1, 2], [[4, 2, 1], [2, 5, 3], [1, 3, 6]], n) + x[:, 1:] * [1, 2, 3]
    y[rng.random((n, 3)) < 0.2] = np.nan
    for covariance in ("unstructured", "ar1"):
        found, sigma = mmrm(y, x, 1, covariance)
        rows, design, blocks = [], [], []
        for i in range(n):
            seen = np.flatnonzero(np.isfinite(y[i]))
            rows += [y[i, seen]]
            design += [np.kron(x[i], np.eye(3)[v]) for v in seen]
            blocks += [sigma[np.ix_(seen, seen)]]
        from scipy.linalg import block_diag

        fit = sm.GLS(np.concatenate(rows), np.array(design), sigma=block_diag(*blocks)).fit()
        assert [e.value for e in found] == pytest.approx(fit.params[3:])
        assert [e.error for e in found] == pytest.approx(np.sqrt(np.diag(fit.normalized_cov_params))[3:])
        assert all(n / 3 < e.df < n for e in found)


def test_a_random_intercept_of_statsmodels_gives_the_same_effect_as_equal_correlation():
    rng = np.random.default_rng(4)
    n, visits = 300, 3
    treated = (np.arange(n) % 2).astype(float)
    y = rng.normal(0, 2, (n, 1)) + rng.normal(0, 1, (n, visits)) + treated[:, None] * [1.0, 2.0, 3.0]
    x = np.column_stack([np.ones(n), treated])
    found, _ = mmrm(y, x, 1)
    data = pd.DataFrame(
        {"y": y.ravel(), "v": np.tile(np.arange(visits), n), "t": np.repeat(treated, visits),
         "i": np.repeat(np.arange(n), visits)}
    )  # fmt: skip
    fit = smf.mixedlm("y ~ 0 + C(v) + C(v):t", data, groups="i").fit(reml=True)
    assert [e.value for e in found] == pytest.approx(list(fit.fe_params[visits:]), rel=1e-6)
    assert [e.error for e in found] == pytest.approx(list(fit.bse_fe[visits:]), rel=0.1)


def test_equivalence_is_judged_by_both_one_sided_tests():
    same = outcomes(DESIGN, gain=0.0)
    one = endpoint(kind="equivalence", quantity="LS_BMD", visit="m36", margin=1.45)
    row = decisive(analyse(one, same, DESIGN))
    fit = smf.ols("change ~ treated + base + old", pandas_frame(same)).fit()
    t = [
        (fit.params["treated"] + 1.45) / fit.bse["treated"],
        (1.45 - fit.params["treated"]) / fit.bse["treated"],
    ]
    assert row.p == pytest.approx(stats.t.sf(min(t), fit.df_resid))
    assert row.level == pytest.approx(0.90)
    assert row.success == (row.low > -1.45 and row.high < 1.45)
    far = decisive(analyse(one, FRAME, DESIGN))
    assert not far.success
    assert far.p > 0.99


def test_an_area_is_equivalent_by_its_ratio():
    one = endpoint(kind="equivalence", quantity="CTX", visit="m12", statistic="auec", margin=[0.8, 1.25])
    assert one.samples == ("m0", "m12")
    assert one.effect
    (row,) = analyse(one, FRAME, DESIGN)
    assert row.decisive
    assert row.success == (row.low > 0.8 and row.high < 1.25)
    assert row.estimate == pytest.approx(1.0, abs=0.1)


def test_responders_are_counted_and_whom_nobody_measured_as_asked():
    lines = {"kind": "responders", "quantity": "LS_BMD", "visit": "m36", "threshold": 3}
    change = pandas_frame()["change"].to_numpy()
    treated = (FRAME["arm"] == "denosumab").to_numpy()
    for missing, who in (("left-out", np.isfinite(change)), ("failure", np.ones(len(change), bool))):
        row = decisive(analyse(endpoint(**lines, missing=missing), FRAME, DESIGN))
        hit = np.nan_to_num(change, nan=-99) >= 3
        assert row.value == pytest.approx(100 * hit[who & treated].mean())
        assert row.n == (who & treated).sum()
        assert row.estimate == pytest.approx(row.value - row.value_reference)


def test_newcombes_interval_is_made_of_two_wilson_intervals():
    from statsmodels.stats.proportion import proportion_confint

    from bonecast.trials.endpoints.shares import two_shares

    a, n, b, m = 56, 70, 48, 80
    (l1, u1), (l2, u2) = proportion_confint(a, n, method="wilson"), proportion_confint(b, m, method="wilson")
    p, q = a / n, b / m
    low = p - q - np.hypot(p - l1, u2 - q)
    high = p - q + np.hypot(u1 - p, q - l2)
    assert two_shares(a, n, b, m, "difference", 0.05)[1:3] == pytest.approx((100 * low, 100 * high), abs=0.02)


def test_grades_of_hypocalcaemia_hold_one_another():
    found = analyse(endpoint(kind="calcium-grade", quantity="calcium", visit="m12"), FRAME, DESIGN)
    shares = [row.value for row in found if row.measure.startswith("difference")]
    assert shares == sorted(shares, reverse=True)
    low = FRAME.filter(pl.col("arm") == "denosumab")["calcium_m12"].drop_nulls()
    assert shares[1] == pytest.approx(100 * (low < 2.0).mean())
    assert decisive(found).at.startswith("grade 2 or worse, below 2 ")


def test_readings_after_the_stop_do_not_count_where_nobody_is_taken_to_stop():
    on = decisive(analyse(replace(SPINE, estimand="hypothetical"), FRAME, DESIGN))
    whole = decisive(analyse(SPINE, FRAME, DESIGN))
    stopped = FRAME.filter(
        pl.col("stopped_d").is_not_null()
        & pl.col("LS_BMD_m36").is_not_null()
        & (pl.col("arm") == "denosumab")
    )
    assert stopped.height > 0
    assert on.n == whole.n - stopped.height


def test_while_on_treatment_the_last_reading_before_the_stop_counts():
    from bonecast.trials.endpoints.response import reading

    one = replace(SPINE, estimand="while-on-treatment")
    frame = FRAME.head(3).with_columns(
        pl.Series("stopped_d", [400, 800, None], pl.Int64),
        pl.Series("LS_BMD_m12", [0.71, 0.72, 0.73]),
        pl.Series("LS_BMD_m24", [0.81, None, 0.83]),
        pl.Series("LS_BMD_m36", [0.91, 0.92, 0.93]),
        pl.Series("day_m12", [365, 365, 365]),
        pl.Series("day_m24", [730, None, 730]),
        pl.Series("day_m36", [1096, 1096, 1096]),
    )
    assert reading(one, frame, "m36").tolist() == [0.71, 0.72, 0.93]


def test_the_columns_named_are_enough_for_every_analysis():
    for one in (
        SPINE,
        replace(SPINE, estimand="hypothetical", method="mmrm"),
        replace(SPINE, estimand="while-on-treatment"),
        replace(SPINE, missing="multiple-imputation", imputations=2),
        endpoint(kind="fracture", quantity="vertebral", visit="m36", subgroups=["prior_vertebral"]),
        endpoint(kind="responders", quantity="CTX", visit="m12", threshold=-30),
        endpoint(kind="calcium-grade", quantity="calcium", visit="m12", method="readings"),
        endpoint(kind="auec", quantity="CTX", visit="m12"),
    ):
        few = FRAME.select(columns_of(one, DESIGN.strata, FRAME.columns))
        assert repr(analyse(one, few, DESIGN)) == repr(analyse(one, FRAME, DESIGN))


def test_every_arm_meets_the_last_one():
    design = with_arms(DESIGN, "early", "late", "placebo")
    found = analyse(SPINE, outcomes(design), design, True)
    assert [(row.arm, row.reference) for row in found] == [("early", "placebo"), ("late", "placebo")]


def test_the_forest_holds_everybody_and_each_group_and_sees_an_interaction():
    one = replace(SPINE, subgroups=("prior_vertebral", "age >= 75"))
    plain = forest(one, FRAME, DESIGN)
    assert [e.group for e in plain] == [
        "everybody",
        "prior_vertebral",
        "no prior_vertebral",
        "age >= 75",
        "age < 75",
    ]
    assert plain[0].row.n == plain[1].row.n + plain[2].row.n
    more = pl.when(pl.col("prior_vertebral") & (pl.col("arm") == "denosumab")).then(1.05).otherwise(1.0)
    changed = forest(one, FRAME.with_columns(LS_BMD_m36=pl.col("LS_BMD_m36") * more), DESIGN)
    assert changed[1].interaction_p < 1e-4 < plain[1].interaction_p
    assert changed[3].interaction_p > 1e-3


def test_too_few_people_give_no_estimate_and_no_error():
    row = decisive(analyse(SPINE, FRAME.head(3), DESIGN))
    assert np.isnan(row.estimate)
    assert row.success is False
