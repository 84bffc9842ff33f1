"""Axes: how far they reach and where their ticks stand, decided here so that all panels of a page agree."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from bonecast.charts.panel import Point, Series, X, along

DAYS_IN_YEAR = 365.25


def y_span(
    series: Iterable[Series], points: Iterable[Point], also: Iterable[float] = ()
) -> tuple[float, float]:
    """Measure from where to where values reach.

    Parameters
    ----------
    series : iterable of Series
        Curves with their ranges.
    points : iterable of Point
        Points with their errors.
    also : iterable of float
        Further values.

    Returns
    -------
    tuple of (float, float)
        Lowest and highest; 0 to 1 where there are none.

    Examples
    --------
    >>> y_span((), (Point(0.0, 2.0, 1.5, 2.5),), (3.0,))
    (1.5, 3.0)
    """
    values = [v for s in series if s.x for quantile in (s.quantiles[0], s.quantiles[-1]) for v in quantile]
    values += [v for p in points for v in (p.low, p.y, p.high) if v is not None]
    values += also
    finite = [v for v in values if math.isfinite(v)]
    return (min(finite), max(finite)) if finite else (0.0, 1.0)


def linear_domain(low: float, high: float) -> tuple[float, float]:
    """Widen a span to whole tick steps; it holds zero only where the values do.

    Parameters
    ----------
    low : float
        Lowest value.
    high : float
        Highest value.

    Returns
    -------
    tuple of (float, float)
        Both ends.

    Examples
    --------
    >>> linear_domain(2.07, 2.41)
    (2.0, 2.5)
    """
    step = _step(low, high)
    lowest, highest = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if lowest == highest:
        highest += 1
    return (round(lowest * step, 9), round(highest * step, 9))


def linear_ticks(low: float, high: float) -> list[float]:
    """List round numbers, about five.

    Parameters
    ----------
    low : float
        From.
    high : float
        To.

    Returns
    -------
    list of float

    Examples
    --------
    >>> linear_ticks(-5, 15)
    [-5.0, 0.0, 5.0, 10.0, 15.0]
    """
    step = _step(low, high)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 9) for i in range(first, last + 1)]


def log_domain(low: float, high: float) -> tuple[float, float]:
    """Widen a span to the nearest of 1, 2, 5, 10 and so on.

    Parameters
    ----------
    low : float
        Lowest value, above zero.
    high : float
        Highest value.

    Returns
    -------
    tuple of (float, float)
        Both ends.

    Examples
    --------
    >>> log_domain(0.03, 0.7)
    (0.02, 1.0)
    """
    high = max(high, 1e-9)
    low = max(low, high / 1e4)
    steps = _one_two_five(low / 10, high * 10)
    return (max(s for s in steps if s <= low * 1.000001), min(s for s in steps if s >= high / 1.000001))


def log_ticks(low: float, high: float) -> list[float]:
    """List 1, 2, 5, 10 and so on.

    Parameters
    ----------
    low : float
        From.
    high : float
        To.

    Returns
    -------
    list of float

    Examples
    --------
    >>> log_ticks(0.1, 2)
    [0.1, 0.2, 0.5, 1.0, 2.0]
    """
    return [s for s in _one_two_five(low, high) if low / 1.000001 <= s <= high * 1.000001]


def x_ticks(low: X, high: X, room: int) -> list[X]:
    """Choose ticks of an x axis: first days of years (of quarters in a short span), or round numbers.

    Parameters
    ----------
    low : X
        From.
    high : X
        To.
    room : int
        Most labels.

    Returns
    -------
    list of X

    Examples
    --------
    >>> [t.year for t in x_ticks(dt.date(2024, 6, 1), dt.date(2031, 9, 1), 4)]
    [2026, 2028, 2030]
    """
    if isinstance(low, dt.date) and isinstance(high, dt.date):
        return _dates(low, high, room)
    first, last = along(low), along(high)
    step = next(s for s in (1, 2, 5, 7, 14, 30, 90, 180, 365, 10**6) if (last - first) / s <= room)
    return [float(i * step) for i in range(math.ceil(first / step), math.floor(last / step) + 1)]


def _dates(low: dt.date, high: dt.date, room: int) -> list[X]:
    months = (high - low).days / DAYS_IN_YEAR * 12
    step = next(s for s in (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200) if months / s <= room)
    counts = range(low.year * 12, high.year * 12 + 12)
    firsts = [dt.date(n // 12, n % 12 + 1, 1) for n in counts if n % step == 0]
    return [first for first in firsts if low <= first <= high] or [low]


def _step(low: float, high: float) -> float:
    span = max(high - low, 1e-6)
    rough = 10.0 ** math.floor(math.log10(span / 4))
    return next(m * rough for m in (1, 2, 5, 10) if span / (m * rough) <= 5.001)


def _one_two_five(low: float, high: float) -> list[float]:
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{m}e{e}") for e in exponents for m in (1, 2, 5)]
