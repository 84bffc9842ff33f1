"""Time to threshold: when does a curve pass a limit? Person by person, with people for whom it never does.

Days are those of the curve's axis; a person whose curve stays within the limit has the day infinity.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from bonecast.regimens import History


@dataclass(frozen=True)
class TimeToThreshold:
    """When similar people pass a limit.

    Parameters
    ----------
    limit : float
        In the unit of what passes it.
    share : float
        Share (0 to 1) of people who pass it within the forecast.
    early, median, late : date or None
        By which date 5, 50 and 95 of 100 people have passed it; None where that is not within the forecast.
    """

    limit: float
    share: float
    early: dt.date | None
    median: dt.date | None
    late: dt.date | None


def time_to_threshold(days: np.ndarray, limit: float, history: History) -> TimeToThreshold:
    """Summarise the day on which each person passes a limit as dates.

    Parameters
    ----------
    days : ndarray
        [person], on the axis of the history; infinity for never.
    limit : float
        What is passed.
    history : History
        Gives the dates.

    Returns
    -------
    TimeToThreshold
    """
    early, median, late = (
        history.date(math.floor(day)) if math.isfinite(day) else None for day in quantiles_of_days(days)
    )
    return TimeToThreshold(limit, float(np.mean(np.isfinite(days))), early, median, late)


def first_above(curves: np.ndarray, days: np.ndarray, limit: float, from_day: float) -> np.ndarray:
    """Find the first day [person] on which a curve lies above a limit; infinity without one.

    Between two days the curve is a straight line.

    Parameters
    ----------
    curves : ndarray
        [person, day].
    days : ndarray
        Of the curves.
    limit : float
        In the unit of the curves.
    from_day : float
        Days before it do not count.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> days = np.array([0.0, 10.0, 20.0])
    >>> first_above(np.array([[0.0, 2.0, 4.0], [0.0, 0.0, 0.0]]), days, 3.0, 0.0).tolist()
    [15.0, inf]
    """
    at = days >= from_day
    days, over = days[at], curves[:, at] - limit
    if not len(days):
        return np.full(len(curves), np.inf)
    above = over > 0
    passed = above.any(axis=1)
    right = above.argmax(axis=1)
    left = np.maximum(right - 1, 0)
    who = np.arange(len(curves))
    low, high = over[who, left], over[who, right]
    # a curve that is above the limit on the first day has passed it then
    share = np.where(right > left, -low / np.where(right > left, high - low, 1.0), 0.0)
    return np.where(passed, days[left] + share * (days[right] - days[left]), np.inf)


def first_loss(curves: np.ndarray, days: np.ndarray, most: float, from_day: float) -> np.ndarray:
    """Find the first day [person] on which more than `most` % of a level is lost; infinity if never.

        loss = 100 (1 - (100 + c(t)) / (100 + c(from_day)))

    Parameters
    ----------
    curves : ndarray
        [person, day], % change since any one moment.
    days : ndarray
        Of the curves.
    most : float
        Loss, %.
    from_day : float
        The day whose level counts.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> first_loss(np.array([[0.0, -2.0, -4.0]]), np.array([0.0, 10.0, 20.0]), 3.0, 0.0).round(6).tolist()
    [15.0]
    """
    start = np.array([np.interp(from_day, days, curve) for curve in curves])
    lost = 100 * (1 - (100 + curves) / (100 + start[:, None]))
    return first_above(lost, days, most, from_day)


def quantiles_of_days(days: np.ndarray, shares: tuple[float, ...] = (0.05, 0.5, 0.95)) -> tuple[float, ...]:
    """Find the day by which these shares of people have passed; infinity where that many never do.

    Parameters
    ----------
    days : ndarray
        [person].
    shares : tuple of float
        0 to 1.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> quantiles_of_days(np.array([10.0, 20.0, np.inf, np.inf]), (0.25, 0.5, 0.95))
    (10.0, 20.0, inf)
    """
    # an order statistic, not an interpolation: nothing lies half-way to never
    return tuple(float(q) for q in np.quantile(days, shares, method="inverted_cdf"))
