"""The probability of observations given predictions: normal or t errors, and values below a limit (M3).

    sd = sqrt(additive^2 + (proportional f)^2),    e = (y - f)/sd
    seen:   ln p(e) - ln sd          below the limit L:   ln P((L - f)/sd)

with its derivatives by the prediction and by the logarithms of both errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, stdtr
from scipy.special import gammaln

from bonecast.fitting.predictions import Observed

LEAST_SD = 1e-9  # as a share of the size of what is observed


@dataclass(frozen=True)
class RowDensity:
    """ln p, its derivatives by f and by ln(additive) and ln(proportional) of the row's output, and minus d2/df2."""

    log: np.ndarray
    by_prediction: np.ndarray
    by_additive: np.ndarray
    by_proportional: np.ndarray
    curvature: np.ndarray


def row_density(
    seen: Observed, f: np.ndarray, additive: np.ndarray, proportional: np.ndarray, df: np.ndarray
) -> RowDensity:
    """Of each row, for predictions f[person, k, row] and errors by output; df is infinite for normal errors."""
    a, b = additive[seen.output][:, None], proportional[seen.output][:, None]
    nu = df[seen.output][:, None]
    used, below = seen.used[:, None], seen.below[:, None]
    fine = np.isfinite(f)
    f = np.where(fine, f, 0.0)
    floor = LEAST_SD * max(float(np.abs(seen.value).max()), 1e-300)
    sd = np.maximum(np.hypot(a, b * f), floor)
    e = (np.where(below, seen.limit[:, None], seen.value[:, None]) - f) / sd
    normal = np.isinf(nu)
    safe = np.where(normal, 1e3, nu)
    weight = np.where(normal, 1.0, (safe + 1) / (safe + e * e))
    constant = gammaln((safe + 1) / 2) - gammaln(safe / 2) - 0.5 * np.log(safe * np.pi)
    log_t = constant - 0.5 * (safe + 1) * np.log1p(e * e / safe)
    log_p = np.where(normal, -0.5 * e * e - 0.5 * np.log(2 * np.pi), log_t)
    if below.any():
        with np.errstate(divide="ignore"):
            cumulative = np.where(normal, log_ndtr(e), np.log(np.maximum(stdtr(safe, e), 1e-300)))
        hazard = np.exp(np.minimum(log_p - cumulative, 500.0))
        log = np.where(below, cumulative, log_p - np.log(sd))
        by_f = np.where(below, -hazard / sd, weight * e / sd)
        by_sd = np.where(below, -hazard * e / sd, (weight * e * e - 1) / sd)
        bend = np.where(below, hazard * (hazard + e) / sd**2, weight / sd**2)
    else:
        log, by_f = log_p - np.log(sd), weight * e / sd
        by_sd, bend = (weight * e * e - 1) / sd, weight / sd**2
    keep = used & fine
    log = np.where(keep, log, np.where(used, -1e8, 0.0))
    by_f, by_sd, bend = (np.where(keep, part, 0.0) for part in (by_f, by_sd, bend))
    return RowDensity(
        log,
        by_f + by_sd * b * b * f / sd,
        by_sd * a * a / sd,
        by_sd * b * b * f * f / sd,
        np.maximum(bend, 0.0) + np.where(keep, 2 * (b * b * f / sd**2) ** 2, 0.0),
    )
