"""The probability of observations given predictions: normal or t errors, and values below a limit (M3).

    sd = sqrt(additive^2 + (proportional f)^2),    e = (y - f)/sd
    seen:   ln p(e) - ln sd          below the limit L:   ln P((L - f)/sd)

with its derivatives by the prediction and by the logarithms of both errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, log_ndtr, stdtr

from bonecast.fitting.predictions import Observed

LEAST_SD = 1e-9  # as a share of the size of what is observed
LOST = -1e8  # ln p of a row that could not be predicted


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
    fine = np.isfinite(f)
    if not fine.all():
        f = np.where(fine, f, 0.0)
    floor = LEAST_SD * max(float(np.abs(seen.value).max()), 1e-300)
    sd = np.maximum(np.sqrt(a * a + (b * f) ** 2), floor)
    e = (np.where(seen.below, seen.limit, seen.value)[:, None] - f) / sd
    nu = df[seen.output]
    log, weight = _standard(e, nu[:, None])
    below = np.nonzero(seen.below)
    under = e[below[0], :, below[1]], sd[below[0], :, below[1]], nu[below][:, None]
    density_under = log[below[0], :, below[1]]
    log -= np.log(sd)
    by_f = weight * e / sd
    by_sd = by_f * e - 1 / sd
    bend = np.broadcast_to(weight, e.shape) / (sd * sd)
    if len(below[0]):
        at, size, freedom = under
        with np.errstate(divide="ignore"):
            normal, other = (
                log_ndtr(at),
                np.log(np.maximum(stdtr(np.where(np.isinf(freedom), 1e3, freedom), at), 1e-300)),
            )
        cumulative = np.where(np.isinf(freedom), normal, other)
        hazard = np.exp(np.minimum(density_under - cumulative, 500.0))
        for part, values in (
            (log, cumulative),
            (by_f, -hazard / size),
            (by_sd, -hazard * at / size),
            (bend, hazard * (hazard + at) / size**2),
        ):
            part[below[0], :, below[1]] = values
    keep = seen.used[:, None] & fine
    log = np.where(keep, log, np.where(seen.used[:, None], LOST, 0.0))
    by_f, by_sd, bend = (np.where(keep, part, 0.0) for part in (by_f, by_sd, bend))
    share = by_sd / sd
    return RowDensity(
        log,
        by_f + share * (b * b) * f,
        share * (a * a),
        share * (b * f) ** 2,
        np.maximum(bend, 0.0) + np.where(keep, 2 * (b * b * f / (sd * sd)) ** 2, 0.0),
    )


def _standard(e: np.ndarray, nu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ln of the standard density at e, and by how much less than in a normal one an error weighs."""
    normal = -0.5 * e * e - 0.5 * np.log(2 * np.pi)
    if np.isinf(nu).all():
        return normal, np.ones((1, 1, 1))
    safe = np.where(np.isinf(nu), 1e3, nu)
    constant = gammaln((safe + 1) / 2) - gammaln(safe / 2) - 0.5 * np.log(safe * np.pi)
    log = np.where(np.isinf(nu), normal, constant - 0.5 * (safe + 1) * np.log1p(e * e / safe))
    return log, np.where(np.isinf(nu), 1.0, (safe + 1) / (safe + e * e))
