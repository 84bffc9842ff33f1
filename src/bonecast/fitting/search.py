"""The search for the greatest likelihood or posterior, its curvature, and profiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize

from bonecast.fitting.marginal import Coordinates, NodeSet, make_nodes
from bonecast.fitting.predictions import Predictions

MOST_ROUNDS = 40
CLOSE = 1e-3  # of a coordinate: the last step of a search
FLAT = 2e-3  # gain in ln L below which a search has come to rest
WIDEST, SHARED_WIDEST = 1.0, 0.7  # step of one round: of any coordinate, and of parameters that people share
NARROWEST = 1e-5
START_SPREAD = 0.5  # SD, on the scale, of further starts where there is no prior
CONDITION = (
    1e6  # of the curvature, in units of its own diagonal, above which parameters are not identified together
)
FLAT_SHARE = 1e-9  # of the largest: a curvature as small says nothing
NAMED = 0.3  # share of a parameter in a direction that is not identified, from which on it is named


@dataclass(frozen=True)
class Found:
    """Where a search came to rest."""

    x: np.ndarray
    nodes: NodeSet
    value: float
    converged: bool
    rounds: int


def search(
    problem: Coordinates,
    predictions: Predictions,
    starts: int,
    count: int | None,
    seed: int,
    progress: Callable[[str], None],
) -> Found:
    """Search from the start and from further ones; the best goes on to fine nodes."""
    rng = np.random.default_rng(seed)
    ends = []
    for k in range(starts):
        x = np.clip(problem.start, problem.low, problem.high)
        if k:
            spread = np.where(np.isfinite(problem.sd), problem.sd, START_SPREAD) * problem.free
            spread[len(problem.names) :] *= 0.5
            x = np.clip(x + spread * rng.standard_normal(len(x)), problem.low, problem.high)
        ends.append(_climb(problem, predictions, x, None, False, None, seed, progress))
    best = max(ends, key=lambda end: end.value)
    if not problem.random:
        return best
    return _climb(problem, predictions, best.x, best.nodes.mode, True, count, seed, progress)


def evaluate(
    problem: Coordinates, predictions: Predictions, count: int | None, seed: int, x: np.ndarray | None = None
) -> Found:
    """The likelihood at the start, or at given coordinates, without a search."""
    x = problem.start if x is None else x
    nodes = make_nodes(problem, predictions, x, True, None, count, seed)
    return Found(x, nodes, nodes.objective(x)[0], True, 0)


def _climb(
    problem: Coordinates, predictions: Predictions, x: np.ndarray, near: np.ndarray | None, fine: bool,
    count: int | None, seed: int, progress: Callable[[str], None],
) -> Found:  # fmt: skip
    nodes = make_nodes(problem, predictions, x, fine, near, count, seed)
    value = nodes.objective(x)[0]
    radius = SHARED_WIDEST
    for k in range(1, MOST_ROUNDS + 1):
        ahead = climb_on(nodes, x, problem.free, radius)
        renewed = make_nodes(problem, predictions, ahead, fine, _near(nodes, ahead), count, seed)
        new = renewed.objective(ahead)[0]
        moved = float(np.abs(ahead - x).max())
        progress(f"round {k}{' fine' if fine else ''}: ln L {new:.3f}, step {moved:.2g}")
        if not new > value - FLAT:
            if not problem.shared or radius < NARROWEST:
                return Found(x, nodes, value, moved < 100 * CLOSE, k)
            radius *= 0.25
            continue
        gain = new - value
        x, nodes, value = ahead, renewed, new
        radius = min(radius * 2, SHARED_WIDEST)
        if moved < CLOSE or (gain < FLAT and moved < 20 * CLOSE):
            return Found(x, nodes, value, True, k)
    return Found(x, nodes, value, False, MOST_ROUNDS)


def _near(nodes: NodeSet, x: np.ndarray) -> np.ndarray:
    """Where to look for the modes next: each person's mean under the new coordinates."""
    return nodes.moments(x)[0] if nodes.problem.random else nodes.mode


def climb_on(nodes: NodeSet, x: np.ndarray, free: np.ndarray, radius: float = SHARED_WIDEST) -> np.ndarray:
    """The coordinates of greatest objective on these nodes, not too far from x."""
    problem = nodes.problem
    reach = np.full(len(x), WIDEST)
    reach[list(problem.shared)] = radius
    low, high = np.maximum(problem.low, x - reach), np.minimum(problem.high, x + reach)

    def cost(part: np.ndarray) -> tuple[float, np.ndarray]:
        at = x.copy()
        at[free] = part
        value, slope = nodes.objective(at)
        return -value, -slope[free]

    bounds = list(zip(low[free], high[free], strict=True))
    ended = minimize(
        cost, x[free], jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300, "ftol": 1e-11}
    )
    best = x.copy()
    best[free] = ended.x
    return best


@dataclass(frozen=True)
class Uncertainty:
    """Covariance of the free coordinates (infinite where nothing is known), condition number, and what is not known."""

    covariance: np.ndarray
    condition: float
    unidentified: tuple[tuple[str, ...], ...]

    def notes(self) -> list[str]:
        """What the data do not determine, a sentence for each group of parameters."""
        return [
            f"The data do not determine {' and '.join(names)}{' together' if len(names) > 1 else ''}:"
            " fix one, or give a prior."
            for names in self.unidentified
        ]


def uncertainty(found: Found) -> Uncertainty:
    """From the curvature at the end; directions along which it is flat are named."""
    problem = found.nodes.problem
    free = np.flatnonzero(problem.free)
    curvature = found.nodes.curvature(found.x)[np.ix_(free, free)]
    return uncertainty_of(curvature, [problem.labels[k] for k in free])


def uncertainty_of(curvature: np.ndarray, labels: Sequence[str]) -> Uncertainty:
    """From the curvature in the coordinates of these labels."""
    if not len(curvature):
        return Uncertainty(np.empty((0, 0)), 1.0, ())
    diagonal = np.diag(curvature)
    solid = diagonal > FLAT_SHARE * max(float(diagonal.max()), 1e-12)
    size = np.sqrt(np.where(solid, diagonal, 1.0))
    scaled = curvature / np.outer(size, size)
    scaled[~solid] = scaled[:, ~solid] = 0.0
    values, vectors = np.linalg.eigh(scaled)
    flat = values < max(float(values.max()), 1e-12) / CONDITION
    inverse = (vectors / np.where(flat, np.inf, values)) @ vectors.T
    covariance = inverse / np.outer(size, size)
    groups = []
    for k in np.flatnonzero(flat).tolist():
        members = np.flatnonzero(np.abs(vectors[:, k]) > NAMED)
        groups.append(tuple(labels[m] for m in members.tolist()))
        covariance[members] = covariance[:, members] = np.nan
        covariance[members, members] = np.inf
    condition = float(values.max() / values.min()) if values.min() > 0 else np.inf
    return Uncertainty(covariance, condition, tuple(groups))


def profile_interval(found: Found, k: int, sd: float, drop: float) -> tuple[float, float]:
    """The ends of the values of coordinate k at which the objective, maximised over all others, has fallen by `drop`.

    Nodes stay where they are; an end that is not reached within eight SDs is infinite.
    """
    nodes, problem = found.nodes, found.nodes.problem
    free = problem.free.copy()
    free[k] = False
    top = nodes.objective(found.x)[0]
    ends = []
    for side in (-1.0, 1.0):
        x = found.x.copy()

        def fall(distance: float, side: float = side, x: np.ndarray = x) -> float:
            at = found.x.copy()
            at[free] = x[free]
            at[k] = found.x[k] + side * distance
            best = climb_on(nodes, at, free, 10.0) if free.any() else at
            x[:] = best
            return top - nodes.objective(best)[0] - drop

        reach = np.sqrt(2 * drop) * sd
        near, far = 0.0, reach
        while fall(far) < 0 and far < 8 * reach:
            near, far = far, 1.6 * far
        limit = problem.high[k] if side > 0 else problem.low[k]
        if far >= 8 * reach:
            ends.append(side * np.inf)
        else:
            distance: Any = brentq(fall, near, far, xtol=1e-4 * reach)
            at = found.x[k] + side * float(distance)
            ends.append(min(at, limit) if side > 0 else max(at, limit))
    return ends[0], ends[1]
