"""Sequential Monte Carlo: a cloud of standard normals is led to the posterior by degrees of the likelihood.

    p_t(z) ~ N(z; 0, 1) L(z)^t,        t = 0 ... 1

The next t is the one at which the effective sample size of the weights falls to a half (Del Moral, Doucet and Jasra
2006, doi 10.1111/j.1467-9868.2006.00553.x); then the cloud is resampled (systematic) and moved by the preconditioned
Crank-Nicolson proposal around its own mean and covariance,

    z' = m + sqrt(1 - s^2) (z - m) + s C^(1/2) x,       x ~ N(0, 1)

accepted by Metropolis and Hastings. C is 1 but in the few directions of which the measurements speak; those are
found by regression of what is expected of the measurements on the traits (the likelihood-informed subspace: Cui and
others 2014, doi 10.1088/0266-5611/30/11/114015). A covariance of all traits would be noise: some of it small by chance,
and the cloud would shrink there. It knows numbers only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bonecast.engine import normals

ESS_SHARE = 0.5
INFORMED = 0.4  # a direction is learned if one SD of it moves the measurements by so many of their errors
RIDGE = 0.02  # of the regression, as a share of the people
_PLACES = 9  # decimals kept of the reference
BATCHES = 4  # of evaluated people that the regression looks back on
ACCEPTED = 0.35  # share of proposals that the step length aims at
MOST_MOVES, FEWEST_LAST, MOST_LAST = 4, 4, 12  # at each degree, and at the last one
FORGOTTEN, FORGOTTEN_LAST = 0.5, 0.15  # largest correlation with the places before the moves
MOST_TEMPERATURES = 60

# state [trait, person] to ln likelihood [person], whatever is to be kept of each person [person, ...], and what is
# expected of each measurement in units of its error [person, measurement]
Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Particles:
    """Equally weighted people: state [trait, person], ln likelihood [person], what was kept of each [person, ...]."""

    state: np.ndarray
    log_likelihood: np.ndarray
    kept: np.ndarray

    def some(self, which: np.ndarray) -> Particles:
        """These people, with repetitions."""
        return Particles(self.state[:, which], self.log_likelihood[which], self.kept[which])


@dataclass(frozen=True)
class TemperingStep:
    """How the sampling went: one entry for each temperature.

    Parameters
    ----------
    degrees : tuple of float
        Temperatures t, from 0 to 1.
    effective : tuple of float
        Effective sample size of the weights that led there.
    moves : tuple of int
        Moves at that temperature.
    acceptance : tuple of float
        Share of moves that were accepted.
    remembered : tuple of float
        Largest correlation, over principal directions, of the particles with their positions before the moves.
    log_evidence : float
        Logarithm of the evidence.
    """

    degrees: tuple[float, ...] = ()
    effective: tuple[float, ...] = ()
    moves: tuple[int, ...] = ()
    acceptance: tuple[float, ...] = ()
    remembered: tuple[float, ...] = ()
    log_evidence: float = 0.0


def tempered(
    evaluate: Evaluate,
    state: np.ndarray,
    seed: int,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[Particles, Particles, TemperingStep]:
    """Lead a state drawn from N(0, 1) to the posterior: the cloud before, the cloud after, and how it went.

    The same seed and function give the same people.
    """
    log_likelihood, kept, expected = evaluate(state)
    start = Particles(state, log_likelihood, kept)
    trail = Trail([(state, expected)])
    cloud, step, degree = start, 0.7, 0.0
    rows: list[tuple[float, float, int, float, float]] = []
    log_evidence = 0.0
    while degree < 1.0 and len(rows) < MOST_TEMPERATURES:
        following = next_temperature(cloud.log_likelihood, degree)
        weights, gain = weights_of(_raised(cloud.log_likelihood, following - degree))
        log_evidence += gain
        degree = following
        effective = 1.0 / float(np.sum(weights**2))
        name = f"condition {len(rows)}"
        uniform = float(ndtr(normals(seed, f"{name} resample", 0, 1))[0])
        parents = cloud.some(systematic(weights, uniform))
        cloud, step, moves, accepted, remembered = _moved(evaluate, parents, trail, degree, step, seed, name)
        rows.append((degree, effective, moves, accepted, remembered))
        progress(degree)
    degrees, effectives, counts, acceptances, memories = zip(*rows, strict=True)
    return start, cloud, TemperingStep(degrees, effectives, counts, acceptances, memories, log_evidence)


def next_temperature(log_likelihood: np.ndarray, degree: float) -> float:
    """The next t: the farthest at which the effective sample size is still `ESS_SHARE` of the people."""

    low = farthest(lambda t: _raised(log_likelihood, t - degree), degree, ESS_SHARE)
    # where few people can be followed at all, the degree must grow all the same
    return min(1.0, max(low, degree + 1e-6))


def farthest(logs: Callable[[float], np.ndarray], degree: float, share: float) -> float:
    """The farthest t, from this degree to 1, at which this share of the people with these weights is effective."""

    def enough(t: float) -> bool:
        weights = weights_of(logs(t))[0]
        return 1.0 / float(np.sum(weights**2)) >= share * len(weights)

    if enough(1.0):
        return 1.0
    low, high = degree, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


def systematic(weights: np.ndarray, uniform: float, count: int | None = None) -> np.ndarray:
    """Who is taken, and how often: one uniform number, evenly spaced points on the cumulative weights.

    count : of the points; as many as weights by default.

    >>> systematic(np.array([0.5, 0.25, 0.25, 0.0]), 0.5).tolist()
    [0, 0, 1, 2]
    """
    count = count or len(weights)
    points = (np.arange(count) + uniform) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)


def _raised(log_likelihood: np.ndarray, power: float) -> np.ndarray:
    return power * log_likelihood if power > 0 else np.where(np.isfinite(log_likelihood), 0.0, -np.inf)


def weights_of(logs: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights that sum to one, and ln of their mean before that."""
    top = logs.max()
    raw = np.exp(logs - top)
    return raw / raw.sum(), float(top + np.log(raw.mean()))


def _moved(
    evaluate: Evaluate, parents: Particles, trail: Trail, degree: float, step: float, seed: int, name: str
) -> tuple[Particles, float, int, float, float]:
    """Move the people until they have forgotten where they stood, or the moves run out."""
    last = degree >= 1.0
    fewest, most = (FEWEST_LAST, MOST_LAST) if last else (1, MOST_MOVES)
    cloud, accepted, move, remembered = parents, [], 0, 1.0
    reference = _reference(parents.state, trail.learned())
    while move < most and (move < fewest or remembered > (FORGOTTEN_LAST if last else FORGOTTEN)):
        cloud, share, proposed, expected = _move(evaluate, cloud, reference, degree, step, seed, name, move)
        trail.add(proposed, expected)
        accepted.append(share)
        step = _next_step(step, share)
        move += 1
        if move == FEWEST_LAST:
            reference = _reference(cloud.state, trail.learned())  # the first moves have brought it closer
        remembered = reference.memory(parents.state, cloud.state)
    return cloud, step, move, float(np.mean(accepted)), remembered


def moved_along(
    evaluate: Evaluate, parents: Particles, directions: np.ndarray, moves: int, seed: int, name: str
) -> tuple[Particles, float, float]:
    """Move people of the posterior along known directions: the cloud, the share accepted, what is remembered."""
    reference, cloud, step = _reference(parents.state, directions), parents, 0.7
    accepted = []
    for move in range(moves):
        cloud, share, _, _ = _move(evaluate, cloud, reference, 1.0, step, seed, name, move)
        accepted.append(share)
        step = _next_step(step, share)
    return cloud, float(np.mean(accepted)), reference.memory(parents.state, cloud.state)


def _next_step(step: float, accepted: float) -> float:
    return float(np.clip(step * np.exp(accepted - ACCEPTED), 0.1, 0.99))


def _move(
    evaluate: Evaluate,
    cloud: Particles,
    reference: _Reference,
    degree: float,
    step: float,
    seed: int,
    name: str,
    move: int,
) -> tuple[Particles, float, np.ndarray, np.ndarray]:
    """One move: the people after it, the share accepted, what was proposed and what is expected there."""
    size, count = cloud.state.shape
    noise = normals(seed, f"{name} move {move}", 0, size * count).reshape(size, count)
    chance = ndtr(normals(seed, f"{name} chance {move}", 0, count))
    away = reference.whitened(cloud.state)
    proposed = reference.placed(np.sqrt(1 - step**2) * away + step * noise)
    log_likelihood, kept, expected = evaluate(proposed)
    # the proposal is reversible against the reference; what is left is target over reference
    gain = degree * (log_likelihood - cloud.log_likelihood)
    gain += reference.log_prior_over(proposed) - reference.log_prior_over(cloud.state)
    yes = np.log(chance) < gain
    moved = Particles(
        np.where(yes, proposed, cloud.state),
        np.where(yes, log_likelihood, cloud.log_likelihood),
        np.where(yes.reshape(-1, *[1] * (kept.ndim - 1)), kept, cloud.kept),
    )
    return moved, float(yes.mean()), proposed, expected


@dataclass(frozen=True)
class _Reference:
    """A normal distribution N(mean, C) with C = 1 but for the directions that were learned: [trait, direction]."""

    mean: np.ndarray
    directions: np.ndarray
    sd: np.ndarray

    def whitened(self, state: np.ndarray) -> np.ndarray:
        return self._scaled(state - self.mean[:, None], 1 / self.sd)

    def placed(self, white: np.ndarray) -> np.ndarray:
        return self.mean[:, None] + self._scaled(white, self.sd)

    def _scaled(self, z: np.ndarray, by: np.ndarray) -> np.ndarray:
        # einsum: threads of a matrix product cost more than the product, and change its last bits
        along = np.einsum("td,tp->dp", self.directions, z) * (by - 1)[:, None]
        return z + np.einsum("td,dp->tp", self.directions, along)

    def log_prior_over(self, state: np.ndarray) -> np.ndarray:
        """ln N(z; 0, 1) - ln N(z; mean, C), but for a constant."""
        return 0.5 * (np.sum(self.whitened(state) ** 2, axis=0) - np.sum(state**2, axis=0))

    def memory(self, before: np.ndarray, after: np.ndarray) -> float:
        """The largest correlation of before and after over the learned directions, or all traits if there are none."""
        a, b = (z - z.mean(axis=1, keepdims=True) for z in (before, after))
        if self.directions.size:
            a, b = (np.einsum("td,tp->dp", self.directions, z) for z in (a, b))
        scale = np.sqrt(np.sum(a**2, axis=1) * np.sum(b**2, axis=1))
        return float(np.max(np.sum(a * b, axis=1) / np.maximum(scale, 1e-300)))


def _reference(state: np.ndarray, learned: np.ndarray) -> _Reference:
    """The mean and the covariance of the people within the learned directions."""
    along = np.einsum("td,tp->dp", learned, state)
    if not along.size:
        return _Reference(np.zeros(len(state)), learned, np.ones(0))
    variances, turn = np.linalg.eigh(np.atleast_2d(np.cov(along)))
    sd = np.sqrt(np.clip(variances, 1e-8, 1.0))
    mean = np.einsum("td,d->t", learned, along.mean(axis=1))
    return _Reference(rounded(mean), rounded(learned @ turn), rounded(sd))


def rounded(values: np.ndarray) -> np.ndarray:
    """So rounded that the last bits of the linear algebra, which depend on its threads, decide nothing."""
    return np.round(values, _PLACES)


@dataclass
class Trail:
    """The people evaluated lately, with what was expected of the measurements, to learn directions from."""

    batches: list[tuple[np.ndarray, np.ndarray]]

    def add(self, state: np.ndarray, expected: np.ndarray) -> None:
        """One more batch; the oldest is forgotten."""
        self.batches = [*self.batches, (state, expected)][-BATCHES:]

    def learned(self) -> np.ndarray:
        """Orthonormal directions [trait, direction] of which the measurements speak.

        expected ~ a + B z by least squares,        B' = U S V',        those columns of U with S > `INFORMED`
        """
        z = np.concatenate([state for state, _ in self.batches], axis=1)
        wanted = np.concatenate([expected for _, expected in self.batches])
        # a run that failed or left its range must not turn the regression
        low, high = np.quantile(wanted, (0.01, 0.99), axis=0)
        wanted = np.clip(wanted, low, high)
        z, wanted = z - z.mean(axis=1, keepdims=True), wanted - wanted.mean(axis=0)
        gram = np.einsum("ip,jp->ij", z, z) + RIDGE * z.shape[1] * np.eye(len(z))
        slopes = np.linalg.solve(gram, np.einsum("tp,pm->tm", z, wanted))
        directions, sizes, _ = np.linalg.svd(slopes, full_matrices=False)
        return rounded(directions[:, sizes > INFORMED])
