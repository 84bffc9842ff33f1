"""One quantity's distribution over people: a normal or lognormal law, cut at both ends, each number keeping its rank.

normal      x = mean + sd z                             z a standard normal trait
lognormal   x = median exp(s z),   s^2 = ln(1 + cv^2)
cut         z' = Phi^-1(a + (b - a) Phi(z)),            a, b the law's chance below the lower and the upper end
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from bonecast.cohorts.baselines import BASELINES
from bonecast.core import sourced, toml

LAWS = ("normal", "lognormal")


@dataclass(frozen=True)
class Margin:
    """The distribution of one quantity over people.

    Parameters
    ----------
    name : str
    law : {"normal", "lognormal"}
    unit : str
    spread : float
        SD of a normal law, CV of a lognormal one.
    mark, source : str
        Evidence grade of the numbers, and where they come from.
    typical : float
        Mean of a normal law, median of a lognormal one, before it is cut.
    low, high : float
        Where it is cut.
    ages, means : tuple of float
        Where `typical` follows age instead, straight between these.
    """

    name: str
    law: str
    unit: str
    spread: float
    mark: str
    source: str
    typical: float = np.nan
    low: float = -np.inf
    high: float = np.inf
    ages: tuple[float, ...] = ()
    means: tuple[float, ...] = ()

    def at(self, z: np.ndarray, typical: np.ndarray | float | None = None) -> np.ndarray:
        """The values of persons whose standard normal trait is `z`; `typical` in place of the margin's own.

        >>> margins()["weight_women"].at(np.array([0.0])).round().tolist()
        [63.0]
        """
        centre = self.typical if typical is None else typical
        if self.law == "lognormal":
            low, high = np.log(max(self.low, 1e-300)), np.log(self.high)
            return np.exp(within(z, np.log(centre), log_sd(self.spread), low, high))
        return within(z, centre, self.spread, self.low, self.high)

    def typical_at(self, age: np.ndarray) -> np.ndarray | float:
        """The mean or median at an age."""
        return np.interp(age, self.ages, self.means) if self.ages else self.typical


@cache
def margins() -> dict[str, Margin]:
    """The distributions that every population has unless its preset says otherwise.

    Returns
    -------
    dict of str to Margin
        Of `margins.toml` and `baselines.py`, by quantity.
    """
    markers = {
        name: Margin(
            name, "lognormal", b.unit, float(np.sqrt(np.expm1(b.log_sd**2))), b.mark, b.source, b.median
        )
        for name, b in BASELINES.items()
    }
    rows = toml(files("bonecast.cohorts") / "margins.toml")
    return {name: margin_of(name, row) for name, row in rows.items()} | markers


def margin_of(name: str, row: Mapping[str, Any]) -> Margin:
    """A margin from its table; one without a known law, mark or source is our own fault (ValueError)."""
    if row["law"] not in LAWS:
        raise ValueError(f"margin {name}: a known law must be given")
    return sourced(row, Margin, f"margin {name}", name)


def log_sd(cv: float) -> float:
    """SD of the logarithm of a lognormal law of this CV."""
    return float(np.sqrt(np.log1p(cv**2)))


def within(z: np.ndarray, mean: np.ndarray | float, sd: float, low: float, high: float) -> np.ndarray:
    """Normal numbers around `mean`, cut at `low` and `high`; each keeps its rank."""
    first, last = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
    return mean + sd * ndtri(np.clip(first + (last - first) * ndtr(z), 1e-300, 1 - 1e-16))
