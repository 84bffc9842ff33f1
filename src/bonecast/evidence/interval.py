"""A figure of one arm, or of a contrast between two, with its 50 and 90 % intervals.

    variance = sampling of n persons + study effect + uncertain parameters + structural error of the model (its class)

Of BMD it adds to the figure; of markers it stands for the logarithm of the level (1 + change/100), of fractures and
exposure for the logarithm of the figure. The structural error of a class is itself an estimate, so that misses follow
a Student t with five degrees of freedom rather than a normal, scaled to its 90 % range; the 50 % range
is then 0.36 of it, not 0.41.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bonecast.errors import InputError
from bonecast.evidence.endpoint import t_score_site
from bonecast.evidence.probes import Reading
from bonecast.evidence.row import Row
from bonecast.evidence.row_class import row_class
from bonecast.evidence.study_effects import study_effect
from bonecast.evidence.tolerance import Z95, half_interval, t_per_point
from bonecast.models import Model, without_table

Scale = Literal["points", "log", "level"]
Z90 = 1.645
Z50 = Z90 * 0.727 / 2.015  # quantiles 0.75 and 0.95 of Student's t with 5 degrees of freedom
USUAL_N = 100  # persons in an arm of whom the row does not say how many there were (assumption)
WIDEST = 20.0  # of the logarithm: an interval wider than that says nothing more
LOWEST_LEVEL = 0.02  # of baseline: below it an assay does not see a marker
MEDIAN_OVER_MEAN = 1.2533  # standard error of a median over that of a mean, normal samples


@dataclass(frozen=True)
class Spread:
    """What makes a predicted figure uncertain, as SDs on one scale.

    Parameters
    ----------
    scale : str
        "points": of the figure. "log": of its logarithm. "level": of the logarithm of 1 + figure/100.
    sampling : float
        Of the persons of the arm.
    parameters : float
        Of the calibrated parameters.
    study : float
        Between trials of like persons.
    model : float
        Structural error of the model for the class of the row.
    unit : float
        What one unit of the class's structural error (a point of BMD, a logarithm) is on the scale.
    basis : str
        Where the structural error comes from; empty for endpoints that have none.
    """

    scale: Scale
    sampling: float
    parameters: float
    study: float
    model: float
    unit: float = 1.0
    basis: str = ""

    @property
    def sd(self) -> float:
        """All of it together."""
        return math.sqrt(self.sampling**2 + self.parameters**2 + self.study**2 + self.model**2)

    def interval(self, value: float, z: float = Z90) -> tuple[float, float]:
        """Compute the interval around a figure.

        Parameters
        ----------
        value : float
            The figure.
        z : float
            Half width in SDs.

        Returns
        -------
        tuple of (float, float)

        Examples
        --------
        >>> Spread("points", 3.0, 0.0, 4.0, 0.0).interval(10.0, 1.0)
        (5.0, 15.0)
        """
        half = min(z * self.sd, WIDEST)
        if self.scale == "points":
            return value - z * self.sd, value + z * self.sd
        if self.scale == "log":
            return value * math.exp(-half), value * math.exp(half)
        level = max(1 + value / 100, LOWEST_LEVEL)
        return 100 * (level * math.exp(-half) - 1), 100 * (level * math.exp(half) - 1)


def off_scale(scale: Scale, value: float) -> float:
    """Take a figure back from the scale on which errors add: the inverse of `on_scale`.

    Parameters
    ----------
    scale : str
        The scale.
    value : float
        Figure on the scale.

    Returns
    -------
    float
        The figure in its own unit.
    """
    if scale == "points":
        return value
    return math.exp(value) if scale == "log" else 100 * math.expm1(value)


def on_scale(scale: Scale, value: float) -> float:
    """Put a figure on the scale on which errors add.

    Parameters
    ----------
    scale : str
        The scale.
    value : float
        A figure.

    Returns
    -------
    float

    Examples
    --------
    >>> on_scale("level", -50.0) == on_scale("log", 0.5)
    True
    """
    if scale == "points":
        return value
    return math.log(max(value, 1e-9) if scale == "log" else max(1 + value / 100, LOWEST_LEVEL))


def figure_with_spread(
    row: Row,
    readings: Sequence[Reading],
    scale: Literal["points", "factor"],
    others: np.ndarray,
    model: Model | None = None,
) -> tuple[float, Spread]:
    """The row's figure and what makes it uncertain, from the reading of its plan and, for a contrast, its comparator.

    others : the figure with other sets of parameters that the calibration leaves possible; empty where the model has
    none. How far they lie apart is the uncertainty of the parameters. model : whose structural error; none if absent.
    """
    value = combined(row, readings)
    if not math.isfinite(value):
        raise InputError(
            "figure", "it is not a finite number (a comparator without events, or no level to read)"
        )
    n, printed = (row.n or USUAL_N) / len(readings), _printed_error(row)
    between = study_effect(row.endpoint, row.population)
    error, basis = structural_error(row, model)
    kind = row.endpoint_class
    if scale == "factor" and not row.is_difference:
        sampling = printed or math.hypot(*(_log_sampling(r, n) for r in readings))
        return value, Spread("log", sampling, _apart(_logs("log", others)), between.log, error, 1.0, basis)
    if scale == "factor":
        sampling = math.hypot(*(r.figure() * _log_sampling(r, n) for r in readings))
        size = max(abs(reading.figure()) for reading in readings)
        return value, Spread(
            "points", sampling, _apart(others), between.log * size, error * size, size, basis
        )
    sampling = math.hypot(*(_sampling(r, n) for r in readings))
    if kind != "marker":
        unit = _per_point(row) * readings[0].unit
        return value, Spread(
            "points", sampling, _apart(others), between.points * unit, error * unit, unit, basis
        )
    level = max(1 + readings[0].figure() / 100, LOWEST_LEVEL)  # of baseline
    if row.is_difference:
        return value, Spread(
            "points",
            sampling,
            _apart(others),
            100 * level * between.log,
            100 * level * error,
            100 * level,
            basis,
        )
    return value, Spread(
        "level", sampling / 100 / level, _apart(_logs("level", others)), between.log, error, 1.0, basis
    )


def _printed_error(row: Row) -> float:
    """Standard error of the logarithm of a ratio by its printed interval, where the row does not say how many it is of.

    Of pooled trials: their persons are many, and an arm of `USUAL_N` would leave hardly an event. 0 for other rows.
    """
    return 0.0 if row.n or not row.is_ratio else half_interval(row) / Z95


def structural_error(row: Row, model: Model | None) -> tuple[float, str]:
    """SD of the structural error of a model for the class of a row, and its basis; (0, "") where there is none."""
    of = row_class(row)
    if of is None or model is None:
        return 0.0, ""
    found = (model.discrepancy or without_table()).find(of.endpoint, of.drug, of.population, of.phase)
    return float(found.sd_at(min(max(of.months, FEWEST_MONTHS), MOST_MONTHS))), found.basis


FEWEST_MONTHS, MOST_MONTHS = 3.0, 60.0  # the error of a class does not go on changing outside these


def combined(row: Row, readings: Sequence[Reading]) -> float:
    """Combine the readings of the arms into the figure of a row's statistic.

    RR, GMR: regimen over comparator. HR: the ratio of cumulative hazards, -ln(1 - p). OR: the ratio of odds. The ratio
    of a marker is that of its levels.

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
    """Units of the endpoint in one point of BMD: 1 but for T-scores."""
    site = t_score_site(row.endpoint)
    return t_per_point(site) if site else 1.0


def _logs(scale: Scale, others: np.ndarray) -> np.ndarray:
    return np.array([on_scale(scale, x) if math.isfinite(x) else math.nan for x in others])


def _apart(others: np.ndarray) -> float:
    """SD of a figure between sets of parameters."""
    known = others[np.isfinite(others)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
