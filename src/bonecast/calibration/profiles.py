"""Profiles: what it costs to hold one parameter elsewhere, all others free to make up for it.

From the stored derivatives of the rows: figures are straight lines in the logarithms of the parameters, and only the
loss is not. So a profile says how sharply the rows decide a number nearby, and not what happens far away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.calibration.fit import GaussNewton

PROFILED = ("rW", "rU", "h", "d1", "fm", "eAt", "bTt", "kdz")
AWAY = 0.4  # of the logarithm: a third less, a half more
STEPS = 12
NAMED = 3


@dataclass(frozen=True)
class CostProfile:
    """One parameter held still at `value`: the rise of the cost, and the rows that are met worst for it."""

    name: str
    value: float
    rise: float
    worst: tuple[str, ...]


def profiles(search: GaussNewton, names: tuple[str, ...] = PROFILED) -> tuple[CostProfile, ...]:
    """Hold each of some parameters a third lower and a half higher.

    Parameters
    ----------
    search : GaussNewton
        Near the optimum, where ln(factor) is zero, with the derivatives there.
    names : tuple of str
        Which parameters; those that decide rebound, gain and persistence by default.

    Returns
    -------
    tuple of CostProfile
        The prior of the parameter that is held does not count, so that a rise can be below zero: its prior alone holds
        it back.
    """
    best = _fitted(search, np.ones(len(search.x), bool), search.x)
    known = [name for name in names if name in search.asked.names]
    return tuple(_held(search, best, name, away) for name in known for away in (-AWAY, AWAY))


def _held(search: GaussNewton, best: np.ndarray, name: str, away: float) -> CostProfile:
    """The cost with one parameter so far away, all others fitted again."""
    asked, i = search.asked, search.asked.names.index(name)
    others = np.arange(len(best)) != i
    x = _fitted(search, others, np.where(others, best, best[i] + away))
    before, after = (asked.targets.residuals(_figures(search, at)) ** 2 for at in (best, x))
    prior = [(((asked.zero + at) / asked.prior_sd) ** 2)[others].sum() for at in (best, x)]
    worst = np.argsort(before - after)[:NAMED]
    return CostProfile(
        name,
        float(asked.cards[i] * np.exp(x[i])),
        float(after.sum() - before.sum() + prior[1] - prior[0]),
        tuple(asked.targets.rows[j].id for j in worst),
    )


def _figures(search: GaussNewton, x: np.ndarray) -> np.ndarray:
    """Figures of the rows on straight lines."""
    return search.figures + search.by_log @ x


def _fitted(search: GaussNewton, free: np.ndarray, start: np.ndarray) -> np.ndarray:
    """ln(factor) of all parameters, the free ones where they meet the rows best."""
    again, x = GaussNewton(search.asked, search.figures, search.by_log), start.copy()
    prior = search.asked.prior_sd[free]
    for _ in range(STEPS):
        again.figures = _figures(search, x)
        slopes = again.slopes[:, free]
        slope = slopes.T @ again.residuals + (search.asked.zero + x)[free] / prior**2
        x[free] -= np.linalg.solve(slopes.T @ slopes + np.diag(prior**-2), slope)
    return x
