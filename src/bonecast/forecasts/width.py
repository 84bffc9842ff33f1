"""How wide a forecast is, and why: the parts of the 90 % range of each endpoint.

    person       difference between people who would have been measured as this one was
    parameters   what the calibration leaves uncertain: the share of the variance that is linear in ln(parameter)
    model error  the discrepancy of the classes of treatment that lie ahead
    measurement  what the error of one measurement adds where a measured value is compared with the forecast

Each is half the width of the 90 % range that it would make alone; squares add up, about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.models import Discrepancy
from bonecast.outcomes import Endpoint
from bonecast.records import Measurement, observation_sd

MONTHS = (12, 24, 60)
Z90 = 1.645
PER_PARAMETER = 3  # draws: with fewer, a share of the variance cannot be distinguished from chance


@dataclass(frozen=True)
class Width:
    """The parts of one 90 % range.

    Parameters
    ----------
    strategy : str
        Its name.
    key : str
        Endpoint ("LS_BMD") or kind of fracture ("vertebral").
    months : int
        From now; 0 for the lowest calcium after the next dose.
    unit : str
        Of the widths: "points" (BMD, change from now), "mmol/L", or "%" of the level or the risk.
    total : float
        Half the width of the 90 % range of the forecast.
    person : float
        Difference between people; with `parameters` None, both together.
    parameters : float or None
        Uncertainty of the calibration; None where there are too few draws to tell, or none is taken.
    model : float
        Model error.
    measurement : float or None
        Error of one measurement, which is not in `total`; None for what is not measured.
    classes : tuple of Discrepancy
        The classes behind the model error, in order of time.
    """

    strategy: str
    key: str
    months: int
    unit: str
    total: float
    person: float
    parameters: float | None
    model: float
    measurement: float | None
    classes: tuple[Discrepancy, ...]

    @property
    def rows(self) -> int:
        """Published rows behind the class with the fewest."""
        return min((c.rows for c in self.classes), default=0)

    @property
    def studies(self) -> int:
        """Studies behind the class with the fewest rows."""
        return min(((c.rows, c.studies) for c in self.classes), default=(0, 0))[1]


@dataclass(frozen=True)
class Parts:
    """Tells the share of a variance that the calibrated parameters make. basis : orthonormal, [person, parameter]."""

    people: np.ndarray
    basis: np.ndarray | None

    @staticmethod
    def of(calibration: Mapping[str, np.ndarray], people: np.ndarray) -> Parts:
        """calibration : factors [person] of each parameter. people : who counts."""
        count = int(people.sum())
        if not calibration or count <= PER_PARAMETER * len(calibration):
            return Parts(people, None)
        logs = np.log(np.array([of[people] for of in calibration.values()])).T
        basis, _ = np.linalg.qr(logs - logs.mean(axis=0))
        return Parts(people, basis)

    def share(self, values: np.ndarray) -> float | None:
        """Adjusted share (0 to 1) of the variance of values [person] that is linear in ln(parameter)."""
        if self.basis is None:
            return None
        centred = values - values.mean()
        whole, (n, p) = float(centred @ centred), self.basis.shape
        if whole == 0:
            return 0.0
        explained = float(np.sum((self.basis.T @ centred) ** 2)) / whole
        return float(np.clip(1 - (1 - explained) * (n - 1) / (n - p - 1), 0.0, 1.0))

    def width(
        self,
        strategy: str,
        key: str,
        months: int,
        unit: str,
        exact: np.ndarray,
        shown: np.ndarray,
        measurement: float | None,
        classes: tuple[Discrepancy, ...],
    ) -> Width:
        """exact, shown : values [person] without and with the error of the model; for unit "%" they are logarithms."""
        exact, shown = exact[self.people], shown[self.people]
        low, high = np.quantile(shown, (0.05, 0.95))
        share = self.share(exact)
        own = Z90 * float(np.std(exact))
        sizes = (
            (high - low) / 2,
            own * np.sqrt(1 - (share or 0.0)),
            None if share is None else own * np.sqrt(share),
            Z90 * np.std(shown - exact),
            measurement,
        )
        scaled = (None if x is None else float(100 * np.expm1(x) if unit == "%" else x) for x in sizes)
        total, person, parameters, model, measured = scaled
        return Width(
            strategy,
            key,
            months,
            unit,
            total or 0.0,
            person or 0.0,
            parameters,
            model or 0.0,
            measured,
            classes,
        )


def half_error(of: Endpoint, level: float) -> float | None:
    """Half the 90 % range of one measurement: points of BMD, of the logarithm of a marker, mmol/L of calcium."""
    error = observation_sd(Measurement(of.test, of.site, level, of.unit, False, dt.date.min, ""))
    if error is None:
        return None
    if of.scale == "change":
        return Z90 * 100 * error.sd / level
    return Z90 * error.sd * (level if of.scale == "level" and error.scale == "log" else 1.0)
