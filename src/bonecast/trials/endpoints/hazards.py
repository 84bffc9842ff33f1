"""The hazard ratio of two arms: Cox's partial likelihood with ties after Efron, within strata.

Two arms and days that people share need counts only: how many are at risk and how many have the event on each day. So
a fit takes a millisecond, and a million people no memory. People with weights are counted by weight, and the error is
then that of the sandwich.
"""

from __future__ import annotations

import math

import numpy as np

from bonecast.trials.endpoints.times import EVENT, Times

STEPS = 50


def hazard_ratio(
    seen: Times, treated: np.ndarray, strata: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float]:
    """ln of the hazard ratio and its standard error; NaN where an arm has no event. strata : [person, column].

        l(b) = sum over days of  w [b d1 - sum over k < d of ln((n1 - k d1 / d) e^b + n0 - k d0 / d)]

    n, d : at risk and with the event on the day, in the treated (1) and the others (0), d = d0 + d1. With weights n, d0
    and d1 in the logarithm are sums of weights, and w is the mean weight of those with the event (1 without weights).
    """
    event = seen.how == EVENT
    if min(event[treated].sum(), event[~treated].sum()) == 0:
        return math.nan, math.nan
    w = np.ones(len(event)) if weights is None else weights
    parts = np.zeros(len(event), np.int64)
    for column in strata.T:
        kinds, where = np.unique(column, return_inverse=True)
        parts = parts * len(kinds) + where
    groups = [parts == i for i in np.unique(parts)]
    terms = [_Terms(seen.days[who], event[who], treated[who], w[who]) for who in groups]
    n1, n0, weight = (
        np.concatenate([getattr(one, name) for one in terms]) for name in ("n1", "n0", "weight")
    )
    events, b = float(w[event & treated].sum()), 0.0
    for _ in range(STEPS):
        share = (
            n1 * math.exp(b) / (n1 * math.exp(b) + n0)
        )  # chance that the next event is of a treated person
        information = float(np.sum(weight * share * (1 - share)))
        if information <= 0:
            return math.nan, math.nan  # nobody of the other arm was at risk with anybody of this one
        step = float(np.clip((events - np.sum(weight * share)) / information, -2, 2))
        b += step
        if abs(step) < 1e-10:
            break
    if weights is None:
        return b, 1 / math.sqrt(information)
    squares = sum(float(np.sum((one.residuals(b)) ** 2)) for one in terms)
    return b, math.sqrt(squares) / information


class _Terms:
    """The likelihood of one stratum, one term for each event; of tied ones the k-th with its share taken off.

    n1, n0 : at risk, treated and others. weight : of the term.
    """

    def __init__(self, days: np.ndarray, event: np.ndarray, treated: np.ndarray, w: np.ndarray) -> None:
        self.days, self.event, self.treated, self.w = days, event, treated, w
        self.day, count = np.unique(days[event], return_counts=True)
        self.place = np.repeat(np.arange(len(self.day)), count)  # the day of each term
        self.off = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)) / count[self.place]
        self.count = count
        (self.n1, tied1), (self.n0, tied0) = self._at_risk(treated), self._at_risk(~treated)
        self.weight = ((tied1 + tied0) / count)[self.place]

    def _at_risk(self, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights at risk at each term, and of those with the event on each day."""
        order = np.argsort(self.days[who], kind="stable")
        sums = np.r_[0.0, np.cumsum(self.w[who][order])]
        risk = sums[-1] - sums[np.searchsorted(self.days[who][order], self.day, side="left")]
        mine = who & self.event
        place = np.searchsorted(self.day, self.days[mine])
        tied = np.bincount(place, weights=self.w[mine], minlength=len(self.day))
        return risk[self.place] - self.off * tied[self.place], tied

    def residuals(self, b: float) -> np.ndarray:
        """Each person's part of the slope of the likelihood, times the weight (Lin and Wei 1989, ties after Efron)."""
        risk = self.n1 * math.exp(b) + self.n0
        share = self.n1 * math.exp(b) / risk
        hazard = self.weight / risk
        x, size = self.treated.astype(float), len(self.day)
        upto = np.searchsorted(self.day, self.days, side="right")
        mine = upto[self.event] - 1

        def summed(terms: np.ndarray) -> np.ndarray:
            """Over the days that a person is at risk; who has the event has it with the share taken off."""
            found = np.r_[0.0, np.cumsum(np.bincount(self.place, weights=terms, minlength=size))][upto]
            found[self.event] -= np.bincount(self.place, weights=self.off * terms, minlength=size)[mine]
            return found

        slope = -np.exp(b * x) * (x * summed(hazard) - summed(hazard * share))
        mean = np.bincount(self.place, weights=share, minlength=size) / self.count
        slope[self.event] += x[self.event] - mean[mine]
        return slope * self.w
