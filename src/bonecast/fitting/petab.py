"""`fit` of a PEtab problem: its free parameters at the greatest likelihood, or posterior, from many starts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from bonecast.core import TableResult
from bonecast.errors import ComputeError
from bonecast.fitting.search import Uncertainty, uncertainty_of
from bonecast.interop import PetabProblem

if TYPE_CHECKING:
    import polars as pl

NINETY = 1.6448536269514722
UNKNOWN = 1e12  # minus log likelihood where the model cannot be followed: a finite wall for the search
GRADIENT_STEP = 1e-4  # of the scale of a parameter
AT_BOUND = 1e-6  # of the distance between its bounds
RISE = (0.05, 2.0)  # by which the objective should rise over the two steps that measure a curvature
LARGEST_STEP = 1.0
AT_REST = 0.01  # of the objective: a search that could gain less has come to rest, whatever stopped it


@dataclass(frozen=True)
class PetabFit(TableResult):
    """A PEtab problem at its best parameters.

    Parameters
    ----------
    problem : PetabProblem
        The problem.
    vector : ndarray of float, shape (parameter,)
        The free parameters, each on its scale.
    log_likelihood : float
        ln L of the measurements, without priors.
    objective : float
        Minus the logarithm of likelihood times prior.
    converged : bool
        Whether the best search came to rest.
    ends : tuple of float
        The objective at which each start came to rest, best first.
    uncertainty : Uncertainty
        Covariance on the scales of the parameters that rest on no bound.
    notes : tuple of str
        What to bear in mind; all of them were warnings too.

    Examples
    --------
    >>> PetabFit.values.__doc__
    'All parameters of the table on the linear scale; fixed ones are nominal.'
    """

    problem: PetabProblem
    vector: np.ndarray
    log_likelihood: float
    objective: float
    converged: bool
    ends: tuple[float, ...]
    uncertainty: Uncertainty
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = f"{len(self.vector)} parameters, {len(self.problem.tables.measurements)} measurements"
        return f"<PetabFit of {self.problem.name}: {counts}, ln L {self.log_likelihood:.3f}>"

    @property
    def values(self) -> dict[str, float]:
        """All parameters of the table on the linear scale; fixed ones are nominal."""
        return {**self.problem.nominal, **self.problem.unscaled(self.vector)}

    def table(self) -> pl.DataFrame:
        """Return the estimates.

        Returns
        -------
        polars.DataFrame
            A row for each free parameter, on the linear scale: `parameter`, `scale`, `start` (nominal), `estimate`,
            `low90`, `high90` (not a number where nothing is known, or at a bound), `at_bound`.
        """
        import polars as pl

        problem = self.problem
        half = NINETY * np.sqrt(np.diag(self.uncertainty.covariance))
        half[~np.isfinite(half)] = np.nan
        low, high = (problem.unscaled(end) for end in (self.vector - half, self.vector + half))
        best, resting = self.values, at_bound(problem, self.vector)
        return pl.DataFrame(
            {
                "parameter": list(problem.free),
                "scale": [problem.parameters[name].scale for name in problem.free],
                "start": [problem.nominal[name] for name in problem.free],
                "estimate": [best[name] for name in problem.free],
                "low90": [low[name] for name in problem.free],
                "high90": [high[name] for name in problem.free],
                "at_bound": resting.tolist(),
            }
        )


def at_bound(problem: PetabProblem, vector: np.ndarray) -> np.ndarray:
    """Which free parameters rest on a bound."""
    low, high = problem.bounds
    near = AT_BOUND * np.where(np.isfinite(high - low), high - low, 1.0)
    return (vector - low < near) | (high - vector < near)


def fit_petab(
    problem: PetabProblem, starts: int, seed: int, estimate: bool, progress: Callable[[str], None]
) -> PetabFit:
    """Search the least objective from the nominal parameters, and from others drawn between the bounds."""
    low, high = problem.bounds
    first = np.clip(problem.scaled(), low, high)
    found, ends, converged = first, [problem.objective(first)], True
    if estimate:
        rng = np.random.default_rng(seed)
        begins = [first, *(_drawn(rng, first, low, high) for _ in range(starts - 1))]
        searched = []
        for k, begin in enumerate(begins):
            one = minimize(
                lambda x: min(problem.objective(np.clip(x, low, high)), UNKNOWN), begin, method="L-BFGS-B",
                jac="3-point", bounds=list(zip(low, high, strict=True)),
                options={"finite_diff_rel_step": GRADIENT_STEP, "maxiter": 500, "ftol": 1e-10, "gtol": 1e-4},
            )  # fmt: skip
            searched.append(one)
            progress(f"start {k + 1} of {len(begins)}: objective {one.fun:.4f}")
        searched.sort(key=lambda one: one.fun)
        found, converged = np.clip(searched[0].x, low, high), bool(searched[0].success)
        ends = [float(one.fun) for one in searched]
    if ends[0] >= UNKNOWN:
        raise ComputeError(f"PEtab problem {problem.name}: its model cannot be followed from any start")
    beside = _surroundings(problem, found)
    converged = converged or (not beside.edge and beside.to_gain < AT_REST)
    notes = _notes(problem, found, converged, ends, beside)
    likelihood = problem.log_likelihood(problem.unscaled(found))
    return PetabFit(problem, found, likelihood, ends[0], converged, tuple(ends), beside.known, notes)


def _drawn(rng: np.random.Generator, first: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """A start between the bounds; beside the nominal value where a bound is infinite."""
    closed = np.isfinite(high - low)
    width = np.where(closed, high - low, 2.0)
    begin = np.where(closed, low, first - 1.0)
    return np.clip(begin + width * rng.random(len(first)), low, high)


@dataclass(frozen=True)
class _Surroundings:
    """The objective beside the estimates: slope and curvature of the parameters that rest on no bound."""

    edge: tuple[str, ...]  # parameters beside whose estimates the model cannot be followed
    known: Uncertainty
    to_gain: float  # by which one Newton step should still lower the objective


def _surroundings(problem: PetabProblem, x: np.ndarray) -> _Surroundings:
    """By central differences over steps along which the objective rises enough; those on a bound count as fixed."""
    low, high = problem.bounds
    best = problem.objective(x)

    def there(*moves: tuple[int, float]) -> float:
        moved = x.copy()
        for k, step in moves:
            moved[k] += step
        return problem.objective(moved)

    count = len(x)
    steps, slope, curvature = [0.0] * count, np.zeros(count), np.zeros((count, count))
    inside: list[int] = []
    edge: list[str] = []
    for k in np.flatnonzero(~at_bound(problem, x)).tolist():
        most = float(min(LARGEST_STEP * max(1.0, abs(x[k])), x[k] - low[k], high[k] - x[k]))
        step = min(0.01 * max(1.0, float(abs(x[k]))), most)
        up, down = there((k, step)), there((k, -step))
        for _ in range(12):
            rise = up + down - 2 * best
            if rise < RISE[0] and step < most:
                step = min(3 * step, most)
            elif rise > RISE[1] and math.isfinite(rise):
                step /= 3
            else:
                break
            up, down = there((k, step)), there((k, -step))
        if not math.isfinite(up + down):
            edge.append(problem.free[k])
            continue
        inside.append(k)
        steps[k], slope[k] = step, (up - down) / (2 * step)
        curvature[k, k] = max(up + down - 2 * best, 0.0) / step**2
    for a, i in enumerate(inside):
        for j in inside[:a]:
            corners = [s * t * there((i, s * steps[i]), (j, t * steps[j])) for s in (1, -1) for t in (1, -1)]
            mixed = sum(corners) / (4 * steps[i] * steps[j])
            curvature[i, j] = curvature[j, i] = mixed if math.isfinite(mixed) else 0.0
    known = uncertainty_of(curvature[np.ix_(inside, inside)], [problem.free[k] for k in inside])
    sure = np.isfinite(np.diag(known.covariance))
    g = slope[inside][sure]
    to_gain = 0.5 * float(g @ known.covariance[np.ix_(sure, sure)] @ g)
    covariance = np.full((count, count), np.nan)
    covariance[np.ix_(inside, inside)] = known.covariance
    known = Uncertainty(covariance, known.condition, known.unidentified)
    return _Surroundings(tuple(edge), known, to_gain)


def _notes(
    problem: PetabProblem, x: np.ndarray, converged: bool, ends: list[float], beside: _Surroundings
) -> tuple[str, ...]:
    notes = []
    if not converged:
        notes.append("The search did not come to rest: try other starts.")
    notes += beside.known.notes()
    resting = [name for name, rests in zip(problem.free, at_bound(problem, x), strict=True) if rests]
    if resting:
        notes.append(f"These rest on a bound: {', '.join(resting)}.")
    if beside.edge:
        where = ", ".join(beside.edge)
        notes.append(f"The model cannot be followed close to the estimates of {where}: no interval is given.")
    if len(ends) > 1 and ends[1] - ends[0] > 0.1:
        notes.append("Only one start came to the best objective: try more starts.")
    return tuple(notes)
