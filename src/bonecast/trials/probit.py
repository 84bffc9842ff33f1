"""A line in the normal quantile of a share: how the power of a trial grows with the root of its size."""

from __future__ import annotations

import numpy as np
from scipy import stats

STEPS = 100
EDGE = 1e-12  # no fitted share nearer to 0 or 1


def probit_line(x: np.ndarray, hits: np.ndarray, tries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a and b of share = Phi(a + b x) by the likelihood of the hits among the tries, and their covariance.

    Fisher's scoring. The covariance is not finite where the data do not determine the line.

    >>> line, covariance = probit_line(np.array([0.0, 1.0]), np.array([50.0, 84.134]), np.array([100.0, 100.0]))
    >>> bool(np.allclose(line, [0, 1], atol=1e-3)), bool(np.all(np.diag(covariance) > 0))
    (True, True)
    """
    design = np.column_stack([np.ones(len(x)), x])
    share = (hits + 0.5) / (tries + 1)
    reached, line = stats.norm.ppf(share), np.zeros(2)
    for _ in range(STEPS):
        share = np.clip(stats.norm.cdf(reached), EDGE, 1 - EDGE)
        density = stats.norm.pdf(reached)
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = tries * density**2 / (share * (1 - share))
            target = reached + (hits / tries - share) / density
        used = weight > 0
        left = design[used] * weight[used, None]
        information = left.T @ design[used]
        if np.linalg.matrix_rank(information) < 2:
            return line, np.full((2, 2), np.inf)
        before, line = line, np.linalg.solve(information, left.T @ target[used])
        reached = design @ line
        if np.allclose(line, before, rtol=1e-10, atol=1e-12):
            break
    return line, np.linalg.inv(information)
