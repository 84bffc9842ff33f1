"""Two shares, such as 15 of 34 against 6 of 34: difference and ratio, with their intervals and the score test."""

from __future__ import annotations

import math

from scipy import stats
from scipy.optimize import brentq


def two_shares(
    a: float, n: float, b: float, m: float, measure: str, alpha: float
) -> tuple[float, float, float, float, float]:
    """a of n against b of m: estimate, low, high, p and z; the difference in % points, or the ratio.

    Difference: Newcombe's interval, of two Wilson intervals (Stat Med 1998; 17: 873, method 10). Ratio: the interval
    that the score test does not reject (Koopman, Biometrics 1984; 40: 513). The test of no difference is the score test
    with the variance of Miettinen and Nurminen (Stat Med 1985; 4: 213). Counts may be effective ones.

    >>> [round(x, 1) for x in two_shares(15, 34, 6, 34, "difference", 0.05)][:3]
    [26.5, 4.5, 45.3]
    """
    nan = math.nan
    if min(n, m) == 0 or a + b == 0 or a + b == n + m:
        return (100 * (a / n - b / m) if min(n, m) else nan), nan, nan, (1.0 if min(n, m) else nan), 0.0
    z = _score(a, n, b, m, 1.0)
    p = float(2 * stats.norm.sf(abs(z)))
    if measure == "difference":
        low, high = newcombe(a, n, b, m, alpha)
        return 100 * (a / n - b / m), 100 * low, 100 * high, p, z
    if b == 0 or a == 0:
        return (math.inf if b == 0 else 0.0), nan, nan, p, z
    return (a / n) / (b / m), *koopman(a, n, b, m, alpha), p, z


def against_margin(
    a: float, n: float, b: float, m: float, measure: str, margin: tuple[float, float]
) -> tuple[float, float]:
    """p and z of the one-sided tests against the limits of a difference (% points) or a ratio, the worse of both.

    p is the level at which the end of the interval touches the limit, so that test and interval agree. A limit that is
    infinite (0 of a ratio) is never passed.

    >>> p, z = against_margin(300, 400, 300, 400, "difference", (-10.0, math.inf))
    >>> bool(p < 0.001), round(z, 1)
    (True, 3.3)
    """
    if min(n, m) == 0:
        return math.nan, math.nan
    worst = 0.0
    for side, limit in enumerate(margin):
        if math.isinf(limit) or (measure == "ratio" and limit == 0):
            continue

        def past(z: float, side: int = side, limit: float = limit) -> float:
            """How far inside the limit the end of the interval of this many standard errors lies."""
            end = two_shares(a, n, b, m, measure, float(2 * stats.norm.sf(z)))[1 + side]
            return (end - limit) * (1 if side == 0 else -1)

        if not math.isfinite(past(1.0)):
            return math.nan, math.nan
        z = FURTHEST if past(FURTHEST) > 0 else 0.0
        if past(1e-6) <= 0:
            return 0.5, 0.0  # the estimate itself lies outside
        if not z:
            z = float(brentq(past, 1e-6, FURTHEST, xtol=1e-8))  # type: ignore[arg-type]
        worst = min(worst or z, z)
    return float(stats.norm.sf(worst)), worst


FURTHEST = 8.0  # standard errors, past which a p is zero


def newcombe(a: float, n: float, b: float, m: float, alpha: float) -> tuple[float, float]:
    """The interval of a / n - b / m."""
    (low1, high1), (low2, high2) = _wilson(a, n, alpha), _wilson(b, m, alpha)
    p, q = a / n, b / m
    return p - q - math.hypot(p - low1, high2 - q), p - q + math.hypot(high1 - p, q - low2)


def koopman(a: float, n: float, b: float, m: float, alpha: float) -> tuple[float, float]:
    """The interval of (a / n) / (b / m), both counts above zero: the ratios at which the score test's p is `alpha`."""
    reach = float(stats.norm.isf(alpha / 2))
    middle = math.log((a / n) / (b / m))

    def end(sign: int) -> float:
        def past(log: float) -> float:
            return -sign * _score(a, n, b, m, math.exp(log)) - reach

        width = 1.0
        while past(middle + sign * width) < 0:
            width *= 2
        return math.exp(brentq(past, middle, middle + sign * width, xtol=1e-12))  # type: ignore[arg-type]

    return end(-1), end(1)


def _wilson(a: float, n: float, alpha: float) -> tuple[float, float]:
    z = float(stats.norm.isf(alpha / 2))
    share, whole = a / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / whole
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / whole
    return centre - half, centre + half


def _score(a: float, n: float, b: float, m: float, ratio: float) -> float:
    """How many standard errors a / n lies above `ratio` times b / m, with the shares most likely under that ratio."""
    whole, both = n + m, a + b
    # (n + m) ratio q² - (n ratio + a + m + b ratio) q + (a + b) = 0 is what the likelihood of q = b / m demands
    half = (n * ratio + a + m + b * ratio) / 2
    # the smaller root, written without a difference of near numbers
    q = both / (half + math.sqrt(max(half * half - whole * ratio * both, 0.0)))
    p = ratio * q
    variance = p * (1 - p) / n + ratio**2 * q * (1 - q) / m
    return (a / n - ratio * b / m) / math.sqrt(variance * whole / (whole - 1))
