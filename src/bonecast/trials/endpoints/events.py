"""Endpoints in time: fractures and skeletal events by hazard ratio, cumulative incidence, rate, and mean count."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign, arm_names, between, stratum_columns, weights
from bonecast.trials.endpoints.hazards import hazard_ratio
from bonecast.trials.endpoints.linear import Estimate
from bonecast.trials.endpoints.lwyy import rate_ratio_of_repeats
from bonecast.trials.endpoints.mean_count import mean_count
from bonecast.trials.endpoints.measured import one_sided
from bonecast.trials.endpoints.negative_binomial import negative_binomial
from bonecast.trials.endpoints.survival import incidence
from bonecast.trials.endpoints.times import EVENT, Times, end_of, times

YEAR = 365.25
METHODS = ("cox", "kaplan-meier", "aalen-johansen", "poisson", "negative-binomial", "lwyy")


def compare(
    endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign, brief: bool = False
) -> list[EffectRow]:
    """Each arm against the reference: by the endpoint's method first, which decides, then by the others.

    "cox": hazard ratio, stratified by the strata of the lot. "kaplan-meier", "aalen-johansen": ratio of cumulative
    incidences, and their difference. "poisson", "negative-binomial": ratio of rates; "lwyy": that of all
    events of a person.
    """
    others, reference = arm_names(design)
    rows = []
    for arm in others:
        part = between(frame, arm, reference)
        treated = (part["arm"] == arm).to_numpy()
        seen, w = times(endpoint, part), weights(part)
        if endpoint.method == "cox" or not brief:
            rows.append(
                _cox(endpoint, seen, treated, stratum_columns(part, design.strata), w, arm, reference)
            )
        for method in METHODS[1:3]:
            if endpoint.method == method or not brief:
                rows += _incidences(endpoint, seen, treated, w, arm, reference, method)
        if endpoint.method == "lwyy" or not brief:
            rows += _repeats(endpoint, part, treated, stratum_columns(part, design.strata), w, arm, reference)
        if endpoint.method in METHODS[3:5] or not brief:
            rows.append(_rates(endpoint, part, seen, treated, w, arm, reference))
        if not brief:
            rows += mean_count(endpoint, part, treated, arm, reference)
    return sorted(rows, key=lambda row: not row.decisive)


def _cox(endpoint, seen, treated, strata, w, arm, reference) -> EffectRow:
    value, error = hazard_ratio(seen, treated, strata, w)
    return _ratio_row(endpoint, "hazard ratio", "cox", value, error, seen, treated, arm, reference)


def _incidences(endpoint, seen, treated, w, arm, reference, method) -> list[EffectRow]:
    """Ratio (log scale, which decides) and difference of the cumulative incidences at the end."""
    shares = []
    for who in (treated, ~treated):
        part = Times(seen.days[who], seen.how[who])
        shares.append(
            incidence(part, method == "aalen-johansen", None if w is None else w[who]).at(endpoint.day)
        )
    (a, ea), (b, eb) = shares
    if a > 0 and b > 0:
        log, error = math.log(a / b), math.hypot(ea / a, eb / b)
    else:
        log, error = math.nan, math.nan
    known = (f"ratio of {NAMES[method]}", method)
    first = _ratio_row(endpoint, *known, log, error, seen, treated, arm, reference, (a, b))
    difference, spread = a - b, math.hypot(ea, eb)
    half = float(stats.norm.ppf(1 - endpoint.alpha / 2)) * spread
    z = difference / spread if spread > 0 else math.nan
    second = EffectRow(
        endpoint.name, f"difference of {NAMES[method]}, % points", endpoint.visit, arm, reference, difference,
        difference - half, difference + half, 1 - endpoint.alpha, float(2 * stats.norm.sf(abs(z))), z, 0.0,
        int(treated.sum()), int((~treated).sum()), a, b, "cumulative incidence, %", method,
    )  # fmt: skip
    return [first, second]


NAMES = {
    "kaplan-meier": "cumulative incidences (Kaplan-Meier)",
    "aalen-johansen": "cumulative incidences, death competing (Aalen-Johansen)",
}


def _repeats(
    endpoint: TrialEndpoint, part: pl.DataFrame, treated, strata, w, arm, reference
) -> list[EffectRow]:
    """Ratio of rates of all events, where the outcomes hold those that came again."""
    name = f"{endpoint.quantity}_days"
    if name not in part.columns:
        return []
    end = end_of(endpoint, part)
    value, error = rate_ratio_of_repeats(part[name], end, treated, strata, w)
    seen = Times(end, np.where(part[name].list.len().fill_null(0).to_numpy() > 0, EVENT, 0))
    counts = part[name].list.eval(pl.element() <= endpoint.day).list.sum().fill_null(0).to_numpy()
    sums = tuple(
        float(100 * counts[who].sum() / max(end[who].sum() / YEAR, 1e-9)) for who in (treated, ~treated)
    )
    return [
        _ratio_row(
            endpoint, "ratio of rates, all events of a person", "lwyy", value, error, seen, treated, arm, reference,
            (sums[0], sums[1]), "events per 100 person-years",
        )
    ]  # fmt: skip


def _rates(endpoint, part: pl.DataFrame, seen: Times, treated, w, arm, reference) -> EffectRow:
    """Ratio of events per person-year: all events where they are counted ("vertebral_count"), else the first."""
    counted = f"{endpoint.quantity}_count"
    whole = endpoint.estimand == "treatment-policy" and counted in part.columns
    whole = whole and endpoint.day >= part["followed_d"].max()  # type: ignore[operator]
    if whole:
        count = part[counted].fill_null(0).to_numpy().astype(float)
        years = part["followed_d"].to_numpy() / YEAR
    else:
        count, years = (seen.how == EVENT).astype(float), seen.days / YEAR
    method = endpoint.method if endpoint.method in METHODS[3:5] else "poisson"
    value, error = rate_ratio(count, years, treated, w, method)
    sums = [
        float(100 * np.sum(count[who] * one) / max(np.sum(years[who] * one), 1e-9))
        for who in (treated, ~treated)
        for one in (1.0 if w is None else w[who],)
    ]
    name = "ratio of rates, all events" if whole else "ratio of rates, first events"
    return _ratio_row(
        endpoint, name, method, value, error, seen, treated, arm, reference, (sums[0], sums[1]),
        "events per 100 person-years",
    )  # fmt: skip


def rate_ratio(
    count: np.ndarray, years: np.ndarray, treated: np.ndarray, w: np.ndarray | None, method: str
) -> tuple[float, float]:
    """ln of the ratio of rates and its standard error: a log-linear model with person-years as exposure.

    "poisson" with the sandwich by person, so that several events of one person do not count as several people;
    "negative-binomial" with its dispersion fitted, Poisson's where that is zero.
    """
    known = years > 0
    count, years, treated = count[known], years[known], treated[known]
    w = np.ones(len(count)) if w is None else w[known]
    if min(count[treated].sum(), count[~treated].sum()) == 0:
        return math.nan, math.nan
    if method == "negative-binomial":
        found = negative_binomial(count, years, treated)
        if math.isfinite(found[1]):
            return found
        # no more spread than Poisson's: the dispersion lies at zero, where the two models are one
    rates, variance = [], 0.0
    for who in (treated, ~treated):
        c, y, here = count[who], years[who], w[who]
        rate = np.sum(here * c) / np.sum(here * y)
        # with an arm for each rate the log-linear fit and its sandwich can be written down
        variance += np.sum((here * (c - rate * y)) ** 2) / np.sum(here * c) ** 2
        rates.append(rate)
    return float(np.log(rates[0] / rates[1])), float(np.sqrt(variance))


def _ratio_row(
    endpoint: TrialEndpoint, measure: str, method: str, log: float, error: float, seen: Times, treated: np.ndarray,
    arm: str, reference: str, values: tuple[float, float] | None = None, shows: str = "cumulative incidence, %",
) -> EffectRow:  # fmt: skip
    level = 1 - endpoint.alpha * (2 if endpoint.margin else 1)
    half = float(stats.norm.ppf(0.5 + level / 2)) * error
    z = log / error if error > 0 else math.nan
    p = float(2 * stats.norm.sf(abs(z)))
    if endpoint.margin:
        p, z = one_sided(Estimate(log, error, math.inf), endpoint.margin, ratio=True)
    if values is None:
        counts = [float((seen.how[who] == EVENT).sum()) for who in (treated, ~treated)]
        values, shows = (counts[0], counts[1]), "people with the event"
    decisive = endpoint.method == method
    return EffectRow(
        endpoint.name, measure, endpoint.visit, arm, reference, _exp(log), _exp(log - half), _exp(log + half),
        level, p, z, 1.0, int(treated.sum()), int((~treated).sum()), *values, shows, method,
        decisive=decisive, success=bool(p < endpoint.alpha) if decisive else None,
    )  # fmt: skip


def _exp(x: float) -> float:
    return math.inf if x > 700 else math.exp(x)
