"""A fast path to the posterior: people of a fitted proposal, weighted by the likelihood, resampled and moved.

    q(z)     t with 8 degrees of freedom in the directions of which the measurements speak, the prior in all others
    weights  N(z; 0, 1) L(z) / q(z), the largest smoothed by a generalised Pareto distribution

The proposal is fitted in rounds. Each weighs the people of the one before by L(z)^t, t as near to 1 as an effective
sample size of a quarter allows, and takes their mean and covariance in the directions that the regression of `smc`
learns (population Monte Carlo: Cappé and others 2004, doi 10.1198/106186004X12803). The first people are those of the
prior; some three rounds of a few hundred are enough. Where the shape k of the Pareto distribution (Vehtari and others
2024, arXiv:1507.02646) or the effective sample size says that the weights rest on few people, there is no answer, and
the tempered sampler gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
from scipy.special import ndtr
from scipy.stats import chi2

from bonecast.engine import normals
from bonecast.inference.smc import (
    Evaluate,
    Particles,
    TemperingStep,
    Trail,
    farthest,
    moved_along,
    rounded,
    systematic,
    weights_of,
)

MOST_K = 0.7  # of the Pareto distribution, above which weights have no reliable mean
PILOT_SHARE = 0.25  # effective, of the people of a round
WANTED, LEAST = 0.5, 0.25  # effective people of the last proposal, as a share of the draws
PILOTS, MORE_AFTER = 400, 3  # people of a round; so many more after each three rounds
MOST_ROUNDS, MOST_BATCHES = 8, 3
LEAST_DEGREE = 1e-6
FREEDOM = 8.0  # degrees of, of the t distribution
SHRUNK = 3.0  # people by whose weight a covariance is drawn to that of the prior
NARROWEST, WIDEST = 0.05, 1.2  # SD of a direction
MOVES = 2


@dataclass(frozen=True)
class FastAnswer:
    """What the fast path found: the people before and after, how it went, and the shape k of the weights."""

    start: Particles
    cloud: Particles
    course: TemperingStep
    k: float


@dataclass(frozen=True)
class _Proposal:
    """A t distribution in some directions [trait, direction] with these middles and SDs, the prior in all others."""

    directions: np.ndarray
    middle: np.ndarray
    sd: np.ndarray

    def draw(self, count: int, size: int, seed: int, name: str) -> np.ndarray:
        """People [trait, person]."""
        state = np.array([normals(seed, f"{name} {i}", 0, count) for i in range(size)])
        tail = chi2.ppf(ndtr(normals(seed, f"{name} tail", 0, count)), FREEDOM)
        along = np.einsum("td,tp->dp", self.directions, state)
        placed = self.middle[:, None] + self.sd[:, None] * along * np.sqrt(FREEDOM / tail)
        return state + np.einsum("td,dp->tp", self.directions, placed - along)

    def log_prior_over(self, state: np.ndarray) -> np.ndarray:
        """ln N(z; 0, 1) - ln q(z)."""
        along = np.einsum("td,tp->dp", self.directions, state)
        size = len(self.middle)
        away = np.sum(((along - self.middle[:, None]) / self.sd[:, None]) ** 2, axis=0)
        constant = _log_t_constant(size) - np.sum(np.log(self.sd))
        log_q = constant - (FREEDOM + size) / 2 * np.log1p(away / FREEDOM)
        return -0.5 * np.sum(along**2, axis=0) - 0.5 * size * np.log(2 * np.pi) - log_q


def fast_posterior(evaluate: Evaluate, state: np.ndarray, seed: int) -> FastAnswer | None:
    """From people drawn from N(0, 1) to those of the posterior; None where the weights cannot be trusted.

    The same seed and function give the same people.
    """
    size, count = state.shape
    log_likelihood, kept, expected = evaluate(state)
    start = Particles(state, log_likelihood, kept)
    trail, over, degree = Trail([(state, expected)]), np.zeros(count), 0.0
    for turn in range(MOST_ROUNDS):
        finite = np.where(np.isfinite(log_likelihood), log_likelihood, -1e30)
        degree = farthest(lambda t, over=over, of=finite: over + t * of, degree, PILOT_SHARE)
        if degree < LEAST_DEGREE:
            return None
        proposal = _fitted(state, weights_of(over + degree * finite)[0], trail.learned())
        if degree == 1.0 and turn:
            break
        pilots = PILOTS * (1 + turn // MORE_AFTER)
        state = proposal.draw(pilots, size, seed, f"pilot {turn}")
        log_likelihood, kept, expected = evaluate(state)
        trail.add(state, expected)
        over = proposal.log_prior_over(state)
    else:
        return None
    return _corrected(evaluate, start, proposal, seed)


def _corrected(evaluate: Evaluate, start: Particles, proposal: _Proposal, seed: int) -> FastAnswer | None:
    size, count = start.state.shape
    batches: list[Particles] = []
    for batch in range(MOST_BATCHES):
        state = proposal.draw(count, size, seed, f"proposal {batch}")
        log_likelihood, kept, _ = evaluate(state)
        batches.append(Particles(state, log_likelihood, kept))
        them = Particles(
            np.concatenate([one.state for one in batches], axis=1),
            np.concatenate([one.log_likelihood for one in batches]),
            np.concatenate([one.kept for one in batches]),
        )
        ratio = them.log_likelihood + proposal.log_prior_over(them.state)
        if not np.isfinite(ratio).any():
            return None
        weights, k = smoothed(ratio)
        effective = 1.0 / float(np.sum(weights**2))
        if effective >= WANTED * count:
            break
    if k > MOST_K or effective < LEAST * count:
        return None
    evidence = weights_of(ratio)[1]
    uniform = float(ndtr(normals(seed, "proposal resample", 0, 1))[0])
    parents = them.some(systematic(weights, uniform, count))
    cloud, accepted, remembered = moved_along(evaluate, parents, proposal.directions, MOVES, seed, "proposal")
    course = TemperingStep((1.0,), (effective,), (MOVES,), (accepted,), (remembered,), evidence)
    return FastAnswer(start, cloud, course, k)


def _fitted(state: np.ndarray, weights: np.ndarray, directions: np.ndarray) -> _Proposal:
    """Mean and covariance of weighted people in the learned directions, turned to its axes."""
    along = np.einsum("td,tp->dp", directions, state)
    middle = np.einsum("dp,p->d", along, weights)
    away = along - middle[:, None]
    effective = 1.0 / float(np.sum(weights**2))
    spread = effective * np.einsum("ip,jp,p->ij", away, away, weights) + SHRUNK * np.eye(len(middle))
    variances, turn = np.linalg.eigh(spread / (effective + SHRUNK))
    sd = np.clip(np.sqrt(np.maximum(variances, 0.0)), NARROWEST, WIDEST)
    return _Proposal(rounded(directions @ turn), rounded(turn.T @ middle), rounded(sd))


def _log_t_constant(size: int) -> float:
    return lgamma((FREEDOM + size) / 2) - lgamma(FREEDOM / 2) - size / 2 * log(FREEDOM * pi)


def smoothed(log_ratio: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights that sum to one, the largest smoothed, and the shape k of their tail.

    The tail of 3 sqrt(N) weights is replaced by the quantiles of the generalised Pareto distribution that fits it.

    >>> weights, k = smoothed(-np.log(1 - (np.arange(1000) + 0.5) / 1000) / 4)
    >>> bool(abs(k - 0.25) < 0.1), round(float(weights.sum()), 9)
    (True, 1.0)
    """
    raw = np.exp(log_ratio - log_ratio.max())
    count = int(min(0.2 * len(raw), 3 * np.sqrt(len(raw))))
    order = np.argsort(raw, kind="stable")
    tail, limit = order[-count:], raw[order[-count - 1]]
    above, k = raw[tail] - limit, 0.0
    if above[0] > 0:
        k, scale = _pareto(above)
        shares = -np.log1p(-(np.arange(count) + 0.5) / count)
        raw[tail] = np.minimum(limit + scale * (np.expm1(k * shares) / k if k else shares), 1.0)
    return raw / raw.sum(), k


def _pareto(above: np.ndarray) -> tuple[float, float]:
    """Shape k and scale of the generalised Pareto distribution of values in order (Zhang and Stephens 2009,
    doi 10.1198/tech.2009.08017), k drawn to 0.5 by ten values as in Vehtari and others.
    """
    count = len(above)
    points = 30 + int(np.sqrt(count))
    quartile = above[int(count / 4 + 0.5) - 1]
    b = 1 / above[-1] + (1 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))) / (3 * quartile)
    shapes = np.mean(np.log1p(-b[:, None] * above), axis=1)
    logs = count * (np.log(-b / shapes) - shapes - 1)
    chosen = float(np.sum(b / np.sum(np.exp(logs[None, :] - logs[:, None]), axis=1)))
    k = float(np.mean(np.log1p(-chosen * above)))
    return (k * count + 0.5 * 10) / (count + 10), -k / chosen
