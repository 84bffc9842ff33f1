"""Profiles and ablations: what it costs to hold one parameter elsewhere, all others free to make up for it.

An ablation holds it where its mechanism does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bonecast.calibration.fit import CalibrationFit, Problem, fit

PROFILED = ("rW", "rU", "h", "d1", "fm", "eAt", "bTt", "kdz")
AWAY = 0.4  # of the logarithm: a third less, a half more
STEPS = 6
NOTHING = 1e-6
# What is left out, and the value of the parameter at which it is.
ABLATED = {
    "kG": ("fission: no fall of CTX within days", NOTHING),
    "rW": ("waiting cells", NOTHING),
    "rU": ("activation sites", NOTHING),
    "fm": ("modelling", NOTHING),
    "my": ("secondary mineralisation", 1.0),
    "h": ("mass feedback on resorption", NOTHING),
    "d1": ("deficit of a burst", NOTHING),
    "kap": ("reserve of the anabolic drugs", NOTHING),
    "kS": ("turnover by own BMD", NOTHING),
}


@dataclass(frozen=True)
class CostProfile:
    """One parameter held still at `value`: the rise of the cost, and the rows that are met worst for it."""

    name: str
    value: float
    rise: float
    worst: tuple[str, ...]


def profiles(asked: Problem, found: CalibrationFit) -> tuple[CostProfile, ...]:
    """How flat is the cost along the parameters that decide rebound, gain and persistence?"""
    made = []
    for name in PROFILED:
        for away in (-AWAY, AWAY):
            made.append(_held(asked, found, name, _found(found, name) * float(np.exp(away))))
            asked.progress(f"profile {name} = {made[-1].value:.3g}: cost {made[-1].rise:+.1f}")
    return tuple(made)


def ablations(asked: Problem, found: CalibrationFit) -> tuple[CostProfile, ...]:
    """What can the rest not take over, if one mechanism is left out?"""
    made = []
    for name, (_, value) in ABLATED.items():
        made.append(_held(asked, found, name, value))
        asked.progress(f"without {ABLATED[name][0].split(':')[0]}: cost {made[-1].rise:+.1f}")
    return tuple(made)


def _found(found: CalibrationFit, name: str) -> float:
    return float(found.values[found.names.index(name)])


def _held(asked: Problem, found: CalibrationFit, name: str, value: float) -> CostProfile:
    """The fit again with one parameter held at a value."""
    i = found.names.index(name)
    rest = tuple(n for n in asked.names if n != name)
    held = {name: value / asked.model.system.parameters[name]}
    quiet = replace(asked, names=rest, held=held, progress=lambda text: None)
    again = fit(quiet, np.log(np.delete(found.values, i) / np.delete(asked.priors, i)), STEPS)
    before, now = (asked.targets.residuals(f.figures) ** 2 for f in (found, again))
    own_prior = (np.log(found.values[i] / asked.priors[i]) / asked.prior_sd[i]) ** 2
    order = np.argsort(before - now)[:3]
    worst = tuple(asked.targets.rows[j].id for j in order if now[j] - before[j] > 0.5)
    return CostProfile(name, value, sum(again.costs) - (sum(found.costs) - own_prior), worst)
