"""The mixed model for repeated measures: all visits at once, each with its own effects, errors correlated by person.

With every effect of its own at every visit the model is a multivariate regression with values missing at random:
y_i = B' x_i + e_i, e_i ~ N(0, Sigma), of which a person shows the visits that were kept. The likelihood needs only sums
over people of the same pattern of visits, so a million people cost no more than a thousand once they are summed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from bonecast.trials.endpoints.linear import NONE, Estimate


@dataclass(frozen=True)
class Pattern:
    """Sums over the people who have the same visits: count, which visits, X'X, X'Y, Y'Y."""

    count: float
    seen: np.ndarray
    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray


def mmrm(
    y: np.ndarray,
    x: np.ndarray,
    effect: int,
    covariance: str = "unstructured",
    weights: np.ndarray | None = None,
) -> tuple[tuple[Estimate, ...], np.ndarray]:
    """The coefficient of column `effect` of x at each visit, and Sigma [visit, visit].

    y : [person, visit], NaN where missed; people with none are left out. covariance : "unstructured", or "ar1" with one
    standard deviation for each visit and correlation rho^|i - j|. Fitted by restricted maximum likelihood, with
    Satterthwaite's degrees of freedom; with weights the sandwich takes the place of the model's covariance.
    """
    usable = np.isfinite(y).any(1) & np.isfinite(x).all(1)
    y, x = y[usable], x[usable]
    weights = None if weights is None else weights[usable] / weights[usable].mean()
    visits, width = y.shape[1], x.shape[1]
    if len(y) < width + visits + 2 or not np.isfinite(y).sum(0).all():
        return (NONE,) * visits, np.full((visits, visits), math.nan)
    patterns = _patterns(y, x, weights)
    spread = np.sqrt(np.nanmean((y - np.nanmean(y, 0)) ** 2, 0))
    start = _start(visits, spread, covariance)

    def deviance(theta: np.ndarray) -> float:
        return _solved(patterns, _sigma(theta, visits, covariance), width)[2]

    found = optimize.minimize(deviance, start, method="BFGS", options={"gtol": 1e-5 * len(y) ** 0.5})
    sigma = _sigma(found.x, visits, covariance)
    beta, inverse, _ = _solved(patterns, sigma, width)
    if weights is not None:
        inverse = inverse @ _meat(y, x, weights, beta, sigma) @ inverse
    at = effect * visits + np.arange(visits)
    dfs = _satterthwaite(deviance, found.x, patterns, visits, width, covariance, at)
    return tuple(
        Estimate(float(beta[i]), float(np.sqrt(inverse[i, i])), df) for i, df in zip(at, dfs, strict=True)
    ), sigma


def _patterns(y: np.ndarray, x: np.ndarray, weights: np.ndarray | None) -> list[Pattern]:
    seen = np.isfinite(y)
    codes = seen @ (1 << np.arange(y.shape[1]))
    w = np.ones(len(y)) if weights is None else weights
    made = []
    for code in np.unique(codes):
        who = codes == code
        here = seen[who][0]
        xs, ys, ws = x[who], y[who][:, here], w[who][:, None]
        made.append(Pattern(float(ws.sum()), here, xs.T @ (ws * xs), xs.T @ (ws * ys), ys.T @ (ws * ys)))
    return made


def _start(visits: int, spread: np.ndarray, covariance: str) -> np.ndarray:
    if covariance == "ar1":
        return np.r_[np.log(spread), 0.5]
    root = np.linalg.cholesky(np.outer(spread, spread) * (0.5 + 0.5 * np.eye(visits)))
    lower = np.tril_indices(visits, -1)
    return np.r_[np.log(np.diag(root)), root[lower]]


def _sigma(theta: np.ndarray, visits: int, covariance: str) -> np.ndarray:
    sd = np.exp(np.clip(theta[:visits], -20, 20))
    if covariance == "ar1":
        steps = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
        return np.outer(sd, sd) * np.tanh(theta[visits]) ** steps
    root = np.diag(sd)
    root[np.tril_indices(visits, -1)] = theta[visits:]
    return root @ root.T


def _solved(patterns: list[Pattern], sigma: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray, float]:
    """beta [column x visit], inverse of the information, and minus twice the restricted log likelihood."""
    visits = len(sigma)
    information = np.zeros((width * visits, width * visits))
    score, whole = np.zeros(width * visits), 0.0
    for one in patterns:
        here = np.ix_(one.seen, one.seen)
        precision = np.linalg.inv(sigma[here])
        full = np.zeros((visits, visits))
        full[here] = precision
        information += np.kron(one.xx, full)
        part = np.zeros((width, visits))
        part[:, one.seen] = one.xy @ precision
        score += part.ravel()
        whole += one.count * np.linalg.slogdet(sigma[here])[1] + np.sum(precision * one.yy)
    inverse = np.linalg.inv(information)
    beta = inverse @ score
    whole += np.linalg.slogdet(information)[1] - score @ beta
    return beta, inverse, float(whole)


def _meat(y: np.ndarray, x: np.ndarray, w: np.ndarray, beta: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """The sum over people of the outer products of their weighted scores."""
    visits = len(sigma)
    rest = y - x @ beta.reshape(-1, visits)
    seen = np.isfinite(y)
    codes = seen @ (1 << np.arange(visits))
    pulled = np.zeros_like(y)
    for code in np.unique(codes):
        who = codes == code
        here = seen[who][0]
        pulled[np.ix_(who, here)] = rest[np.ix_(who, here)] @ np.linalg.inv(sigma[np.ix_(here, here)])
    scores = (x[:, :, None] * (w[:, None] * pulled)[:, None, :]).reshape(len(y), -1)
    return scores.T @ scores


def _satterthwaite(deviance, theta, patterns, visits, width, covariance, at) -> list[float]:
    """df = 2 v^2 / (g' A g): g the gradient of the variance v by theta, A the covariance of theta's estimate."""

    def variances(t: np.ndarray) -> np.ndarray:
        return np.diag(_solved(patterns, _sigma(t, visits, covariance), width)[1])[at]

    steps = np.eye(len(theta)) * 1e-3 * np.maximum(1.0, np.abs(theta))
    centre = deviance(theta)
    hessian = np.array(
        [
            [
                (
                    deviance(theta + a + b)
                    - deviance(theta + a - b)
                    - deviance(theta - a + b)
                    + deviance(theta - a - b)
                )
                / (4 * np.abs(a).max() * np.abs(b).max())
                if i != j
                else (deviance(theta + a) - 2 * centre + deviance(theta - a)) / np.abs(a).max() ** 2
                for j, b in enumerate(steps)
            ]
            for i, a in enumerate(steps)
        ]
    )
    spread = 2 * np.linalg.pinv(hessian)
    slopes = np.array([(variances(theta + s) - variances(theta - s)) / (2 * np.abs(s).max()) for s in steps])
    v, most = variances(theta), sum(one.count for one in patterns) - width
    noise = np.einsum("iv,ij,jv->v", slopes, spread, slopes)
    return [
        float(np.clip(2 * v[k] ** 2 / noise[k], 1.0, most)) if noise[k] > 0 else float(most)
        for k in range(len(at))
    ]
