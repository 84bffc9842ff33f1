"""A forecast number with its range over people: median, 90 % range and quartiles, as values or as dates."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from bonecast.regimens import History

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class QuantileRange:
    """One forecast number with its range over people, e.g. a change at 24 months.

    Parameters
    ----------
    median : float
        The middle value.
    low, high : float
        Ends of the 90 % range (p05 and p95).
    inner : tuple of float, optional
        The quartiles (p25 and p75).
    """

    median: float
    low: float
    high: float
    inner: tuple[float, float] | None = None


@dataclass(frozen=True)
class DateRange:
    """The date of an event over people.

    Parameters
    ----------
    early, median, late : date
        By which date 5, 50 and 95 of 100 people have had it.
    """

    early: dt.date
    median: dt.date
    late: dt.date


def range_of(values: np.ndarray) -> QuantileRange:
    """Summarise one value per person as a range.

    Parameters
    ----------
    values : ndarray
        [person].

    Returns
    -------
    QuantileRange

    Examples
    --------
    >>> range_of(np.arange(101.0)).median
    50.0
    """
    low, lower, middle, upper, high = (float(q) for q in np.quantile(values, LEVELS))
    return QuantileRange(middle, low, high, (lower, upper))


def quantiles_by_day(values: np.ndarray, *rising: np.ndarray) -> list[np.ndarray]:
    """Quantiles over people on each day, as `numpy.quantile` gives them, in two thirds of its time.

    Parameters
    ----------
    values : ndarray
        [person, day].
    *rising : ndarray
        Of the same shape; they rise where the first does, so that its order of people is theirs.

    Returns
    -------
    list of ndarray
        [level, day] for `LEVELS`, of each.

    Examples
    --------
    >>> x = np.arange(101.0)[:, None]
    >>> [found[:, 0].tolist() for found in quantiles_by_day(x, 2 * x)]
    [[5.0, 25.0, 50.0, 75.0, 95.0], [10.0, 50.0, 100.0, 150.0, 190.0]]
    """
    last = len(values) - 1
    below = [int(level * last) for level in LEVELS]
    side_by_side = np.ascontiguousarray(values.T)  # people of one day
    if not rising:
        in_order = np.sort(side_by_side, axis=1)
        return [_between([(in_order[:, at], in_order[:, min(at + 1, last)]) for at in below], below, last)]
    order, days = np.argsort(side_by_side, axis=1), np.arange(values.shape[1])
    return [
        _between(
            [(of[order[:, at], days], of[order[:, min(at + 1, last)], days]) for at in below], below, last
        )
        for of in (values, *rising)
    ]


def _between(ends: list[tuple[np.ndarray, np.ndarray]], below: list[int], last: int) -> np.ndarray:
    """The levels between their neighbours, as `numpy.quantile` interpolates."""
    rows = []
    for level, at, (a, b) in zip(LEVELS, below, ends, strict=True):
        share = level * last - at
        rows.append(a + (b - a) * share if share < 0.5 else b - (b - a) * (1 - share))
    return np.array(rows)


def date_range_of(history: History, days: np.ndarray) -> DateRange:
    """Summarise one day per person as a range of dates.

    Parameters
    ----------
    history : History
        Gives the dates.
    days : ndarray
        [person], on the axis of the history.

    Returns
    -------
    DateRange
    """
    early, median, late = (
        history.date(math.floor(day)) for day in np.quantile(days, (0.05, 0.5, 0.95), method="inverted_cdf")
    )
    return DateRange(early, median, late)
