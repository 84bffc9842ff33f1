"""Endpoints that are read: change of BMD, ratio of markers, areas and peaks, and their equivalence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from bonecast.trials.endpoints.clustered import CLUSTER, of_centres
from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign, arm_names, between, stratum_columns, weights
from bonecast.trials.endpoints.imputation import imputed_ancova
from bonecast.trials.endpoints.linear import Estimate, ancova
from bonecast.trials.endpoints.mmrm import mmrm
from bonecast.trials.endpoints.response import response


def compare(
    endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign, brief: bool = False
) -> list[EffectRow]:
    """Each arm against the reference at each visit, the visit of the endpoint last; with `brief` only that one.

    method "ancova" takes each visit by itself; "mmrm" all visits at once. Baseline and strata are in the model.
    """
    others, reference = arm_names(design)
    rows = []
    for arm in others:
        rows += _against(endpoint, between(frame, arm, reference), design, arm, reference, brief)
    return rows


def _against(
    endpoint: TrialEndpoint, part: pl.DataFrame, design: TrialDesign, arm: str, reference: str, brief: bool
) -> list[EffectRow]:
    treated = (part["arm"] == arm).to_numpy()
    strata, w = stratum_columns(part, design.strata), weights(part)
    repeated = endpoint.method == "mmrm"
    visits = endpoint.visits if repeated or not brief else (endpoint.visit,)
    seen = [response(endpoint, part, visit) for visit in visits]
    before = seen[-1].baseline
    beside = strata if before is None else np.column_stack([before, strata])
    if repeated:
        x = np.column_stack([np.ones(len(treated)), treated, *_centred(beside).T])
        found, _ = mmrm(np.column_stack([one.y for one in seen]), x, 1, endpoint.covariance, w)
    elif endpoint.method == CLUSTER:
        centre = part["centre"].to_numpy()
        found = tuple(of_centres(one.y, treated, beside, centre) for one in seen)
    elif endpoint.missing == "multiple-imputation":
        y = np.column_stack([response(endpoint, part, visit).y for visit in endpoint.visits])
        upto = [endpoint.visits.index(visit) + 1 for visit in visits]
        found = tuple(imputed_ancova(endpoint, y[:, :k], treated, beside, w) for k in upto)
    else:
        found = tuple(ancova(one.y, treated, beside, w)[0] for one in seen)
    rows = []
    for visit, one, estimate in zip(visits, seen, found, strict=True):
        if brief and visit != endpoint.visit:
            continue
        row = row_of(endpoint, visit, estimate, one.ratio, arm, reference)
        means = [_mean(one.y, who, w, one.ratio) for who in (treated, ~treated)]
        counts = [int(np.isfinite(one.y[who]).sum()) for who in (treated, ~treated)]
        rows.append(
            EffectRow(**row, n=counts[0], n_reference=counts[1], value=means[0], value_reference=means[1])
        )
    return rows


def row_of(
    endpoint: TrialEndpoint, visit: str, estimate: Estimate, ratio: bool, arm: str, reference: str
) -> dict[str, Any]:
    """What a row says of an estimate: its scale, interval, p and whether it succeeds."""
    last = visit == endpoint.visit
    level = 1 - endpoint.alpha * (2 if endpoint.margin else 1)
    low, high = estimate.interval(level)
    p, z = estimate.p, estimate.z()
    if endpoint.margin:
        p, z = one_sided(estimate, endpoint.margin, ratio)
    measure = "ratio of geometric means" if ratio else "difference, points"
    exp = math.exp if ratio else float
    return {
        "endpoint": endpoint.name,
        "measure": measure,
        "at": visit,
        "arm": arm,
        "reference": reference,
        "estimate": exp(estimate.value),
        "low": exp(low),
        "high": exp(high),
        "level": level,
        "p": p,
        "z": z,
        "null": 1.0 if ratio else 0.0,
        "shows": SHOWS[endpoint.statistic],
        "method": endpoint.method + TESTS[endpoint.objective],
        "decisive": last,
        "success": bool(p < endpoint.alpha) if last else None,
    }


SHOWS = {
    "change": "mean change, %",
    "reading": "geometric mean",
    "auec": "geometric mean of the area",
    "auc": "geometric mean of the area",
    "peak": "geometric mean of the peak",
}


TESTS = {
    "superiority": "",
    "non-inferiority": ", one-sided test against the margin",
    "equivalence": ", two one-sided tests",
}


def one_sided(estimate: Estimate, margin: tuple[float, float], ratio: bool) -> tuple[float, float]:
    """The larger of both one-sided p values, and the smaller of both z: is the difference inside the margin?

    A limit that is infinite (0 of a ratio) is never passed, which leaves the one test of non-inferiority.
    """
    low, high = (log_of(m) if ratio else m for m in margin)
    z = min(estimate.z(low), -estimate.z(high))
    return float(stats.t.sf(z, estimate.df)), z


def log_of(limit: float) -> float:
    """ln of a limit of a ratio; of 0 minus infinity."""
    return math.log(limit) if limit > 0 else -math.inf


def _centred(columns: np.ndarray) -> np.ndarray:
    """Covariates around their means in units of their spread, so that the likelihood is well scaled."""
    mean, sd = np.nanmean(columns, 0), np.nanstd(columns, 0)
    return ((columns - mean) / np.where(sd > 0, sd, 1.0))[:, sd > 0]


def _mean(y: np.ndarray, who: np.ndarray, w: np.ndarray | None, ratio: bool) -> float:
    known = who & np.isfinite(y)
    if not known.any():
        return math.nan
    mean = float(np.average(y[known], weights=None if w is None else w[known]))
    return math.exp(mean) if ratio else mean
