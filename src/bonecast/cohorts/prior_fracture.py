"""The chance of a fracture before, from age and T-score.

    logit P = level + a (age - 72) - ln(g) T

a and g are those of the fracture relation (rise of the rate a year; rate ratio per SD of the T-score: spine for
vertebral, femoral neck for nonvertebral fractures), taken for odds. The level is set so that the population has its
share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import root_scalar
from scipy.special import expit

from bonecast.outcomes import fracture_parameters


@dataclass(frozen=True)
class Chance:
    """How the odds go: per year of age, and (ln) per SD of the T-score in column `t_score`; `level` is the rest."""

    age: float
    t_score: str
    gradient: float
    level: float = 0.0

    def of(self, people: Mapping[str, np.ndarray]) -> np.ndarray:
        """The chance of each person."""
        years = people["age"] - fracture_parameters()["reference_age"]
        return expit(self.level + self.age * years - self.gradient * people[self.t_score])


def vertebral() -> Chance:
    """A vertebral fracture on film."""
    p = fracture_parameters()
    return Chance(p["vertebral_age"], "LS_T_score", float(np.log(p["vertebral_gradient"])))


def nonvertebral() -> Chance:
    """A nonvertebral fragility fracture."""
    p = fracture_parameters()
    return Chance(p["nonvertebral_age"], "FN_T_score", float(np.log(p["nonvertebral_gradient"])))


def fitted(chance: Chance, share: float, people: Mapping[str, np.ndarray]) -> Chance:
    """The same chance at the level at which this share of these people has had the fracture.

    >>> made = fitted(vertebral(), 0.23, {"age": np.array([60.0, 80]), "LS_T_score": np.array([-3.0, -2])})
    >>> round(float(made.of({"age": np.array([60.0, 80]), "LS_T_score": np.array([-3.0, -2])}).mean()), 6)
    0.23
    """

    def missed(level: float) -> float:
        return float(np.mean(replace(chance, level=level).of(people))) - share

    return replace(chance, level=root_scalar(missed, bracket=(-60.0, 60.0), xtol=1e-12).root)
