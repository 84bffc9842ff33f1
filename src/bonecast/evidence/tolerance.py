"""The rule of a hit: how near a prediction must come to the published figure.

    hit: |prediction - published| <= max(half the published 95 % interval, noise floor)

A 90 % interval is widened by 1.96 / 1.645; standard deviations, quartiles and ranges are no confidence intervals. Of
rates, ratios and exposures the floor is a factor, and the interval of a ratio is halved on the log scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import table
from bonecast.evidence.endpoint import t_score_site
from bonecast.evidence.row import Row

Z95, Z90 = 1.96, 1.645
_WIDEN = {"95CI": 1.0, "90CI": Z95 / Z90}


NOISE = files("bonecast.evidence") / "noise.toml"


@dataclass(frozen=True)
class Floor:
    """The noise floor of a class of endpoints; one of `points` and `factor` is set.

    Parameters
    ----------
    mark : str
        Evidence grade.
    source : str
        Where it comes from.
    points : float, optional
        In the unit of the endpoint.
    factor : float, optional
        As a factor.
    """

    mark: str
    source: str
    points: float | None = None
    factor: float | None = None


@cache
def floors() -> dict[str, Floor]:
    """Return the noise floor of each class of endpoints.

    Returns
    -------
    dict of str to Floor
        Class to floor.

    Examples
    --------
    >>> floors()["BMD"].points, floors()["ratio"].factor
    (1.0, 1.5)
    """
    found = table(NOISE, Floor, "floor")
    if any((floor.points is None) == (floor.factor is None) for floor in found.values()):
        raise ValueError("noise.toml: each floor has either points or a factor")
    return found


@cache
def t_per_point(site: str) -> float:
    """Return the change of T-score per percentage point of BMD.

    Parameters
    ----------
    site : str
        "LS", "TH" or "FN".

    Returns
    -------
    float
        T-score per point.
    """
    return table(NOISE, dict, "t_per_point")[site]["value"]


def floor_of(row: Row) -> Floor:
    """The noise floor of one row; a class without one has a floor of no points.

    >>> floor_of(Row("a", "LS_Tscore_change")).points
    0.07
    """
    name = "ratio" if row.is_ratio else row.endpoint_class
    if name == "calcium" and not row.endpoint.endswith("_mmol_L"):
        name = "calcium_share"
    floor = floors().get(name, Floor("assumption", "this class has no floor", points=0.0))
    site = t_score_site(row.endpoint)
    if site is None or row.is_ratio or floor.points is None:
        return floor
    return Floor("derived", f"{floor.source}; in T-score units", points=floor.points * t_per_point(site))


def half_interval(row: Row) -> float:
    """Return half of the published 95 % interval.

    Parameters
    ----------
    row : Row
        The row.

    Returns
    -------
    float
        Of a ratio on the log scale; 0 where none was printed.

    Examples
    --------
    >>> round(half_interval(Row("a", "LS_BMD_pct", ci_low=8.2, ci_high=10.1, ci_type="95CI")), 2)
    0.95
    """
    widen = _WIDEN.get(row.ci_type)
    if widen is None or row.ci_low is None or row.ci_high is None or row.ci_high <= row.ci_low:
        return 0.0
    if not row.is_ratio:
        return widen * (row.ci_high - row.ci_low) / 2
    return widen * math.log(row.ci_high / row.ci_low) / 2 if row.ci_low > 0 else 0.0


def factor_between(first: float, second: float) -> float:
    """How many times is the larger of two figures the smaller? Infinite where either is not above zero.

    >>> factor_between(2.0, 3.0), factor_between(0.0, 3.0)
    (1.5, inf)
    """
    if min(first, second) <= 0:
        return 1.0 if first == second else math.inf
    return max(first / second, second / first)


def met_between(row: Row) -> tuple[float, float] | None:
    """Return the figures between which a row is met outright.

    A `lower_bound` is met by anything not below it; a printed range of the figure itself (statistic `range`, or
    `approx` with ci_type `range`) anywhere inside.

    Parameters
    ----------
    row : Row
        The row.

    Returns
    -------
    tuple of (float, float) or None
        Both ends; None where a value is to be met.

    Examples
    --------
    >>> met_between(Row("a", "CTX_pct", value=0.0, statistic="lower_bound"))
    (0.0, inf)
    """
    if row.statistic == "lower_bound" and row.value is not None:
        return row.value, math.inf
    printed = row.statistic == "range" or (row.statistic == "approx" and row.ci_type == "range")
    if not printed or row.ci_low is None or row.ci_high is None:
        return None
    return min(row.ci_low, row.ci_high), max(row.ci_low, row.ci_high)


def is_hit(row: Row, prediction: float) -> bool:
    """Tell whether a prediction meets the published value of a row.

    Anything inside `met_between` does; otherwise, but for a lower bound, half the published interval or the noise floor
    decides, whichever is larger.

    Parameters
    ----------
    row : Row
        The row.
    prediction : float
        In the unit of the figure.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_hit(Row("a", "LS_BMD_pct", value=9.2, ci_low=8.2, ci_high=10.1, ci_type="95CI"), 10.15)
    True
    """
    if row.value is None:
        raise ValueError(f"{row.id}: without a published value there is nothing to meet")
    met = met_between(row)
    if met is not None and met[0] <= prediction <= met[1]:
        return True
    if row.statistic == "lower_bound":
        return False
    floor, half = floor_of(row), half_interval(row)
    if floor.factor is None:
        return _within(abs(prediction - row.value), max(half, floor.points or 0.0))
    factor = factor_between(prediction, row.value)
    if _within(factor, floor.factor):
        return True
    if row.is_ratio:
        return math.isfinite(factor) and _within(math.log(factor), half)
    return _within(abs(prediction - row.value), half)


def _within(distance: float, bound: float) -> bool:
    """A figure on the bound is inside it, whatever the last binary digit says."""
    return distance <= bound * (1 + 1e-9)
