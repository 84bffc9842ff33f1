"""The analysis of covariance: arm, baseline and strata in one linear model."""

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


def ancova(
    y: np.ndarray, treated: np.ndarray, beside: np.ndarray, weights: np.ndarray | None = None
) -> tuple[Estimate, int]:
    """The arm's coefficient in y = a + b treated + c beside, and the people in it.

    beside : covariates [person, column]. A row with anything unknown is left out. With weights the fit is weighted and
    its covariance the heteroskedasticity-robust one (HC1), since weights are of people and not of precision.
    """
    import statsmodels.api as sm

    x = np.column_stack([np.ones(len(y)), treated, beside])
    whole = np.isfinite(y) & np.isfinite(x).all(1)
    x, y = x[whole], y[whole]
    varied = np.ptp(x, axis=0) > 0 if len(x) else np.zeros(x.shape[1], bool)
    if len(x) <= x.shape[1] + 1 or not varied[1]:
        return NONE, len(x)
    x = x[:, varied | (np.arange(x.shape[1]) == 0)]
    if weights is None:
        fit = sm.OLS(y, x).fit()
    else:
        fit = sm.WLS(y, x, weights=weights[whole]).fit(cov_type="HC1", use_t=True)  # type: ignore[arg-type]
    return Estimate(float(fit.params[1]), float(fit.bse[1]), float(fit.df_resid)), len(x)
