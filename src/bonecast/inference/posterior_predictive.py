"""Each measurement against the forecast: what was expected before and after, and whether it fits the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from bonecast.engine import normals
from bonecast.inference.measurement_likelihood import Levels, MeasurementLikelihood
from bonecast.inference.observations import Observation

SURPRISING = 0.005  # beyond what 99 % of people like this one would have
OUTLIER = 0.5  # more likely than not a value that does not belong
RECONCILED = 0.05  # without a conflicting measurement, an odd one is at least this ordinary
MOST_SUSPECTS = 40  # the nearest in time
EXTREME = 1e-6  # tails beyond it are not distinguished


@dataclass(frozen=True)
class PredictiveCheck:
    """Posterior predictive check of one measurement.

    Expected values are in the unit of the measurement, with its error.

    Parameters
    ----------
    observation : Observation
        The measurement.
    before : tuple of (float, float, float)
        5th, 50th and 95th percentile for similar people.
    after : tuple of (float, float, float)
        5th, 50th and 95th percentile for this person.
    tail : float
        Probability of a value as low or lower (of a bound: of lying below it), given all other measurements.
    z : float
        The same as a standard normal number.
    outlier_probability : float
        Probability that the value is an outlier.
    outlier : bool
        Whether it is named as one.
    against : Observation or None
        The measurement with which it conflicts most.
    """

    observation: Observation
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    tail: float
    z: float
    outlier_probability: float
    outlier: bool
    against: Observation | None

    @property
    def odd(self) -> bool:
        """Does it lie beyond what 99 % of people like this one, with the other values, would have?"""
        return self.tail < SURPRISING or (self.tail > 1 - SURPRISING and not self.observation.below)


@dataclass(frozen=True)
class MeasurementCheck:
    """Equally weighted people: their outputs on the days of the observations, and their levels."""

    curves: np.ndarray
    levels: Levels


def predictive_checks(
    evidence: MeasurementLikelihood, before: MeasurementCheck, after: MeasurementCheck, seed: int
) -> tuple[PredictiveCheck, ...]:
    """Compare every measurement with the people before and after all of them were known."""
    return tuple(_one(evidence, i, before, after, seed) for i in range(len(evidence.observations)))


def _one(
    evidence: MeasurementLikelihood, i: int, before: MeasurementCheck, after: MeasurementCheck, seed: int
) -> PredictiveCheck:
    o = evidence.observations[i]
    all_ = frozenset(range(len(evidence.observations)))
    tail = _tail(evidence, i, after, frozenset({i}))
    outlier_probability = float(np.mean(evidence.outlier_probability(i, after.curves, after.levels)))
    alone = o.scale == "absolute" and len(evidence.places(o.key)) == 1
    odd = (tail < SURPRISING or (tail > 1 - SURPRISING and not o.below)) and not alone
    return PredictiveCheck(
        o,
        _percentiles(evidence, i, before, all_, seed),
        _percentiles(evidence, i, after, frozenset(), seed),
        tail if not alone else 0.5,
        float(ndtri(tail)) if not alone else 0.0,
        outlier_probability,
        outlier_probability > OUTLIER or (odd and min(tail, 1 - tail) < SURPRISING / 10),
        _against(evidence, i, after) if odd else None,
    )


def _tail(evidence: MeasurementLikelihood, i: int, of: MeasurementCheck, without: frozenset[int]) -> float:
    """P(a value as low or lower | the others): people weighted by what they owe to the measurements left out.

    w ~ p(others)/p(all), cut at sqrt(N) times their mean, so that no one person decides.
    """
    logs = -evidence.share_of(without, of.curves, of.levels)
    weights = np.exp(logs - logs.max())
    weights = np.minimum(weights, np.sqrt(len(weights)) * weights.mean())
    mean, sd = evidence.predicted(i, of.curves, of.levels, without)
    below = ndtr((evidence.scaled(i) - mean) / sd)
    return float(np.clip(np.sum(weights * below) / weights.sum(), EXTREME, 1 - EXTREME))


def _against(evidence: MeasurementLikelihood, i: int, of: MeasurementCheck) -> Observation | None:
    """The one measurement without which this one would be ordinary; None where no single one explains it."""
    best, found = RECONCILED, None
    day = evidence.observations[i].day
    nearest = sorted(range(len(evidence.observations)), key=lambda j: abs(evidence.observations[j].day - day))
    for j in nearest[:MOST_SUSPECTS]:
        if j != i:
            other = evidence.observations[j]
            tail = _tail(evidence, i, of, frozenset({i, j}))
            ordinary = tail if evidence.observations[i].below else min(tail, 1 - tail)
            if ordinary > best:
                best, found = ordinary, other
    return found


def _percentiles(
    evidence: MeasurementLikelihood, i: int, of: MeasurementCheck, without: frozenset[int], seed: int
) -> tuple[float, float, float]:
    mean, sd = evidence.predicted(i, of.curves, of.levels, without)
    drawn = mean + sd * normals(seed, f"expected value {i}", 0, len(mean))
    if evidence.observations[i].scale == "log":
        drawn = np.exp(drawn)
    low, middle, high = np.quantile(drawn, (0.05, 0.5, 0.95))
    return float(low), float(middle), float(high)
