"""What is to be met: the rows of BMD and markers with a plan, and how near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.evidence import (
    Z95,
    Row,
    calibration_rows,
    half_interval,
    met_between,
    t_per_point,
    t_score_site,
)

# SD of the difference between one trial and another like it, beside its own sampling: points of BMD, of markers.
# Rows from memory weigh half as much (SD times the square root of two).
BMD_POINTS, MARKER_POINTS = 0.45, 5.0
FROM_MEMORY = 2.0**0.5


@dataclass(frozen=True)
class Targets:
    """Rows of the evidence table to be met.

    Parameters
    ----------
    rows : tuple of Row
        The rows.
    published : ndarray
        Figure of each row.
    sd : ndarray
        SD with which it should be met.
    """

    rows: tuple[Row, ...]
    published: np.ndarray
    sd: np.ndarray

    def residuals(self, figures: np.ndarray) -> np.ndarray:
        """Signed root of the robust loss of figures[..., row]: squares of it are summed.

            d = (figure - published)/sd;   loss = 2 (sqrt(1 + d^2) - 1)

        A miss by many SDs pulls in proportion, not with its square. A lower bound does not pull from above.
        """
        d = (figures - self.published) / self.sd
        d = np.where(self._met(figures), 0.0, d)
        return robust(d)

    def _met(self, figures: np.ndarray) -> np.ndarray:
        """Figures above a lower bound, and inside a printed range, are met."""
        low, high = np.array([met_between(row) or (np.nan, np.nan) for row in self.rows]).T
        return (figures >= low) & (figures <= high)


def robust(d: np.ndarray) -> np.ndarray:
    """Signed root of the loss 2 (sqrt(1 + d^2) - 1) of misses counted in SDs."""
    return np.sign(d) * np.sqrt(2 * (np.sqrt(1 + d**2) - 1))


def targets() -> Targets:
    """Return the rows of the evidence table that decide the parameters of the body.

    Returns
    -------
    Targets
        Rows, figures and SDs.
    """
    rows = tuple(
        row
        for row in calibration_rows()
        if row.plan is not None and row.endpoint_class in ("BMD", "marker") and "vBMD" not in row.endpoint
    )
    return Targets(
        rows, np.array([row.value for row in rows], np.float64), np.array([_sd(row) for row in rows])
    )


def _sd(row: Row) -> float:
    site = t_score_site(row.endpoint)
    floor = BMD_POINTS if row.endpoint_class == "BMD" else MARKER_POINTS
    if site:
        floor *= t_per_point(site)
    sd = max(floor, half_interval(row) / Z95)
    return sd * (FROM_MEMORY if row.seen == "memory" else 1.0)
