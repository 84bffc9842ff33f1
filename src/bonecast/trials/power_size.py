"""How many people does the trial need? A search by simulation that stops when it is precise enough."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from scipy import stats

from bonecast.core import Progress, TableResult
from bonecast.errors import ComputeError, InputError
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import TrialEndpoint
from bonecast.trials.power import as_planned, needed
from bonecast.trials.power_looks import looks, verdicts
from bonecast.trials.power_pool import Pool, draw
from bonecast.trials.probit import probit_line

BATCH = 60  # trials between two estimates
SPREAD = (0.75, 1.0, 1.3)  # sizes of a batch, as shares of the estimate: a slope needs both sides
FIRST = 3 * BATCH
LEAST, MOST = 8, 500_000


@dataclass(frozen=True)
class Size(TableResult):
    """The number of people that a design needs.

    Parameters
    ----------
    endpoint : str
        Name of the endpoint.
    people : int
        People needed.
    low : int
        Lower end of the 95 % interval by the simulation.
    high : int
        Upper end of the 95 % interval by the simulation.
    pool_low : int
        Lower end with the pool's error too.
    pool_high : int
        Upper end with the pool's error too.
    power : float
        Power that was asked for.
    precision : float
        Precision that was asked for.
    trials : int
        Trials that were simulated.
    pool : int
        People of the pool.
    precise : bool
        Whether the interval became as narrow as asked.
    """

    endpoint: str
    people: int
    low: int
    high: int
    pool_low: int
    pool_high: int
    power: float
    precision: float
    trials: int
    pool: int
    precise: bool

    def __repr__(self) -> str:
        return f"<Size for {self.endpoint}: {self.people:,} people ({self.low:,} to {self.high:,})>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import size_html

        return size_html(self)

    def table(self) -> pl.DataFrame:
        """Return the result in one row.

        Returns
        -------
        polars.DataFrame
            The fields as columns.
        """
        return pl.DataFrame(asdict(self))


def sample_size(
    design: BoneDesign,
    endpoint: TrialEndpoint,
    pool: Pool,
    power: float = 0.9,
    precision: float = 0.02,
    most_trials: int = 20_000,
    progress: Progress | None = None,
) -> Size:
    """Find the number of people at which a bone design has a power, from a pool of outcomes.

    The search is for the design without its interim analyses.

    Parameters
    ----------
    design : object
        The design.
    endpoint : TrialEndpoint
        The endpoint.
    pool : Pool
        Outcomes that trials are drawn from.
    power : float
        Share of trials that should succeed, 0.5 to 0.99.
    precision : float
        Half of the 95 % interval of the size, as a share of it.
    most_trials : int
        The search stops after so many trials.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Size
        People needed, with the interval.

    Raises
    ------
    InputError
        If a number is out of range.
    ComputeError
        If no size up to 500,000 people reaches the power.

    Notes
    -----
    Trials of sizes around the present estimate are drawn, and Phi^-1(power) = a + b sqrt(n) is fitted to all successes
    so far (probit regression); the next batch goes to where the fit then puts n. The search ends when the 95 % interval
    of n (delta method) lies within `precision` times n on each side.
    """
    if not 0.5 <= power <= 0.99:
        raise InputError("power", f"{power:g} is outside 0.5 to 0.99", "0.8 or 0.9 is usual")
    if not 0.005 <= precision <= 0.5:
        raise InputError("precision", f"{precision:g} is outside 0.005 to 0.5", "0.02 means 2 % of the size")
    report = progress or (lambda share, what: None)
    given = needed(pool, design, endpoint)
    rows = given.rows
    plan = looks(design, endpoint, given.frame)[-1:]
    sizes: list[int] = []
    hits: list[bool] = []

    def play(people: int, count: int) -> float:
        before = len(hits)
        for _ in range(count):
            one = as_planned(endpoint, draw(given, rows, people, design.seed, len(hits)), design, null=False)
            sizes.append(people)
            hits.append(list(verdicts(design, plan, one))[-1].success)
        return float(np.mean(hits[before:]))

    n, half = _bracket(play, power), math.inf
    while len(hits) < most_trials:
        for share in SPREAD:
            play(_rounded(n * share), BATCH // len(SPREAD))
        n, half = fitted(np.array(sizes), np.array(hits), power, n)
        n = min(max(n, LEAST), MOST)
        report(
            min(1.0, (precision / half) ** 2 if half > 0 else 1.0), f"{n:,.0f} people, {len(hits):,} trials"
        )
        if len(hits) >= FIRST and half <= precision:
            break
    # the pool's effect is off by sqrt(n / N) standard errors of a trial; n follows with twice its relative error
    reach = stats.norm.ppf(power) + stats.norm.isf(endpoint.alpha / (1 if endpoint.margin else 2))
    whole = half if pool.same else math.hypot(half, 1.96 * 2 * math.sqrt(n / pool.frame.height) / reach)
    return Size(
        endpoint.name, math.ceil(n), *_ends(n, half), *_ends(n, whole), power, precision, len(hits),
        pool.frame.height, half <= precision,
    )  # fmt: skip


def fitted(sizes: np.ndarray, hits: np.ndarray, power: float, before: float) -> tuple[float, float]:
    """n at which the fitted power is `power`, and half of its 95 % interval as a share of n; a step where no fit holds.

    >>> rng = np.random.default_rng(1)
    >>> n = np.repeat([80, 100, 130], 4000)
    >>> hits = rng.random(len(n)) < stats.norm.cdf(-1.96 + 0.32 * np.sqrt(n))
    >>> found, half = fitted(n, hits, 0.9, 100)
    >>> bool(abs(found - 102.6) < 3), half < 0.05
    (True, True)
    """
    near = (sizes > before / 3) & (sizes < before * 3)  # a line holds near the target, not from end to end
    x, y = np.sqrt(sizes[near].astype(float)), hits[near].astype(float)
    share = float(y.mean())
    if not 0 < share < 1 or np.ptp(x) == 0:
        return before * (1.5 if share < power else 0.6), math.inf
    kinds, where = np.unique(x, return_inverse=True)
    (a, b), covariance = probit_line(kinds, np.bincount(where, y), np.bincount(where).astype(float))
    z = stats.norm.ppf(power)
    if not b > 0 or not np.isfinite(covariance).all() or z <= a:
        return before * (1.5 if share < power else 0.6), math.inf
    root = (z - a) / b
    slope = np.array([-1 / b, -root / b])
    error = math.sqrt(slope @ covariance @ slope) / root
    # one batch moves the estimate no further than to half or double
    return min(max(root**2, before / 2), before * 2), float(1.96 * 2 * error)


def _bracket(play: Callable[[int, int], float], power: float) -> float:
    """Where to begin: doubled from 32 until the target is passed in a few trials."""
    n = 32
    if play(n, 20) > power:
        return float(n)
    while play(n, 20) < power:
        n *= 2
        if n > MOST:
            raise ComputeError(f"no trial of up to {MOST:,} people reaches a power of {power:g}")
    return n / math.sqrt(2)


def _rounded(n: float) -> int:
    return int(min(max(round(n), LEAST), MOST))


def _ends(n: float, half: float) -> tuple[int, int]:
    return (math.floor(n * (1 - min(half, 1.0))), math.ceil(min(n * (1 + half), 10.0 * MOST)))
