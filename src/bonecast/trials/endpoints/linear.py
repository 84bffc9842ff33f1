"""Least squares, and the analysis of covariance: arm, baseline and strata in one linear model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Estimate:
    """A coefficient with its standard error and degrees of freedom; NaN where it could not be had."""

    value: float
    error: float
    df: float

    def interval(self, level: float) -> tuple[float, float]:
        """The interval of this level, such as 0.95."""
        half = float(stats.t.ppf(0.5 + level / 2, self.df)) * self.error
        return self.value - half, self.value + half

    def z(self, null: float = 0.0) -> float:
        """How many standard errors from the null."""
        return (self.value - null) / self.error if self.error > 0 else math.nan

    @property
    def p(self) -> float:
        """Two-sided p of no difference."""
        return float(2 * stats.t.sf(abs(self.z()), self.df))


NONE = Estimate(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Fit:
    """Coefficients, their standard errors, the degrees of freedom that are left, and the squares that are left."""

    values: np.ndarray
    errors: np.ndarray
    df: int
    squares: float

    def __getitem__(self, i: int) -> Estimate:
        return Estimate(float(self.values[i]), float(self.errors[i]), self.df)


def least_squares(y: np.ndarray, x: np.ndarray, weights: np.ndarray | None = None) -> Fit:
    """y = x b, x : [person, column]. With weights of people the errors are robust ones (HC1).

    >>> fit = least_squares(np.array([1.0, 2.0, 4.0, 5.0]), np.column_stack([np.ones(4), [0, 0, 1, 1]]))
    >>> fit.values.round(6).tolist(), fit.df, round(float(fit.errors[1]), 4)
    ([1.5, 3.0], 2, 0.7071)
    """
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    x, y = x * root[:, None], y * root
    inverse = np.linalg.pinv(x)
    values = inverse @ y
    left = y - x @ values
    df = len(y) - int(np.linalg.matrix_rank(x))
    squares = float(left @ left)
    if weights is None:
        variances = squares / df * np.sum(inverse**2, axis=1)
    else:
        variances = len(y) / df * (inverse**2 @ left**2)
    return Fit(values, np.sqrt(variances), df, squares)


def ancova(
    y: np.ndarray, treated: np.ndarray, beside: np.ndarray, weights: np.ndarray | None = None
) -> tuple[Estimate, int]:
    """The arm's coefficient in y = a + b treated + c beside, and the people in it.

    beside : covariates [person, column]. A row with anything unknown is left out. With weights the fit is weighted and
    its covariance the heteroskedasticity-robust one (HC1), since weights are of people and not of precision.
    """
    x = np.column_stack([np.ones(len(y)), treated, beside])
    whole = np.isfinite(y) & np.isfinite(x).all(1)
    x, y = x[whole], y[whole]
    varied = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(x.shape[1], bool)
    if len(x) <= x.shape[1] + 1 or not varied[1]:
        return NONE, len(x)
    x = x[:, varied | (np.arange(x.shape[1]) == 0)]
    fit = least_squares(y, x, None if weights is None else weights[whole])
    return fit[1], len(x)
