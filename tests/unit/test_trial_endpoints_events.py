"""Fractures and other events in time, against lifelines, against counts by hand, and against the truth put in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from trial_outcomes import Design, endpoint, outcomes

from bonecast.trials.endpoints import Times, analyse, at_risk, incidence, times
from bonecast.trials.endpoints.events import rate_ratio
from bonecast.trials.endpoints.mean_count import counted

DESIGN = Design(people=3000, strata=())
FRAME = outcomes(DESIGN, deaths=0.08)
SPINE = endpoint(kind="fracture", quantity="vertebral", visit="m36")
SEEN = times(SPINE, FRAME)


def test_the_hazard_ratio_put_in_is_found():
    row = analyse(SPINE, FRAME, DESIGN, True)[0]
    assert row.decisive
    assert row.low < 0.4 < row.high
    assert row.value == sum((FRAME["arm"] == "denosumab") & FRAME["vertebral_d"].is_not_null())


def test_the_hazard_ratio_is_that_of_lifelines_within_strata():
    design = replace(DESIGN, strata=("age >= 75",))
    data = pd.DataFrame(
        {"t": SEEN.days, "e": SEEN.how == 1, "a": (FRAME["arm"] == "denosumab").to_numpy().astype(float),
         "s": (FRAME["age"] >= 75).to_numpy().astype(int)}
    )  # fmt: skip
    fit = CoxPHFitter().fit(data, "t", "e", strata=["s"])
    row = analyse(SPINE, FRAME, design, True)[0]
    assert row.estimate == pytest.approx(np.exp(fit.params_["a"]), rel=1e-4)
    assert row.p == pytest.approx(fit.summary.loc["a", "p"], rel=1e-4)


def test_weights_of_one_give_the_same_hazard_ratio_by_lifelines():
    heavy = FRAME.with_columns(weight=pl.Series(np.where(np.arange(FRAME.height) < 10, 1.0001, 1.0)))
    plain, weighted = (analyse(SPINE, f, DESIGN, True)[0] for f in (FRAME, heavy))
    assert weighted.estimate == pytest.approx(plain.estimate, rel=1e-3)
    assert weighted.low == pytest.approx(plain.low, rel=0.03)


def test_cumulative_incidence_is_one_less_kaplan_meier_of_lifelines():
    found = incidence(SEEN, competing=False)
    fit = KaplanMeierFitter().fit(SEEN.days, SEEN.how == 1)
    for day in (100, 500, 1096):
        assert found.at(day)[0] == pytest.approx(100 * (1 - fit.predict(day)))
    last = fit.confidence_interval_survival_function_.iloc[-1].to_numpy()
    assert (found.low[-1], found.high[-1]) == pytest.approx(
        (100 * (1 - last[1]), 100 * (1 - last[0])), rel=1e-3
    )


def test_aalen_johansen_is_that_of_lifelines_and_lies_below_kaplan_meier():
    rng = np.random.default_rng(2)
    seen = Times(
        rng.exponential(500, 400), rng.choice([0, 1, 2], 400)
    )  # no ties, which lifelines would shake apart
    found = incidence(seen, competing=True)
    fit = AalenJohansenFitter(calculate_variance=True).fit(seen.days, seen.how, event_of_interest=1)
    shares = fit.cumulative_density_.to_numpy()[:, 0]
    assert found.share[-1] == pytest.approx(100 * shares[-1])
    assert found.error[-1] == pytest.approx(100 * np.sqrt(fit.variance_.to_numpy()[-1]), rel=0.02)
    assert found.share[-1] < incidence(seen, competing=False).share[-1]


def test_the_error_of_the_incidence_is_that_of_statsmodels():
    from statsmodels.duration.survfunc import CumIncidenceRight

    fit = CumIncidenceRight(SEEN.days, SEEN.how)
    found = incidence(SEEN, competing=True)
    assert found.at(1096)[1] == pytest.approx(100 * fit.cinc_se[0][-1], rel=0.02)


def test_death_ends_follow_up_and_is_no_event():
    died = FRAME.filter((pl.col("left") == "death") & pl.col("vertebral_d").is_null())
    assert died.height > 50
    assert (times(SPINE, died).how == 2).all()


def test_people_who_stopped_are_followed_to_the_stop_while_on_treatment():
    on = times(replace(SPINE, estimand="while-on-treatment"), FRAME)
    stop = FRAME["stopped_d"].fill_null(9999).to_numpy()
    assert (on.days <= stop).all()
    assert (on.how == 1).sum() < (SEEN.how == 1).sum()


def test_an_interim_look_sees_no_later_day():
    early = times(SPINE, FRAME, until=365)
    assert early.days.max() == 365
    assert (early.how == 1).sum() == (FRAME["vertebral_d"] <= 365).sum()


def test_numbers_at_risk_are_those_not_yet_through():
    assert at_risk(Times(np.array([10.0, 20.0, 30.0]), np.array([1, 0, 1])), np.array([0, 10, 11, 31])) == [
        3,
        3,
        2,
        0,
    ]


def test_a_ratio_of_rates_is_that_of_events_and_person_years():
    count = np.array([2.0, 0, 1, 0, 3, 1, 0, 2])
    years = np.array([1.0, 3, 2, 3, 3, 3, 3, 2])
    treated = np.array([1, 1, 1, 1, 0, 0, 0, 0], bool)
    log, error = rate_ratio(count, years, treated, None, "poisson")
    assert np.exp(log) == pytest.approx((3 / 9) / (6 / 11))
    assert error > np.sqrt(1 / 3 + 1 / 6) * 0.5
    doubled = rate_ratio(np.r_[count, count], np.r_[years, years], np.r_[treated, treated], None, "poisson")
    assert rate_ratio(count, years, treated, np.full(8, 1.0), "poisson")[1] == pytest.approx(error)
    assert doubled[1] == pytest.approx(error / np.sqrt(2))


def test_repeated_events_widen_the_negative_binomial_interval():
    rng = np.random.default_rng(5)
    n = 600
    treated = np.arange(n) % 2 == 0
    rate = rng.gamma(0.7, 1 / 0.7, n) * np.where(treated, 0.5, 1.0)
    log, error = rate_ratio(
        rng.poisson(3 * rate).astype(float), np.full(n, 3.0), treated, None, "negative-binomial"
    )
    assert abs(log - np.log(0.5)) < 3 * error
    naive = np.sqrt(sum(1 / rng.poisson(3 * rate)[who].sum() for who in (treated, ~treated)))
    assert error > 1.3 * naive


def test_the_mean_cumulative_count_without_censoring_is_the_mean():
    days = pl.Series([[5, 9], [], [7], [1, 2, 3]])
    mean, error = counted(days, np.full(4, 100.0))
    assert mean == pytest.approx(6 / 4)
    assert error == pytest.approx(np.std([2, 0, 1, 3]) / np.sqrt(4))


def test_skeletal_events_may_come_again():
    frame = FRAME.rename({"vertebral_d": "skeletal_event_d"}).with_columns(
        skeletal_event_days=pl.concat_list("skeletal_event_d").list.drop_nulls()
    )
    one = endpoint(kind="skeletal-event", quantity="skeletal_event", visit="m36")
    (row,) = [row for row in analyse(one, frame, DESIGN) if row.measure == "ratio of mean cumulative counts"]
    assert row.estimate == pytest.approx(0.43, abs=0.1)


def test_no_event_in_an_arm_gives_no_ratio_and_no_error():
    none = FRAME.with_columns(
        vertebral_d=pl.when(pl.col("arm") == "placebo").then("vertebral_d"), vertebral_count=pl.lit(0)
    )
    for row in analyse(SPINE, none, DESIGN):
        assert not row.success
        assert "ratio" not in row.measure or np.isnan(row.estimate)
    assert analyse(SPINE, none, DESIGN)[0].measure == "hazard ratio"


def test_every_method_can_be_the_one_that_decides():
    for method in ("cox", "kaplan-meier", "aalen-johansen", "poisson", "negative-binomial"):
        first, *_ = analyse(replace(SPINE, method=method), FRAME, DESIGN)
        assert first.decisive
        assert first.success
        assert first.estimate == pytest.approx(0.42, abs=0.12)
