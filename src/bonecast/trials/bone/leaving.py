"""Who leaves a trial, when and why: dropout and death, each person's own day of each."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr

from bonecast.regimens import DAYS_IN
from bonecast.trials.bone.adherence import Stream, adherence_table

YEAR_D = DAYS_IN["years"]


def dropout_day(hazards: tuple[float, float], stream: Stream) -> np.ndarray:
    """The day on which each person is lost, infinite for most; hazards per year in the first year and later.

        H(t) = h1 min(t, 1) + h2 max(t - 1, 0) = E,     E exponential

    >>> dropout_day((0.5, 0.1), lambda name: np.zeros(1)).round().tolist()
    [1071.0]
    """
    first, later = hazards
    hits = -log_ndtr(stream("dropout"))
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(hits < first, hits / first, 1.0 + (hits - first) / later)
    return np.where(np.isnan(years), np.inf, years) * YEAR_D


def death_day(relative: float, age: np.ndarray, female: np.ndarray, stream: Stream) -> np.ndarray:
    """The day of each person's death; `relative` is the mortality over that of the same age and sex, 0 for nobody.

    h(t) = a exp(b t),   t = ln(1 + b E / a) / b,     E exponential
    """
    if not relative:
        return np.full(len(age), np.inf)
    table = adherence_table()["mortality"]
    b = table["per_year_of_age"]
    a = relative * table["at_70"] * np.exp(b * (age - 70.0)) * np.where(female > 0, 1.0, table["men"])
    return np.log1p(b * -log_ndtr(stream("death")) / a) / b * YEAR_D
