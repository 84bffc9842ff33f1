"""The ratio of rates of events that come again: Lin, Wei, Yang and Ying (2000), with the sandwich by person."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

STEPS = 50


def rate_ratio_of_repeats(
    days: pl.Series,
    end: np.ndarray,
    treated: np.ndarray,
    strata: np.ndarray,
    weights: np.ndarray | None = None,
) -> tuple[float, float]:
    """ln of the ratio of rates and its robust standard error; NaN where an arm has no event.

    The partial likelihood of Andersen and Gill, ties after Breslow: who has had an event stays at risk to the end of
    follow-up. days : one list of event days for each person. strata : [person, column].

    >>> one = pl.Series([[10, 20], [15], [12], []])
    >>> ratio, error = rate_ratio_of_repeats(one, np.full(4, 30.0), np.array([1, 1, 0, 0], bool), np.empty((4, 0)))
    >>> round(math.exp(ratio), 6)
    3.0
    """
    w = np.ones(len(end)) if weights is None else weights
    person = np.repeat(np.arange(len(days)), days.list.len().fill_null(0).to_numpy())
    when = days.explode().drop_nulls().cast(pl.Float64).to_numpy()
    kept = when <= end[person]
    person, when = person[kept], when[kept]
    if min(treated[person].sum(), (~treated[person]).sum()) == 0:
        return math.nan, math.nan
    keys = (
        np.unique(strata, axis=0, return_inverse=True)[1].ravel() if strata.size else np.zeros(len(end), int)
    )
    parts = [_Stratum(when[keys[person] == k], person[keys[person] == k], end, keys == k, treated, w)
             for k in np.unique(keys[person])]  # fmt: skip
    b = 0.0
    for _ in range(STEPS):
        slope, information = (sum(x) for x in zip(*(one.slope(b) for one in parts), strict=True))
        if information <= 0:
            return math.nan, math.nan
        step = float(np.clip(slope / information, -2, 2))
        b += step
        if abs(step) < 1e-10:
            break
    squares = sum(float(np.sum(one.residuals(b) ** 2)) for one in parts)
    return b, math.sqrt(squares) / information


class _Stratum:
    """The days of events of one stratum, and who is at risk on each."""

    def __init__(self, when, person, end, here, treated, w) -> None:
        self.x, self.w, self.end = treated[here].astype(float), w[here], end[here]
        self.person = np.searchsorted(np.flatnonzero(here), person)
        self.day, self.place = np.unique(when, return_inverse=True)
        self.count = np.bincount(self.place, weights=self.w[self.person])
        self.n1, self.n0 = (self._at_risk(self.x == one) for one in (1.0, 0.0))

    def _at_risk(self, who: np.ndarray) -> np.ndarray:
        order = np.argsort(self.end[who])
        sums = np.r_[0.0, np.cumsum(self.w[who][order])]
        return sums[-1] - sums[np.searchsorted(self.end[who][order], self.day, side="left")]

    def slope(self, b: float) -> tuple[float, float]:
        """First derivative of the log likelihood, and the information."""
        share = self.n1 * math.exp(b) / (self.n1 * math.exp(b) + self.n0)
        seen = float(np.sum(self.w[self.person] * self.x[self.person]))
        return seen - float(np.sum(self.count * share)), float(np.sum(self.count * share * (1 - share)))

    def residuals(self, b: float) -> np.ndarray:
        """Each person's part of the slope."""
        risk = self.n1 * math.exp(b) + self.n0
        share, hazard = self.n1 * math.exp(b) / risk, self.count / risk
        upto = np.searchsorted(self.day, self.end, side="right")
        summed = np.r_[0.0, np.cumsum(hazard)][upto], np.r_[0.0, np.cumsum(hazard * share)][upto]
        slope = -np.exp(b * self.x) * (self.x * summed[0] - summed[1])
        slope += np.bincount(self.person, self.x[self.person] - share[self.place], minlength=len(self.x))
        return slope * self.w
