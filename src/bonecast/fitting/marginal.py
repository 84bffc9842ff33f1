"""The marginal likelihood of people whose parameters differ at random, on nodes that stay where they are.

    ln L(x) = sum over people of ln integral p(y | z, x) N(z; mu(x), omega(x)^2) dz

Of each person the integral is a sum over nodes z_k around what that person's data say (the mode, with the curvature
there): a product of Gauss-Hermite rules for up to four random effects, else draws from a Sobol sequence (importance
sampling). What the model predicts at the nodes depends on x only through parameters that people share; in these it is
taken to be linear, f_k + F_k (x - x_k). So a whole search over x costs one set of runs; then the nodes are renewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import logsumexp

from bonecast.fitting.likelihood import row_density
from bonecast.fitting.predictions import Predictions
from bonecast.fitting.specification import LEAST_OMEGA, MOST_OMEGA, FitSpecification

MOST_PRODUCT = 4  # random effects up to which nodes are a product of Gauss-Hermite rules
USUAL = {0: 1, 1: 21, 2: 11, 3: 7, 4: 5}  # nodes in each direction
COARSE = {0: 1, 1: 7, 2: 5, 3: 3, 4: 3}
DRAWS, COARSE_DRAWS = 1024, 256  # by importance sampling
WIDER = 1.2  # than the curvature, so that draws reach the tails
MODE_STEPS, MODE_CLOSE = 25, 1e-4
SMALLEST_SD = 1e-8


@dataclass(frozen=True)
class Coordinates:
    """The numbers that the search moves: typical values on their scales, ln omega, and ln of residual errors.

    labels : what each is called; low, high : bounds; centre, sd : priors (infinite sd: none).
    """

    specification: FitSpecification
    names: tuple[str, ...]
    random: tuple[int, ...]
    errors: tuple[tuple[int, str], ...]
    labels: tuple[str, ...]
    start: np.ndarray
    low: np.ndarray
    high: np.ndarray
    free: np.ndarray
    centre: np.ndarray
    sd: np.ndarray

    @staticmethod
    def of(specification: FitSpecification) -> Coordinates:
        """Lay out what a checked specification asks for."""
        parameters = specification.parameters
        names = tuple(parameters)
        rows: list[tuple[str, float, float, float, bool, float, float]] = []
        for name, one in parameters.items():
            low, high = -np.inf, np.inf
            if one.bounds is not None and one.scale != "logit":
                with np.errstate(divide="ignore"):
                    low, high = (
                        float(one.to_scale(max(b, 0.0) if one.scale == "log" else b)) for b in one.bounds
                    )
            centre, sd = (
                (0.0, np.inf) if one.prior is None else (float(one.to_scale(one.prior[0])), one.prior[1])
            )
            rows.append((name, float(one.to_scale(one.start)), low, high, not one.fixed, centre, sd))
        random = tuple(j for j, one in enumerate(parameters.values()) if one.omega is not None)
        for j in random:
            one = parameters[names[j]]
            ends = np.log(LEAST_OMEGA), np.log(MOST_OMEGA)
            rows.append(
                (f"omega {names[j]}", float(np.log(one.omega or 1.0)), *ends, not one.fixed, 0.0, np.inf)
            )
        errors = []
        for k, (output, error) in enumerate(specification.residual.items()):
            for kind in ("additive", "proportional"):
                value = getattr(error, kind)
                if value > 0:
                    errors.append((k, kind))
                    ends = np.log(value) - 12.0, np.log(value) + 12.0
                    rows.append(
                        (f"{kind} {output}", float(np.log(value)), *ends, not error.fixed, 0.0, np.inf)
                    )
        labels, start, low, high, free, centre, sd = zip(*rows, strict=True)
        arrays = (np.array(part) for part in (start, low, high, free, centre, sd))
        return Coordinates(specification, names, random, tuple(errors), labels, *arrays)

    @property
    def shared(self) -> tuple[int, ...]:
        """Positions of free parameters that people share."""
        return tuple(j for j in range(len(self.names)) if j not in self.random and self.free[j])

    def omega(self, x: np.ndarray) -> np.ndarray:
        """SDs of the random effects."""
        return np.exp(x[len(self.names) : len(self.names) + len(self.random)])

    def errors_at(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """additive, proportional and degrees of freedom of each output."""
        residual = tuple(self.specification.residual.values())
        sizes = {kind: np.zeros(len(residual)) for kind in ("additive", "proportional")}
        for (k, kind), value in zip(
            self.errors, np.exp(x[len(self.names) + len(self.random) :]), strict=True
        ):
            sizes[kind][k] = value
        df = np.array([np.inf if error.df is None else error.df for error in residual])
        return sizes["additive"], sizes["proportional"], df

    def value(self, k: int, x: float) -> float:
        """A coordinate as it is reported: the parameter in its unit, or the SD."""
        return float(
            self.specification.parameters[self.names[k]].from_scale(x) if k < len(self.names) else np.exp(x)
        )

    def log_prior(self, x: np.ndarray) -> float:
        """ln of the priors, with their constants."""
        known = np.isfinite(self.sd)
        e = (x[known] - self.centre[known]) / self.sd[known]
        return float(-0.5 * (e * e).sum() - np.log(self.sd[known] * np.sqrt(2 * np.pi)).sum())

    def prior_slope(self, x: np.ndarray) -> np.ndarray:
        """Its derivative."""
        return np.where(
            np.isfinite(self.sd), -(x - self.centre) / np.where(np.isfinite(self.sd), self.sd, 1.0) ** 2, 0.0
        )


@dataclass(frozen=True)
class NodeSet:
    """Nodes of all people and the predictions there.

    x : coordinates at which they were made. z[person, node, random]; log_weight[person, node]; f[person, node, row];
    slopes[person, node, row, shared parameter]; mode, sd : what the data of each person say, and how closely.
    """

    problem: Coordinates
    predictions: Predictions
    x: np.ndarray
    z: np.ndarray
    log_weight: np.ndarray
    f: np.ndarray
    slopes: np.ndarray
    mode: np.ndarray

    def people(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """ln L of each person, its derivatives [person, coordinate], and the weights of the nodes."""
        p = self.problem
        count, random, shared = len(p.names), list(p.random), list(p.shared)
        f = self.f + self.slopes @ (x[shared] - self.x[shared]) if shared else self.f
        density = row_density(self.predictions.observed, f, *p.errors_at(x))
        omega = p.omega(x)
        e = (self.z - x[random]) / omega
        prior = -0.5 * (e * e).sum(axis=2) - np.log(omega * np.sqrt(2 * np.pi)).sum()
        total = density.log.sum(axis=2) + prior + self.log_weight
        value = logsumexp(total, axis=1)
        weight = np.exp(total - value[:, None])
        slope = np.zeros((len(value), len(x)))
        slope[:, random] = np.einsum("ik,ikj->ij", weight, e / omega)
        slope[:, count : count + len(random)] = np.einsum("ik,ikj->ij", weight, e * e - 1)
        if shared:
            slope[:, shared] = np.einsum("ik,ikr,ikrs->is", weight, density.by_prediction, self.slopes)
        output = self.predictions.observed.output
        for place, (k, kind) in enumerate(p.errors, start=count + len(random)):
            by = density.by_additive if kind == "additive" else density.by_proportional
            slope[:, place] = np.einsum("ik,ikr,ir->i", weight, by, output == k)
        return value, slope, weight

    def value(self, x: np.ndarray) -> float:
        """ln L, without priors."""
        return float(self.people(x)[0].sum())

    def objective(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """ln of the posterior and its derivative."""
        value, slope, _ = self.people(x)
        p = self.problem
        return float(value.sum()) + p.log_prior(x), slope.sum(axis=0) + p.prior_slope(x)

    def moments(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and SD of each person's z given the data: [person, random]."""
        _, _, weight = self.people(x)
        mean = np.einsum("ik,ikj->ij", weight, self.z)
        square = np.einsum("ik,ikj->ij", weight, (self.z - mean[:, None]) ** 2)
        return mean, np.sqrt(square)

    def curvature(self, x: np.ndarray, step: float = 1e-4) -> np.ndarray:
        """Minus the second derivatives of the objective, by differences of its derivative."""
        rows = []
        for k in range(len(x)):
            shift = step * np.eye(len(x))[k]
            rows.append((self.objective(x - shift)[1] - self.objective(x + shift)[1]) / (2 * step))
        found = np.array(rows)
        return 0.5 * (found + found.T)


def full(p: Coordinates, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """z[person, node, random] with the shared parameters filled in."""
    found = np.broadcast_to(x[: len(p.names)], (*z.shape[:2], len(p.names))).copy()
    found[:, :, list(p.random)] = z
    return found


def make_nodes(
    p: Coordinates, predictions: Predictions, x: np.ndarray, fine: bool, near: np.ndarray | None,
    count: int | None = None, seed: int = 1,
) -> NodeSet:  # fmt: skip
    """Find the mode of each person from `near` on, and lay the nodes around it."""
    random = len(p.random)
    mode, root = _modes(p, predictions, x, near)
    if random <= MOST_PRODUCT:
        points, log_weight = _hermite(random, count or (USUAL if fine else COARSE)[random])
    else:
        points, log_weight = _draws(random, count or (DRAWS if fine else COARSE_DRAWS), seed)
    z = mode[:, None] + np.einsum("ijl,kl->ikj", root, points)
    scale = np.log(np.abs(np.diagonal(root, axis1=1, axis2=2))).sum(axis=1)
    places = full(p, x, z)
    if p.shared:
        f, slopes = predictions.slopes(places, list(p.shared))
    else:
        f = predictions.of(places)
        slopes = np.zeros((*f.shape, 0))
    return NodeSet(p, predictions, x, z, log_weight[None] + scale[:, None], f, slopes, mode)


def _hermite(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and ln weights of the integral over standard deviations: product Gauss-Hermite."""
    if size == 0:
        return np.zeros((1, 0)), np.zeros(1)
    at, weight = np.polynomial.hermite.hermgauss(count)
    points = np.array(list(product(at, repeat=size)))
    logs = np.array([sum(part) for part in product(np.log(weight), repeat=size)])
    return np.sqrt(2) * points, logs + (points**2).sum(axis=1) + 0.5 * size * np.log(2)


def _draws(size: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and ln weights of importance sampling from a wider normal distribution, by a Sobol sequence."""
    from scipy.stats import norm, qmc

    uniform = qmc.Sobol(size, seed=seed).random(1 << (count - 1).bit_length())
    points = norm.ppf(np.clip(uniform, 1e-12, 1 - 1e-12))
    log_density = -0.5 * (points**2).sum(axis=1) - 0.5 * size * np.log(2 * np.pi) - size * np.log(WIDER)
    return WIDER * points, -np.log(len(points)) - log_density


def _modes(
    p: Coordinates, predictions: Predictions, x: np.ndarray, near: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Mode of each person's z given x, and a root of the covariance there (Levenberg and Marquardt)."""
    people, random = predictions.people, list(p.random)
    typical = np.broadcast_to(x[random], (people, len(random))).copy()
    if not random:
        return typical, np.zeros((people, 0, 0))
    omega = p.omega(x)
    unit = np.eye(len(random))
    errors = p.errors_at(x)

    def look(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        f, slopes = predictions.slopes(full(p, x, z[:, None]), random)
        density = row_density(predictions.observed, f, *errors)
        e = (z - x[random]) / omega
        value = density.log.sum(axis=(1, 2)) - 0.5 * (e * e).sum(axis=1)
        slope = np.einsum("ikr,ikrj->ij", density.by_prediction, slopes) - e / omega
        bend = np.einsum("ikr,ikrj,ikrl->ijl", density.curvature, slopes, slopes) + unit / omega**2
        return value, slope, bend

    z = typical if near is None else near.copy()
    value, slope, bend = look(z)
    damping = np.full(people, 1e-3)
    for _ in range(MODE_STEPS):
        scale = np.einsum("ijj->ij", bend)
        matrix = bend + damping[:, None, None] * scale[:, :, None] * unit
        step = np.linalg.solve(matrix, slope[:, :, None])[:, :, 0]
        step = np.clip(step, -1.5, 1.5)
        moved = np.abs(step) * np.sqrt(scale)
        if moved.max() < MODE_CLOSE * 100:
            break
        tried = look(z + step)
        better = tried[0] > value - 1e-9
        z = np.where(better[:, None], z + step, z)
        value = np.where(better, tried[0], value)
        slope = np.where(better[:, None], tried[1], slope)
        bend = np.where(better[:, None, None], tried[2], bend)
        damping = np.clip(np.where(better, damping * 0.2, damping * 8.0), 1e-9, 1e6)
    covariance = np.linalg.inv(bend)
    root = np.linalg.cholesky(covariance + SMALLEST_SD**2 * unit)
    return z, root
