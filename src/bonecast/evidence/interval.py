"""A figure of one arm, or of a contrast between two, with its 90 % interval.

    variance = sampling of n persons + scatter between trials + uncertain parameters

Of BMD and markers it adds to the figure; of fractures and exposure it multiplies it, and stands for the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from bonecast.errors import InputError
from bonecast.evidence.endpoint import t_score_site
from bonecast.evidence.probes import Reading
from bonecast.evidence.row import Row
from bonecast.evidence.study_effects import study_effect
from bonecast.evidence.tolerance import t_per_point

Z90 = 1.645
USUAL_N = 100  # persons in an arm of whom the row does not say how many there were (assumption)
WIDEST = 20.0  # of the logarithm: an interval wider than that says nothing more
MEDIAN_OVER_MEAN = 1.2533  # standard error of a median over that of a mean, normal samples


def figure_with_interval(
    row: Row, readings: Sequence[Reading], scale: Literal["points", "factor"], others: np.ndarray
) -> tuple[float, float, float]:
    """The row's figure and its 90 % interval, from the reading of its plan and, for a contrast, its comparator.

    others : the figure with other sets of parameters that the calibration leaves possible; empty where the model has
    none. How far they lie apart is the uncertainty of the parameters.
    """
    value = combined(row, readings)
    if not math.isfinite(value):
        raise InputError(
            "figure", "it is not a finite number (a comparator without events, or no level to read)"
        )
    n = (row.n or USUAL_N) / len(readings)
    between = study_effect(row.endpoint, row.population)
    if scale == "factor" and not row.is_difference:
        variance = sum(_log_sampling(r, n) ** 2 for r in readings) + between.log**2
        variance += _apart(np.log(np.maximum(others, 1e-9)))
        wide = math.exp(min(Z90 * math.sqrt(variance), WIDEST))
        high = value * wide
        if readings[0].chance and not row.is_contrast:
            high = min(high, 100.0)
        return value, value / wide, high
    if scale == "factor":
        spread = [r.figure() * _log_sampling(r, n) for r in readings]
        variance = sum(s**2 for s in spread) + (between.log * value) ** 2
    else:
        variance = sum(_sampling(r, n) ** 2 for r in readings) + (between.points * _per_point(row)) ** 2
    variance += _apart(others)
    half = Z90 * math.sqrt(variance)
    return value, value - half, value + half


def combined(row: Row, readings: Sequence[Reading]) -> float:
    """Combine the readings of the arms into the figure of a row's statistic.

    RR, GMR: regimen over comparator. HR: the ratio of cumulative hazards, -ln(1 - p). OR: the ratio of odds.

    Parameters
    ----------
    row : Row
        The row.
    readings : sequence of Reading
        One for each arm.

    Returns
    -------
    float
        In the unit of the figure.
    """
    figures = [reading.figure() for reading in readings]
    if not row.is_contrast:
        return figures[0]
    plan, comparator = figures
    if row.is_difference:
        return plan - comparator
    if readings[0].chance and row.statistic in ("HR", "OR"):
        plan, comparator = ((_hazard if row.statistic == "HR" else _odds)(f / 100) for f in figures)
    return plan / comparator if comparator else math.nan


def _hazard(chance: float) -> float:
    return -math.log1p(-chance) if chance < 1 else math.inf


def _odds(chance: float) -> float:
    return chance / (1 - chance) if chance < 1 else math.inf


def _sampling(reading: Reading, n: float) -> float:
    """Standard error of a mean or median of n persons."""
    wide = MEDIAN_OVER_MEAN if reading.centre == "median" else 1.0
    return wide * float(np.nanstd(reading.samples)) / math.sqrt(n)


def _log_sampling(reading: Reading, n: float) -> float:
    """Standard error of the logarithm of a figure of n persons; of a count, by the number of events."""
    if reading.events is None:
        wide = MEDIAN_OVER_MEAN if reading.centre == "median" else 1.0
        return wide * float(np.nanstd(np.log(np.maximum(reading.samples, 1e-9)))) / math.sqrt(n)
    left = 1 - reading.figure() / 100 if reading.chance else 1.0
    return math.sqrt(max(left, 0.0) / (n * max(reading.events, 1e-9)))


def _per_point(row: Row) -> float:
    """Units of the endpoint in one point of BMD or of a marker: 1 but for T-scores."""
    site = t_score_site(row.endpoint)
    return t_per_point(site) if site else 1.0


def _apart(others: np.ndarray) -> float:
    """Variance of a figure between sets of parameters."""
    known = others[np.isfinite(others)]
    return float(np.var(known, ddof=1)) if len(known) > 1 else 0.0
