"""Anchoring: a model's relative curve put on the level of each person of the ensemble.

    change  (% of a value)           y(t) = y_s (100 + c(t)) / (100 + c(s)),     s a day on which y is known
    share   (% of before treatment)  y(t) = y_0 c(t) / 100,                      y_0 before treatment
    level   (additive or as a ratio) y(t) = c(t) + a  or  c(t) a

Where the levels come from is not known here.
"""

from __future__ import annotations

import numpy as np


def at_day(curves: np.ndarray, days: np.ndarray, day: float) -> np.ndarray:
    """Read each person's curve on one day; before the first day, the first value stands.

    Parameters
    ----------
    curves : ndarray
        [person, day].
    days : ndarray
        Of the curves.
    day : float
        On the same axis.

    Returns
    -------
    ndarray
    """
    right = int(np.clip(np.searchsorted(days, day), 1, len(days) - 1)) if len(days) > 1 else 0
    if right == 0:
        return curves[:, 0]
    left = right - 1
    share = float(np.clip((day - days[left]) / (days[right] - days[left]), 0.0, 1.0))
    return (1 - share) * curves[:, left] + share * curves[:, right]


def change_since(curves: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Change in % since the moment at which each person's curve had a value.

    Parameters
    ----------
    curves : ndarray
        [person, day], % change since any one moment.
    reference : ndarray
        Value [person] of the curve at the moment from which the change is counted.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> change_since(np.array([[0.0, 10.0]]), np.array([10.0])).round(2).tolist()
    [[-9.09, 0.0]]
    """
    return 100.0 * ((100.0 + curves) / (100.0 + reference[:, None]) - 1.0)


def share_of(curves: np.ndarray, level: np.ndarray) -> np.ndarray:
    """A marker in its usual unit: % of before treatment times each person's level before treatment."""
    return level[:, None] * curves / 100.0


def shifted_by(curves: np.ndarray, level: np.ndarray) -> np.ndarray:
    """A level moved by what this person's differs (calcium)."""
    return curves + level[:, None]


def scaled_by(curves: np.ndarray, level: np.ndarray) -> np.ndarray:
    """A level multiplied by what this person's differs (PTH)."""
    return curves * level[:, None]
