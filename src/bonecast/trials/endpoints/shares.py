"""Endpoints that a person has or has not: responders by BMD or marker, and hypocalcaemia by grade."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign, arm_names, kept_by, stop_day, values, weights
from bonecast.trials.endpoints.grades import grades
from bonecast.trials.endpoints.response import reading
from bonecast.trials.endpoints.two_shares import against_margin, two_shares


def responders(
    endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign, brief: bool = False
) -> list[EffectRow]:
    """Who gained at least the threshold in % of baseline (lost at least it, where it is below zero)?

    The risk difference with Newcombe's interval (score p) decides with method "difference", the ratio of risks with the
    score interval of Koopman with "ratio". missing "failure" counts whom nobody measured as no responder.
    """
    first = values(frame, f"{endpoint.quantity}_{endpoint.baseline}")
    change = 100 * (reading(endpoint, frame, endpoint.visit) / first - 1)
    threshold = endpoint.threshold or 0.0
    hit = (change >= threshold if threshold >= 0 else change <= threshold).astype(float)
    hit[np.isnan(change)] = 0.0 if endpoint.missing == "failure" else np.nan
    if endpoint.estimand == "composite":  # who stopped treatment has failed
        hit[stop_day(frame) < endpoint.day] = 0.0
    return _compared(endpoint, frame, design, hit, endpoint.visit, brief, decisive=True)


def calcium_grades(
    endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign, brief: bool = False
) -> list[EffectRow]:
    """How many fell to each grade of hypocalcaemia (CTCAE) or worse?

    It is the lowest of the readings up to the visit. The row of grade 2 decides, the first grade that has symptoms in
    its definition.
    """
    read = [
        np.where(kept_by(endpoint, frame, v), values(frame, f"calcium_{v}"), np.nan) for v in endpoint.visits
    ]
    low = np.fmin.reduce(read)
    rows = []
    for one in grades(endpoint.threshold):
        if brief and one.grade != 2:
            continue
        hit = np.where(np.isnan(low), np.nan, (low < one.below).astype(float))
        label = f"grade {one.grade} or worse, below {one.below:g} mmol/L"
        rows += _compared(endpoint, frame, design, hit, label, True, decisive=one.grade == 2)
    return rows


def _compared(
    endpoint: TrialEndpoint,
    frame: pl.DataFrame,
    design: TrialDesign,
    hit: np.ndarray,
    at: str,
    brief: bool,
    decisive: bool,
) -> list[EffectRow]:
    others, reference = arm_names(design)
    w, rows = weights(frame), []
    measures = ("ratio", "difference") if endpoint.method == "ratio" else ("difference", "ratio")
    for arm in others:
        (a, n), (b, m) = (
            _counted(hit, (frame["arm"] == name).to_numpy() & ~np.isnan(hit), w) for name in (arm, reference)
        )
        for i, measure in enumerate(measures[: 1 if brief else 2]):
            level = 1 - endpoint.alpha * (2 if endpoint.margin else 1)
            estimate, low, high, p, z = two_shares(a, n, b, m, measure, 1 - level)
            judged = decisive and i == 0
            if judged and endpoint.margin:
                p, z = against_margin(a, n, b, m, measure, endpoint.margin)
            row = EffectRow(
                endpoint.name, f"{TITLES[measure]}", at, arm, reference, estimate, low, high,
                level, p, z, 1.0 if measure == "ratio" else 0.0, round(n), round(m),
                100 * a / n if n else math.nan, 100 * b / m if m else math.nan, "people, %",
                METHODS[measure], decisive=judged, success=bool(p < endpoint.alpha) if judged else None,
            )  # fmt: skip
            rows.append(row)
    return rows


TITLES = {"difference": "difference, % points", "ratio": "ratio of risks"}
METHODS = {"difference": "Newcombe's interval, score test", "ratio": "score interval and test"}


def _counted(hit: np.ndarray, who: np.ndarray, w: np.ndarray | None) -> tuple[float, float]:
    """How many of how many; with weights as many as Kish's effective number of people."""
    if not who.any():
        return 0.0, 0.0
    if w is None:
        return float(hit[who].sum()), float(who.sum())
    n = w[who].sum() ** 2 / np.sum(w[who] ** 2)
    return float(n * np.average(hit[who], weights=w[who])), float(n)
