"""Interim looks: how much of alpha is spent by each, the boundaries that follow, and when a trial is given up."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import optimize, stats

REACH, STEP = 9.0, 0.01  # of the grid of z
SPENDING = ("obrien-fleming", "pocock")


def spent(alpha: float, fraction: float, spending: str = "obrien-fleming") -> float:
    """Two-sided alpha spent when this fraction of the information is in (Lan and DeMets 1983).

    "obrien-fleming": on each side 2 - 2 Phi(z / sqrt(fraction)), z such that alpha / 2 is spent at the end. "pocock":
    alpha ln(1 + (e - 1) fraction).

    >>> round(spent(0.05, 0.5), 4), round(spent(0.05, 0.5, "pocock"), 4), round(spent(0.05, 1.0), 4)
    (0.0031, 0.031, 0.05)
    """
    if spending == "pocock":
        return alpha * math.log1p((math.e - 1) * fraction)
    return float(4 * stats.norm.sf(stats.norm.isf(alpha / 4) / math.sqrt(fraction)))


def boundaries(
    alpha: float, fractions: Sequence[float], spending: str = "obrien-fleming"
) -> tuple[float, ...]:
    """The |z| to reach at each look so that exactly alpha is spent, whatever the number of looks.

    fractions : of the information at each look, rising to 1. The density of the score that has crossed nowhere is
    carried from look to look on a grid (Armitage, McPherson and Rowe 1969).

    >>> [round(z, 3) for z in boundaries(0.05, (0.5, 1.0))]
    [2.963, 1.969]
    >>> [round(z, 3) for z in boundaries(0.05, (0.5, 1.0), "pocock")]
    [2.157, 2.201]
    """
    grid = np.arange(-REACH, REACH + STEP / 2, STEP)
    found: list[float] = []
    density, was, used = np.empty(0), 0.0, 0.0
    for fraction in fractions:
        if not found:
            now = stats.norm.pdf(grid)
        else:
            # z at this look given z at the last: increments of the score are independent
            mean, sd = grid * math.sqrt(was / fraction), math.sqrt(1 - was / fraction)
            now = np.zeros_like(grid)
            for z, d in zip(mean[density > 1e-14], density[density > 1e-14], strict=True):
                now += d * STEP * stats.norm.pdf(grid, z, sd)
        share = spent(alpha, fraction, spending) - used
        found.append(_crossing(grid, now, share))
        density = np.where(np.abs(grid) < found[-1], now, 0.0)
        was, used = fraction, spent(alpha, fraction, spending)
    return tuple(found)


def conditional_power(z: float, fraction: float, needed: float) -> float:
    """The chance to reach z of `needed` at the end if the effect is as it looks at this fraction of the information.

    >>> round(conditional_power(1.0, 0.5, 1.96), 3), round(conditional_power(2.0, 0.5, 1.96), 3)
    (0.22, 0.89)
    """
    drift = z / math.sqrt(fraction)
    return float(
        stats.norm.sf((needed - z * math.sqrt(fraction) - drift * (1 - fraction)) / math.sqrt(1 - fraction))
    )


def _crossing(grid: np.ndarray, density: np.ndarray, share: float) -> float:
    tail = np.cumsum(density[::-1])[::-1] * STEP

    def beyond(z: float) -> float:
        # half a cell belongs to either side of its middle
        return 2 * float(np.interp(z, grid - STEP / 2, tail)) - share

    return float(optimize.bisect(beyond, 0.0, REACH - 1.0)) if share > 0 else math.inf  # type: ignore[arg-type]
