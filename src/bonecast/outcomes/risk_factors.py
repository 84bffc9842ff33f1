"""Facts that raise the risk of fracture at the same bone density, each a row with its source: `risk_factors.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bonecast.core import EVIDENCE_GRADES, rows

_AGES = (50.0, 85.0)


@dataclass(frozen=True)
class RiskFactor:
    """Relative risk of one kind of fracture with a fact, against without it.

    Parameters
    ----------
    factor : str
        "fall", "diabetes" or "glucocorticoid".
    kind : str
        "vertebral", "hip" or "nonvertebral".
    sex : str
        "female", "male" or "both".
    at_50, at_85 : float
        At these ages; its logarithm is straight between them, and held beyond.
    share : float
        People of the population with the fact, by which its mean effect is taken out of the rates.
    mark, source : str
        Of the relative risk.
    share_mark, share_source : str
        Of the share.
    """

    factor: str
    kind: str
    sex: str
    at_50: float
    at_85: float
    share: float
    mark: str
    source: str
    share_mark: str
    share_source: str

    def against_population(self, present: bool, age: np.ndarray | float) -> np.ndarray:
        """Risk with or without the fact, against the mean of the population.

        Parameters
        ----------
        present : bool
            With it.
        age : ndarray or float
            Years.

        Returns
        -------
        ndarray
        """
        relative = np.exp(np.interp(age, _AGES, np.log((self.at_50, self.at_85))))
        return (relative if present else 1.0) / (1 + self.share * (relative - 1))


@cache
def risk_factors() -> tuple[RiskFactor, ...]:
    """List the rows of the table.

    Returns
    -------
    tuple of RiskFactor

    Examples
    --------
    >>> sorted({row.factor for row in risk_factors()})
    ['diabetes', 'fall', 'glucocorticoid']
    """
    found = rows(files("bonecast.outcomes") / "risk_factors.csv", dict)
    return tuple(_factor(row, place) for place, row in enumerate(found, start=1))


def find_factor(factor: str, kind: str, sex: str) -> RiskFactor:
    """Find the row of a fact, a kind of fracture and a sex.

    Parameters
    ----------
    factor, kind, sex : str
        As in the table.

    Returns
    -------
    RiskFactor
    """
    return next(
        row
        for row in risk_factors()
        if row.factor == factor and row.kind == kind and row.sex in (sex, "both")
    )


def _factor(row: dict[str, str], place: int) -> RiskFactor:
    if row["share_mark"] not in EVIDENCE_GRADES or not row["share_source"]:
        raise ValueError(f"risk_factors.csv, row {place}: the share needs a known mark and a source")
    numbers: dict[str, Any] = {key: float(row[key]) for key in ("at_50", "at_85", "share")}
    return RiskFactor(**{**row, **numbers})
