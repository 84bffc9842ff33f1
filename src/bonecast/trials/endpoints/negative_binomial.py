"""The ratio of two rates of events, whose number differs more between people than Poisson's law allows."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, polygamma


def negative_binomial(count: np.ndarray, years: np.ndarray, treated: np.ndarray) -> tuple[float, float]:
    """ln of the ratio of rates and its standard error, by the likelihood with a dispersion shared by both arms.

        count ~ NB(mean m, variance m + m² / k),  m = years exp(e), e the log rate of the person's arm

    The error is that of the observed information, in which k is unknown too. NaN where the counts spread no more than
    Poisson's law has it: the likelihood then has no top at a finite k.
    """
    rates = np.array([count[who].sum() / years[who].sum() for who in (~treated, treated)])
    mean = years * rates[treated.astype(int)]
    spread = float(
        np.sum((count - mean) ** 2 - count)
    )  # twice the slope of the likelihood in 1 / k, at 1 / k = 0
    if spread <= 0:
        return math.nan, math.nan
    start = [*np.log(rates), math.log(np.sum(mean**2) / spread)]
    law = _Likelihood(count, years, treated)
    found = minimize(
        law.loss, start, jac=law.slope, hess=law.bend, method="trust-exact", options={"gtol": 1e-10}
    )
    try:
        covariance = np.linalg.inv(law.bend(found.x)) / len(count)
    except np.linalg.LinAlgError:
        return math.nan, math.nan
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return float(found.x[1] - found.x[0]), math.sqrt(variance) if variance > 0 else math.nan


class _Likelihood:
    """Minus the mean log likelihood at (log rate of the others, of the treated, ln k), and its two derivatives."""

    def __init__(self, count: np.ndarray, years: np.ndarray, treated: np.ndarray) -> None:
        self.count, self.years, self.arm = count, years, treated.astype(int)

    def _at(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        return self.years * np.exp(x[self.arm]), math.exp(x[2])

    def _by_arm(self, terms: np.ndarray) -> np.ndarray:
        return np.bincount(self.arm, weights=terms, minlength=2) / len(terms)

    def loss(self, x: np.ndarray) -> float:
        m, k = self._at(x)
        y = self.count
        terms = gammaln(y + k) - gammaln(k) + k * math.log(k) - (k + y) * np.log(k + m) + y * np.log(m)
        return -float(terms.mean())

    def _slope_in_k(self, m: np.ndarray, k: float) -> float:
        y = self.count
        return float(
            np.mean(digamma(y + k) - digamma(k) + math.log(k) + 1 - np.log(k + m) - (k + y) / (k + m))
        )

    def slope(self, x: np.ndarray) -> np.ndarray:
        m, k = self._at(x)
        return -np.array([*self._by_arm(k * (self.count - m) / (k + m)), k * self._slope_in_k(m, k)])

    def bend(self, x: np.ndarray) -> np.ndarray:
        m, k = self._at(x)
        y = self.count
        rates = self._by_arm(k * m * (k + y) / (k + m) ** 2)
        mixed = -k * self._by_arm((y - m) * m / (k + m) ** 2)
        in_k = np.mean(polygamma(1, y + k) - polygamma(1, k) + 1 / k - 2 / (k + m) + (k + y) / (k + m) ** 2)
        corner = -(k * k * float(in_k) + k * self._slope_in_k(m, k))
        return np.array([[rates[0], 0.0, mixed[0]], [0.0, rates[1], mixed[1]], [mixed[0], mixed[1], corner]])
