"""The statistics of trials against statsmodels and lifelines, where those fit the same thing."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats import proportion

from bonecast.trials.endpoints import Times, incidence
from bonecast.trials.endpoints.hazards import hazard_ratio
from bonecast.trials.endpoints.linear import ancova, least_squares
from bonecast.trials.endpoints.negative_binomial import negative_binomial
from bonecast.trials.endpoints.two_shares import two_shares
from bonecast.trials.power_size import fitted
from bonecast.trials.probit import probit_line
from bonecast.trials.window import interaction, ratio

SHARES = [(15, 34, 6, 34), (3, 100, 9, 120), (1.5, 40.2, 7.7, 80.9), (30, 34, 33, 34), (34, 34, 20, 34)]


def chance(seed: int = 3) -> np.random.Generator:
    """The same draws in each run."""
    return np.random.default_rng(seed)


@pytest.mark.parametrize("counts", SHARES)
def test_the_difference_of_shares_is_newcombes_and_its_test_the_score_test(counts):
    p, z = two_shares(*counts, "difference", 0.05)[3:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asked = proportion.test_proportions_2indep(*counts, method="score", compare="diff")
        ends = proportion.confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=0.05)
    assert two_shares(*counts, "difference", 0.05)[1:3] == pytest.approx(
        [100 * end for end in ends], rel=1e-9
    )
    assert (p, z) == pytest.approx((asked.pvalue, asked.statistic), rel=1e-9)


@pytest.mark.parametrize("alpha", [0.05, 0.2])
@pytest.mark.parametrize("counts", SHARES)
def test_the_ratio_of_shares_has_koopmans_interval(counts, alpha):
    ends = proportion.confint_proportions_2indep(*counts, method="score", compare="ratio", alpha=alpha)
    assert two_shares(*counts, "ratio", alpha)[1:3] == pytest.approx(ends, rel=1e-7)


def people(ties: bool, n: int = 600):
    """Times, arm, stratum and weight of people with a hazard ratio of 0.6."""
    draw = chance()
    treated, stratum, weight = draw.random(n) < 0.5, draw.integers(0, 3, n), draw.gamma(2, 1, n)
    days = draw.exponential(800 / np.where(treated, 0.6, 1) / (1 + stratum))
    how = (days < 1000).astype(int)
    days = np.minimum(days, 1000 + draw.random(n) / 1000)
    return Times(np.ceil(days / 30) if ties else days, how), treated, stratum, weight


def lifelines_fit(seen, treated, stratum, weight):
    """lifelines' weighted fit with its sandwich."""
    frame = pd.DataFrame({"d": seen.days, "e": seen.how, "t": treated * 1.0, "s": stratum, "w": weight})
    fit = CoxPHFitter().fit(frame, "d", "e", strata=["s"], weights_col="w", robust=True)
    return fit.params_["t"], fit.standard_errors_["t"]


def test_a_weighted_hazard_ratio_and_its_sandwich_are_those_of_lifelines():
    seen, treated, stratum, weight = people(ties=False)
    found = hazard_ratio(seen, treated, stratum[:, None], weight)
    assert found == pytest.approx(lifelines_fit(seen, treated, stratum, weight), rel=1e-6)


def test_with_ties_the_weighted_hazard_ratio_is_that_of_lifelines():
    seen, treated, stratum, weight = people(ties=True)
    value, error = hazard_ratio(seen, treated, stratum[:, None], weight)
    other = lifelines_fit(seen, treated, stratum, weight)
    assert value == pytest.approx(other[0], rel=1e-6)
    assert error == pytest.approx(other[1], rel=0.01)  # lifelines' sandwich knows no ties: rows in any order


def test_the_sandwich_does_not_hang_on_the_order_of_tied_people():
    seen, treated, stratum, weight = people(ties=True)
    order = chance(5).permutation(len(treated))
    mixed = Times(seen.days[order], seen.how[order])
    found = hazard_ratio(mixed, treated[order], stratum[order, None], weight[order])
    assert found == pytest.approx(hazard_ratio(seen, treated, stratum[:, None], weight), rel=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_equal_weights_leave_the_hazard_ratio_as_it_is(ties):
    seen, treated, stratum, _ = people(ties)
    plain = hazard_ratio(seen, treated, stratum[:, None])
    even = hazard_ratio(seen, treated, stratum[:, None], np.full(len(treated), 2.5))
    assert even[0] == pytest.approx(plain[0], rel=1e-9)
    assert even[1] == pytest.approx(plain[1], rel=0.05)


def test_a_person_of_weight_two_moves_the_hazard_ratio_like_two_people_without_ties():
    seen, treated, stratum, _ = people(ties=False)
    weight = np.where(np.arange(len(treated)) % 4 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(len(treated)), weight.astype(int))
    apart = (
        seen.days[twice] + np.r_[False, np.diff(twice) == 0] * 1e-9
    )  # twins a moment apart: no tie to share
    found = hazard_ratio(seen, treated, stratum[:, None], weight)
    doubled = hazard_ratio(Times(apart, seen.how[twice]), treated[twice], stratum[twice, None])
    assert found[0] == pytest.approx(doubled[0], rel=2e-3)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("competing", [False, True])
def test_cumulative_incidence_is_that_of_statsmodels(competing, weighted):
    draw = chance()
    days, how = np.ceil(draw.exponential(500, 400)), draw.choice([0, 1, 2], 400)
    weight = draw.gamma(2, 1, 400) if weighted else None
    found = incidence(Times(days, how), competing, weight)
    status = how if competing else np.where(how == 1, 1, 0)
    fit = CumIncidenceRight(days, status, freq_weights=weight)
    assert len(fit.times) > 100
    for day, share in zip(fit.times, fit.cinc[0], strict=True):
        assert found.at(day)[0] == pytest.approx(100 * share, rel=1e-9)


@pytest.mark.parametrize("k", [0.5, 3.0])
def test_the_negative_binomial_ratio_is_that_of_statsmodels(k):
    draw = chance()
    years, treated = draw.uniform(0.3, 3, 800), draw.random(800) < 0.5
    mean = years * np.where(treated, 0.5, 1.0)
    count = draw.poisson(mean * draw.gamma(k, 1 / k, 800)).astype(float)
    fit = sm.NegativeBinomial(count, np.column_stack([np.ones(800), treated]), exposure=years)
    fit = fit.fit(disp=0, maxiter=2000, method="newton", tol=1e-12, start_params=fit.fit(disp=0).params)
    assert negative_binomial(count, years, treated) == pytest.approx((fit.params[1], fit.bse[1]), rel=1e-5)


def test_counts_without_more_spread_than_poissons_have_no_dispersion():
    treated = np.arange(40) < 20
    assert np.isnan(negative_binomial(np.ones(40), np.ones(40), treated)).all()


def test_least_squares_are_those_of_statsmodels_plain_and_with_weights_of_people():
    draw = chance()
    x = np.column_stack([np.ones(90), draw.random(90) < 0.5, draw.normal(size=90), draw.normal(size=90)])
    y, weight = x @ [1, 0.5, 2, 0] + draw.normal(size=90), draw.gamma(2, 1, 90)
    plain, fit = sm.OLS(y, x).fit(), least_squares(y, x)
    assert fit.values == pytest.approx(plain.params)
    assert fit.errors == pytest.approx(plain.bse)
    assert (fit.df, fit.squares) == pytest.approx((plain.df_resid, plain.ssr))
    assert fit[1].interval(0.9) == pytest.approx(tuple(plain.conf_int(0.1)[1]))
    robust = sm.WLS(y, x, weights=weight).fit(cov_type="HC1", use_t=True)
    found, n = ancova(y, x[:, 1], x[:, 2:], weight)
    assert n == 90
    assert (found.value, found.error, found.p) == pytest.approx(
        (robust.params[1], robust.bse[1], robust.pvalues[1])
    )


def test_the_window_trials_ratio_and_interaction_are_those_of_statsmodels():
    draw = chance()
    before, treated, kind = draw.normal(size=60), draw.random(60) < 0.5, draw.choice(["a", "b", "c"], 60)
    after = 0.7 * before + 0.3 * treated + 0.4 * (kind == "b") * treated + 0.3 * draw.normal(size=60)
    fit = sm.OLS(after, np.column_stack([np.ones(60), before, treated])).fit()
    found = ratio(before, after, treated)
    assert (found.value, found.low, found.high) == pytest.approx(
        (np.exp(fit.params[2]), *np.exp(fit.conf_int()[2]))
    )
    assert found.p == pytest.approx(fit.pvalues[2])
    own = [kind == "b", kind == "c"]
    main = np.column_stack([np.ones(60), before, treated, *own])
    crossed = np.column_stack([main, *(one * treated for one in own)])
    p = sm.OLS(after, crossed).fit().compare_f_test(sm.OLS(after, main).fit())[1]
    assert interaction(before, after, treated, kind) == pytest.approx(p)


def test_the_probit_line_is_that_of_statsmodels():
    x, tries = np.sqrt([80.0, 100, 130, 150]), np.array([40.0, 40, 60, 20])
    hits = np.array([20.0, 30, 50, 19])
    link = sm.families.Binomial(link=sm.families.links.Probit())
    fit = sm.GLM(np.column_stack([hits, tries - hits]), sm.add_constant(x), family=link).fit(tol=1e-12)
    line, covariance = probit_line(x, hits, tries)
    assert line == pytest.approx(fit.params, rel=1e-6)
    assert covariance == pytest.approx(fit.cov_params(), rel=1e-5)


def test_a_size_that_the_trials_do_not_determine_is_stepped_and_not_fitted():
    sizes = np.repeat([80, 100, 130], 20)
    n, half = fitted(sizes, sizes > 90, 0.9, 100)  # no success at 80, nothing but success above
    assert half == np.inf
    assert 50 <= n <= 200
