"""Cumulative incidence: Kaplan-Meier, and Aalen-Johansen where death competes; with the numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from bonecast.trials.endpoints.times import EVENT, Times


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence in % at its steps, beginning at day 0 with 0; ends of the 95 % interval."""

    day: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    error: np.ndarray

    def at(self, day: float) -> tuple[float, float]:
        """Share and standard error in % on a day."""
        i = int(np.searchsorted(self.day, day, side="right")) - 1
        return float(self.share[i]), float(self.error[i])


def incidence(
    seen: Times, competing: bool, weights: np.ndarray | None = None, alpha: float = 0.05
) -> Incidence:
    """The share that has had the event, day by day.

    competing : count death as an end of its own (Aalen-Johansen), not as the end of follow-up (1 - Kaplan-Meier).
    Intervals on the scale of log(-log); with weights the variance is that of Kish's effective number.
    """
    status = seen.how if competing else np.where(seen.how == EVENT, EVENT, 0)
    if not (status == EVENT).any():
        none = np.zeros(1)
        return Incidence(none, none, none, none, none)
    # One row for each day and way of ending, counted: people share their days, and a million are a few hundred rows.
    w = np.ones(len(status)) if weights is None else weights * (weights.sum() / np.sum(weights**2))
    keys, where = np.unique(seen.days + 1j * status, return_inverse=True)
    kinds, counts = np.column_stack([keys.real, keys.imag]), np.bincount(where, weights=w)
    day, share, error = _counted(kinds, counts)
    shown = np.r_[True, np.diff(share) > 0] & (share > 0)
    shown[-1] |= bool(share[-1] > 0)
    day, share, error = np.r_[0.0, day[shown]], np.r_[0.0, share[shown]], np.r_[0.0, error[shown]]
    low, high = _interval(share, error, alpha)
    return Incidence(day, 100 * share, 100 * low, 100 * high, 100 * error)


def _counted(kinds: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days, cumulative incidence by Aalen and Johansen, and its standard error, of counted rows (day, way of ending).

    Where no other end competes the incidence is one less Kaplan-Meier. The error is by the delta method (Marubini and
    Valsecchi 1995).
    """
    day, place = np.unique(kinds[:, 0], return_inverse=True)

    def per_day(rows: np.ndarray) -> np.ndarray:
        return np.bincount(place[rows], weights=counts[rows], minlength=len(day))

    ended, any_end, mine = (per_day(r) for r in (kinds[:, 0] >= 0, kinds[:, 1] > 0, kinds[:, 1] == EVENT))
    n = ended[::-1].cumsum()[::-1]
    alive = np.r_[1.0, np.cumprod(1 - any_end / n)[:-1]]
    share = np.cumsum(alive * mine / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(n > any_end, any_end / (n * (n - any_end)), 0.0)
    b = alive**2 * (n - mine) * mine / n**3
    c = alive * mine / n**2
    variance = share**2 * a.cumsum() - 2 * share * (share * a).cumsum() + (share**2 * a).cumsum() + b.cumsum()
    variance -= 2 * (share * c.cumsum() - (share * c).cumsum())
    return day, share, np.sqrt(np.maximum(variance, 0.0))


def _interval(share: np.ndarray, error: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    z = stats.norm.ppf(1 - alpha / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = 1 - share
        half = z * error / (rest * np.abs(np.log(rest)))
        low, high = 1 - rest ** np.exp(-half), 1 - rest ** np.exp(half)
    some = (share > 0) & (share < 1)
    return np.where(some, low, share), np.where(some, high, share)


def at_risk(seen: Times, days: np.ndarray) -> list[int]:
    """How many are followed and without the event at the beginning of each day."""
    order = np.sort(seen.days)
    return [int(len(order) - np.searchsorted(order, day, side="left")) for day in days]
