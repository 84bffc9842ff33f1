"""Errors of measurement in which a few values do not belong: a mixture of two normal distributions.

    p(r) = (1 - e) N(r; 0, sd) + e N(r; 0, k sd)          a value;  e, k in `measurement_parameters.toml`
    P(r) = (1 - e) Phi(r/sd)   + e Phi(r/(k sd))          a bound: the value lies below it

A wild value falls to the wide part, where it hardly pulls.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr

from bonecast.inference.measurement_parameters import value

_LOG_ROOT_2_PI = 0.5 * np.log(2 * np.pi)


def log_density(residual: np.ndarray, sd: np.ndarray | float) -> np.ndarray:
    """ln p(r), of residuals in the unit of sd.

    >>> log_density(np.array([0.0, 10.0]), 1.0).round(2).tolist()
    [-0.95, -7.23]
    """
    return np.logaddexp(*_parts(residual, sd))


def log_below(residual: np.ndarray, sd: np.ndarray | float) -> np.ndarray:
    """ln P(r), of bounds: residual is the bound less the prediction."""
    return np.logaddexp(*_parts_below(residual, sd))


def outlier_probability(residual: np.ndarray, sd: np.ndarray | float, below: bool = False) -> np.ndarray:
    """The chance that a value (or a bound) with this residual does not belong."""
    usual, wide = (_parts_below if below else _parts)(residual, sd)
    return np.exp(wide - np.logaddexp(usual, wide))


def _parts(residual: np.ndarray, sd: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    share, width = value("outlier_share"), value("outlier_width")
    z = residual / sd
    usual = np.log1p(-share) - 0.5 * z**2 - np.log(sd) - _LOG_ROOT_2_PI
    wide = np.log(share) - 0.5 * (z / width) ** 2 - np.log(width * sd) - _LOG_ROOT_2_PI
    return usual, wide


def _parts_below(residual: np.ndarray, sd: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    share, width = value("outlier_share"), value("outlier_width")
    return np.log1p(-share) + log_ndtr(residual / sd), np.log(share) + log_ndtr(residual / (width * sd))
