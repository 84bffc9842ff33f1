"""What is to be met: the rows of BMD and markers with a plan, and how near. `models.toml` says which for each model."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np

from bonecast.core import toml
from bonecast.errors import UnknownName
from bonecast.evidence import (
    Z95,
    Row,
    evidence_rows,
    half_interval,
    met_between,
    site_of,
    t_per_point,
    t_score_site,
)

FROM_MEMORY = 2.0**0.5  # of the SD of a row that was recalled and not read: it weighs half


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
        return robust(self.missed(figures))

    def missed(self, figures: np.ndarray) -> np.ndarray:
        """Misses of figures[..., row] in SDs; none where a row is met."""
        return np.where(self._met(figures), 0.0, (figures - self.published) / self.sd)

    def _met(self, figures: np.ndarray) -> np.ndarray:
        """Figures above a lower bound, and inside a printed range, are met."""
        low, high = np.array([met_between(row) or (np.nan, np.nan) for row in self.rows]).T
        return (figures >= low) & (figures <= high)


def robust(d: np.ndarray) -> np.ndarray:
    """Signed root of the loss 2 (sqrt(1 + d^2) - 1) of misses counted in SDs."""
    return np.sign(d) * np.sqrt(2 * (np.sqrt(1 + d**2) - 1))


@dataclass(frozen=True)
class CalibrationSetup:
    """What a model is calibrated to.

    Parameters
    ----------
    sets : tuple of str
        Sets of rows.
    people : int
        Virtual people in each arm.
    marker : float
        SD between trials of a marker, in points.
    between : dict
        SD between trials of BMD in points, by population and site.
    """

    sets: tuple[str, ...]
    people: int
    marker: float
    between: dict[str, dict[str, float]] = field(default_factory=dict)

    def sd(self, row: Row) -> float:
        """SD with which a row should be met: its own interval, or what lies between trials."""
        between = self.marker
        if row.endpoint_class == "BMD":
            sites = self.between.get(row.population, self.between["any"])
            between = sites.get(site_of(row.endpoint) or "any", sites["any"])
            site = t_score_site(row.endpoint)
            between *= t_per_point(site) if site else 1.0
        sd = max(between, half_interval(row) / Z95)
        return sd * (FROM_MEMORY if row.seen == "memory" else 1.0)


@cache
def setup_of(model: str) -> CalibrationSetup:
    """Read what a model is calibrated to.

    Parameters
    ----------
    model : str
        Library name.

    Returns
    -------
    CalibrationSetup

    Raises
    ------
    UnknownName
        If the model is not calibrated here.

    Examples
    --------
    >>> setup_of("bonecast-1").sets
    ('calibration',)
    """
    known = toml(files("bonecast.calibration") / "models.toml")
    if model not in known:
        raise UnknownName("calibration", "calibrated model", model, list(known))
    return CalibrationSetup(**{**known[model], "sets": tuple(known[model]["sets"])})


def targets(model: str = "bonecast-1") -> Targets:
    """Return the rows of the evidence table that decide the parameters of the body of a model.

    Parameters
    ----------
    model : str
        Library name.

    Returns
    -------
    Targets
        Rows, figures and SDs.
    """
    setup = setup_of(model)
    rows = tuple(
        row
        for row in evidence_rows(*setup.sets)
        if row.plan is not None
        and row.value is not None
        and row.endpoint_class in ("BMD", "marker")
        and "vBMD" not in row.endpoint
    )
    return Targets(
        rows,
        np.array([row.value for row in rows], np.float64),
        np.array([setup.sd(row) for row in rows]),
    )
