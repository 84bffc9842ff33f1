"""The mean cumulative count: how many events a person has had by a day, on average, where they can come again."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import weights
from bonecast.trials.endpoints.times import end_of


def mean_count(
    endpoint: TrialEndpoint, part: pl.DataFrame, treated: np.ndarray, arm: str, reference: str
) -> list[EffectRow]:
    """Ratio of mean counts at the day of the endpoint; nothing where the outcomes hold first events only."""
    name = f"{endpoint.quantity}_days"
    if name not in part.columns:
        return []
    end = end_of(endpoint, part)
    w = weights(part)
    found = []
    for who in (treated, ~treated):
        count, error = counted(part[name].filter(pl.Series(who)), end[who], None if w is None else w[who])
        found.append((count, error))
    (a, ea), (b, eb) = found
    log, error = (math.log(a / b), math.hypot(ea / a, eb / b)) if a > 0 and b > 0 else (math.nan, math.nan)
    half = float(stats.norm.ppf(1 - endpoint.alpha / 2)) * error
    z = log / error if error > 0 else math.nan
    row = EffectRow(
        endpoint.name, "ratio of mean cumulative counts", endpoint.visit, arm, reference, math.exp(log),
        math.exp(log - half), math.exp(log + half), 1 - endpoint.alpha, float(2 * stats.norm.sf(abs(z))), z, 1.0,
        int(treated.sum()), int((~treated).sum()), a, b, "events for each person", "Nelson-Aalen, Lawless-Nadeau",
    )  # fmt: skip
    return [row]


def counted(days: pl.Series, end: np.ndarray, weights: np.ndarray | None = None) -> tuple[float, float]:
    """Mean cumulative count at the end of follow-up and its standard error robust to repeats (Lawless and Nadeau 1995).

    days : one list of event days for each person. M = sum over days of dN / Y.

    >>> counted(pl.Series([[10, 20], [], [15]]), np.array([30.0, 30.0, 30.0]))[0]
    1.0
    """
    w = np.ones(len(end)) if weights is None else weights
    person = np.repeat(np.arange(len(days)), days.list.len().fill_null(0).to_numpy())
    when = days.explode().drop_nulls().cast(pl.Float64).to_numpy()
    kept = when <= end[person]
    person, when = person[kept], when[kept]
    if not len(when):
        return 0.0, 0.0
    day, where = np.unique(when, return_inverse=True)
    order = np.argsort(end)
    risk = np.r_[0.0, np.cumsum(w[order][::-1])][::-1][np.searchsorted(end[order], day, side="left")]
    steps = np.bincount(where, weights=w[person]) / risk
    own = np.bincount(person, weights=1 / risk[where], minlength=len(end))
    expected = np.r_[0.0, np.cumsum(steps / risk)][np.searchsorted(day, end, side="right")]
    return float(steps.sum()), float(np.sqrt(np.sum((w * (own - expected)) ** 2)))
