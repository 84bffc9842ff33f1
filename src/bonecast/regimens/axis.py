"""The days of a history and of a strategy on which curves are kept."""

from __future__ import annotations

import numpy as np

from bonecast.regimens.course import Dose
from bonecast.regimens.history import History
from bonecast.regimens.planned_strategy import PlannedStrategy
from bonecast.regimens.supported_doses import COURSE_INTERVAL_D


def is_single_dose(dose: Dose) -> bool:
    """Tell whether a dose is given at a long interval.

    Parameters
    ----------
    dose : Dose
        A dose.

    Returns
    -------
    bool
        True for a dose that a chart marks and a person can be late for.
    """
    return dose.cover_d == 0 or dose.cover_d > COURSE_INTERVAL_D


def history_days(history: History) -> np.ndarray:
    """Choose the whole days at which the past is shown.

    Parameters
    ----------
    history : History
        The past.

    Returns
    -------
    ndarray of float
        Weekly, every single dose, and daily in the last two weeks.
    """
    today = history.today_d
    marked = [round(d.time_d) for d in history.doses if is_single_dose(d)]
    days = {*range(0, today, 7), *marked, *range(max(0, today - 14), today + 1)}
    return np.array(sorted(d for d in days if 0 <= d <= today), np.float64)


def future_days(history: History, way: PlannedStrategy, horizon_d: float) -> np.ndarray:
    """Choose the whole days at which the future is shown.

    Parameters
    ----------
    history : History
        The past, whose axis counts.
    way : PlannedStrategy
        The strategy.
    horizon_d : float
        Days from today.

    Returns
    -------
    ndarray of float
        Weekly, every dose at a long interval, and daily around the next dose.
    """
    today, last = history.today_d, history.today_d + round(horizon_d)
    marked = [round(d.time_d) for d in way.doses if is_single_dose(d)]
    days = {*range(today, last, 7), last, *marked}
    if marked:
        days |= set(range(max(today, marked[0] - 14), marked[0] + 91))
    return np.array(sorted(d for d in days if today <= d <= last), np.float64)
