"""Multiple imputation of readings that are missing, and the shift at which a finding no longer holds."""

from __future__ import annotations

import math
import zlib
from dataclasses import replace

import numpy as np

from bonecast.trials.endpoints.endpoint import TrialEndpoint
from bonecast.trials.endpoints.linear import NONE, Estimate, ancova


def imputed_ancova(
    endpoint: TrialEndpoint,
    y: np.ndarray,
    treated: np.ndarray,
    beside: np.ndarray,
    weights: np.ndarray | None,
) -> Estimate:
    """The arm's coefficient at the last visit, of analyses of covariance of imputed data, put together by Rubin.

    y : [person, visit], NaN where missing. Degrees of freedom after Barnard and Rubin (1999). The numbers hang on the
    endpoint's name alone, so that the same data give the same estimate.
    """
    rng = np.random.default_rng(zlib.crc32(endpoint.name.encode()))
    usable = np.isfinite(beside).all(1)
    y, treated, beside = y[usable], treated[usable], beside[usable]
    weights = None if weights is None else weights[usable]
    if not np.isfinite(y[:, -1]).any():
        return NONE
    missing = ~np.isfinite(y[:, -1]) & treated
    found = []
    for _ in range(endpoint.imputations):
        last = completed(y, treated, beside, endpoint.imputation, rng)[:, -1]
        found.append(ancova(last + endpoint.delta * missing, treated, beside, weights)[0])
    return pooled(found)


def completed(
    y: np.ndarray, treated: np.ndarray, beside: np.ndarray, how: str, rng: np.random.Generator
) -> np.ndarray:
    """One data set without gaps: visit after visit, each arm by a Bayesian regression on its own past.

    "at-random": a missing value follows the regression of its own arm on baseline, strata and earlier visits.
    "jump-to-reference": after the last reading of a treated person the means are those of the reference arm; what the
    person had above or below the mean of her arm before is kept as the regression of the reference weighs it
    (Carpenter, Roger and Kenward 2013).
    """
    whole = y.copy()
    means = [np.nanmean(np.where(treated[:, None] == arm, y, np.nan), axis=0) for arm in (True, False)]
    ahead = np.isfinite(y)[:, ::-1].cumsum(1)[:, ::-1] == 0  # nothing is read from here on
    for k in range(y.shape[1]):
        for arm in (True, False):
            gap = ~np.isfinite(y[:, k]) & (treated == arm)
            jumps = gap & ahead[:, k] & arm & (how == "jump-to-reference")
            for who, donor in ((gap & ~jumps, arm), (jumps, False)):
                if not who.any():
                    continue
                past = whole[:, :k]
                if donor != arm:  # readings as they would lie around the reference's means
                    shift = means[0][:k] - means[1][:k]
                    past = past - np.where(ahead[:, :k] | (treated != arm)[:, None], 0.0, shift)
                x = np.column_stack([np.ones(len(y)), beside, past])
                seen = np.isfinite(y[:, k]) & (treated == donor)
                whole[who, k] = _drawn(y[seen, k], x[seen], x[who], rng)
    return whole


def _drawn(y: np.ndarray, x: np.ndarray, at: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Values at other rows from the posterior of a linear regression with a flat prior."""
    inverse = np.linalg.pinv(x.T @ x)
    b = inverse @ (x.T @ y)
    df = max(len(y) - int(np.linalg.matrix_rank(x)), 1)
    sigma = math.sqrt(float(np.sum((y - x @ b) ** 2)) / rng.chisquare(df))
    values, vectors = np.linalg.eigh(inverse)
    b = b + sigma * (vectors @ (np.sqrt(np.clip(values, 0, None)) * rng.standard_normal(len(values))))
    return at @ b + sigma * rng.standard_normal(len(at))


def pooled(found: list[Estimate]) -> Estimate:
    """Estimates of imputed data sets put together by Rubin's rules.

    >>> one = pooled([Estimate(1.0, 1.0, 100.0), Estimate(2.0, 1.0, 100.0)])
    >>> one.value, round(one.error, 3)
    (1.5, 1.323)
    """
    values = np.array([one.value for one in found])
    if not np.isfinite(values).all():
        return NONE
    m, within = len(found), float(np.mean([one.error**2 for one in found]))
    between = float(values.var(ddof=1)) if m > 1 else 0.0
    total = within + (1 + 1 / m) * between
    whole = found[0].df
    if between <= 0:
        return Estimate(float(values.mean()), math.sqrt(total), whole)
    share = (1 + 1 / m) * between / total
    old, seen = (m - 1) / share**2, (whole + 1) / (whole + 3) * whole * (1 - share)
    return Estimate(float(values.mean()), math.sqrt(total), old * seen / (old + seen))


def shifted(endpoint: TrialEndpoint, delta: float) -> TrialEndpoint:
    """The endpoint with imputed values of the treated moved by so much."""
    return replace(endpoint, missing="multiple-imputation", delta=delta)
