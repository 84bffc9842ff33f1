"""Figures of a person's course, made of the readings of a trial: areas under a level or an effect, and peaks.

An analysis has no curve. It has readings at visits, each on its own day and with its own error; some were missed.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from bonecast.trials.endpoints.endpoint import TrialEndpoint
from bonecast.trials.endpoints.frame import kept_by, values


def figure(endpoint: TrialEndpoint, frame: pl.DataFrame) -> np.ndarray:
    """The figure of each person, NaN where it cannot be had; taken from its column where the table has it already.

    auec : area under the effect, 100 (1 - v / v0), from day 0 to the last sample. auc : area under the level, 0 on day
    0. peak : the highest level, of a marker the largest effect. Areas are trapezoids over the days of the samples; a
    missed sample is bridged, but not the first reading of a marker nor the last sample.

    >>> area(np.array([[0.0, 14.0, 28.0]]), np.array([[0.0, np.nan, 75.0]])).tolist()
    [1050.0]
    """
    column = endpoint.column(endpoint.visit)
    if column in frame.columns:
        return values(frame, column)
    seen = [np.where(kept_by(endpoint, frame, v), values(frame, f"{endpoint.quantity}_{v}"), np.nan)
            for v in endpoint.samples]  # fmt: skip
    level = np.stack(seen, axis=1)
    days = np.stack([values(frame, f"day_{v}") for v in endpoint.samples], axis=1)
    if endpoint.effect:
        with np.errstate(divide="ignore", invalid="ignore"):
            level = 100 * (1 - level / level[:, :1])
    elif not endpoint.baseline:
        level = np.column_stack([np.zeros(len(level)), level])
        days = np.column_stack([np.zeros(len(days)), days])
    if endpoint.statistic == "peak":
        return np.where(np.isfinite(level).any(1), np.fmax.reduce(level, axis=1), np.nan)
    return area(days, level)


def area(days: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Trapezoids over the samples [person, sample] that are there; NaN without the first or the last of them."""
    total = np.zeros(len(level))
    day, at = days[:, 0].copy(), level[:, 0].copy()
    for k in range(1, level.shape[1]):
        there = np.isfinite(level[:, k])
        total += np.where(there, (days[:, k] - day) * (level[:, k] + at) / 2, 0.0)
        day, at = np.where(there, days[:, k], day), np.where(there, level[:, k], at)
    return np.where(np.isfinite(level[:, 0]) & np.isfinite(level[:, -1]), total, np.nan)


def with_figure(endpoint: TrialEndpoint, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with the endpoint's figure as a column, so that trials drawn from it need not make it again."""
    if not endpoint.of_course:
        return frame
    return frame.with_columns(
        pl.Series(endpoint.column(endpoint.visit), figure(endpoint, frame)).fill_nan(None)
    )
