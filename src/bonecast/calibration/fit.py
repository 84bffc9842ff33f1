"""The search: the parameters that meet the rows best while staying near what was thought before.

    cost = sum over rows of 2 (sqrt(1 + d^2) - 1) + sum over parameters of (ln(p/prior)/prior_sd)^2
    d    = (figure - published)/sd

Least squares in the logarithms of the parameters, from the priors on, with derivatives by differences: all shifted
sets of parameters are followed by the same people in one ensemble run per arm. Deterministic. The covariance is the
inverse of the curvature at the end (Laplace). Figures that were computed are kept in a folder, by what they were
computed from: a fit that was interrupted runs through what it has and goes on from there.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from bonecast.calibration.targets import Targets, robust
from bonecast.core import atomic_write
from bonecast.evidence import predicted_values
from bonecast.models import Model

PEOPLE, SEED = 120, 1
SHIFT = 0.02  # of a logarithm: far above the integrator's error, well inside the curvature
MOST_STEPS = 25
LONGEST, SHORTER, NEAR = (
    6.0,
    4.0,
    0.05,
)  # posterior SDs of one step; by how much it is cut; where a search ends
TINY = 1e-4
DIGITS = 10  # of a logarithm: what is computed twice has the same name in the folder
Log = Callable[[str], None]


@dataclass(frozen=True)
class CalibrationFit:
    """Calibrated parameters.

    Parameters
    ----------
    names : tuple of str
        The parameters.
    values : ndarray
        Their values.
    covariance : ndarray
        Covariance of the logarithms.
    pull : ndarray, shape (row, parameter)
        Change of the scaled figure of a row per prior SD of a logarithm.
    figures : ndarray
        Figure of each row at the end.
    costs : tuple of (float, float)
        Cost of the rows, and of the priors.
    """

    names: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    pull: np.ndarray
    figures: np.ndarray
    costs: tuple[float, float]

    @property
    def cv(self) -> np.ndarray:
        """Relative uncertainty of each parameter: SD of its logarithm."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True)
class Problem:
    """The free parameters of a model, and what they are to meet.

    held : parameter to the factor, of its prior, at which a profile holds it.
    folder : where computed figures are kept; nowhere if None.
    """

    model: Model
    targets: Targets
    names: tuple[str, ...]
    people: int = PEOPLE
    progress: Log = print
    held: Mapping[str, float] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def priors(self) -> np.ndarray:
        """Where the parameters were thought to be, and where the search starts."""
        return np.array([self.model.parameter_set.parameters[name].prior for name in self.names], np.float64)

    @property
    def prior_sd(self) -> np.ndarray:
        """How sure that was, as SD of the logarithm."""
        return np.array(
            [self.model.parameter_set.parameters[name].prior_sd for name in self.names], np.float64
        )

    @property
    def cards(self) -> np.ndarray:
        """What the model has of them, around which factors are counted."""
        return np.array([self.model.system.parameters[name] for name in self.names], np.float64)

    @property
    def zero(self) -> np.ndarray:
        """ln(card/prior)."""
        return np.log(self.cards / self.priors)

    def figures(self, logs: np.ndarray) -> np.ndarray:
        """figures[k, row] for logs[k, parameter] around the numbers of the model."""
        factors = np.exp(np.round(logs, DIGITS))
        by_name = {name: factors[:, i] for i, name in enumerate(self.names)}
        by_name |= {name: np.full(len(logs), factor) for name, factor in self.held.items()}
        if self.folder is None:
            return predicted_values(self.targets.rows, self.model, self.people, SEED, by_name)
        kept = self.folder / f"{self._key(by_name)}.npy"
        if kept.exists():
            return np.load(kept)
        found = predicted_values(self.targets.rows, self.model, self.people, SEED, by_name)
        with atomic_write(kept) as beside, Path(beside).open("wb") as stream:
            np.save(stream, found)
        return found

    def _key(self, by_name: Mapping[str, np.ndarray]) -> str:
        """What figures are computed from: equations, numbers, rows, people and factors."""
        digest = hashlib.sha256()
        for source in self.model.system.sources:
            digest.update(Path(source).read_bytes())
        digest.update(repr((sorted(self.model.system.parameters.items()), self.people)).encode())
        digest.update(repr(self.targets.rows).encode())
        for name, factors in by_name.items():
            digest.update(name.encode() + factors.tobytes())
        return digest.hexdigest()[:32]

    def residuals(self, logs: np.ndarray) -> np.ndarray:
        """What least squares makes small: of the rows, then of the priors."""
        rows = self.targets.residuals(self.figures(logs[None]))[0]
        cost = float((rows**2).sum())
        self.progress(f"rows {cost:.1f}, priors {float(((logs / self.prior_sd) ** 2).sum()):.1f}")
        return np.concatenate([rows, logs / self.prior_sd])

    def slopes(self, logs: np.ndarray) -> np.ndarray:
        """Derivatives of `residuals` by differences, all in one run."""
        found = self.targets.residuals(self._shifted(logs))
        return np.vstack([((found[1:] - found[0]) / SHIFT).T, np.diag(1 / self.prior_sd)])

    def by_log(self, logs: np.ndarray) -> np.ndarray:
        """Derivatives of the figures by ln(parameter): by_log[row, parameter]."""
        found = self._shifted(logs)
        return ((found[1:] - found[0]) / SHIFT).T

    def _shifted(self, logs: np.ndarray) -> np.ndarray:
        """Figures at logs, and with each of them a little larger."""
        return self.figures(np.vstack([logs, logs + SHIFT * np.eye(len(logs))]))


def around_cards(
    model: Model,
    targets: Targets,
    people: int = PEOPLE,
    progress: Log = print,
    folder: Path | None = None,
) -> Problem:
    """The calibration of the same cards around what an earlier one found: ln(factor) is zero there."""
    names = problem(model, targets).names
    return Problem(replace(model, posterior=None), targets, names, people, progress, folder=folder)


def problem(
    model: Model,
    targets: Targets,
    people: int = PEOPLE,
    progress: Log = print,
    folder: Path | None = None,
) -> Problem:
    """The calibration of all cards with a prior, from the priors on: what an earlier one found does not matter."""
    priors = {
        name: card.prior for name, card in model.parameter_set.parameters.items() if card.prior is not None
    }
    system = replace(model.system, parameters={**model.system.parameters, **priors})
    return Problem(
        replace(model, system=system, posterior=None), targets, tuple(priors), people, progress, folder=folder
    )


class GaussNewton:
    """A search by Gauss-Newton steps from known derivatives, which are corrected by what each step shows (Broyden).

    Parameters
    ----------
    asked : Problem
        Free parameters and rows.
    figures : ndarray, shape (row,)
        Figures at the start, where ln(factor) is zero.
    by_log : ndarray, shape (row, parameter)
        Their derivatives.
    own : ndarray of bool, optional
        Rows that count; all by default.
    """

    def __init__(
        self, asked: Problem, figures: np.ndarray, by_log: np.ndarray, own: np.ndarray | None = None
    ) -> None:
        self.asked, self.figures, self.by_log = asked, figures, by_log.copy()
        self.own = np.ones(len(figures), bool) if own is None else own
        self.zero = asked.zero
        self.x = np.zeros(len(asked.names))
        self.cost = self._cost(self.x, figures)
        self._aim()

    @property
    def proposed(self) -> np.ndarray:
        """Where the next step ends."""
        return self.x + self.step

    @property
    def covariance(self) -> np.ndarray:
        """Inverse of the curvature where the search is."""
        return np.linalg.inv(self._curvature())

    def length(self, step: np.ndarray) -> float:
        """Length of a step in posterior SDs."""
        return math.sqrt(float(step @ self._curvature() @ step))

    def go(self, there: np.ndarray) -> None:
        """Take the step to these figures if it lowers the cost; else learn from them and take a shorter one."""
        scaled = self.step / self.asked.prior_sd
        missed = there - self.figures - self.by_log @ self.step
        finite = np.isfinite(missed)
        self.by_log[finite] += np.outer(missed[finite], scaled / self.asked.prior_sd) / float(scaled @ scaled)
        cost = self._cost(self.proposed, there)
        if not cost < self.cost:
            self.step = self.step / SHORTER
            return
        self.x, self.figures, self.cost = self.proposed, there, cost
        self._aim()

    def _aim(self) -> None:
        slope = self.slopes.T @ self.residuals + (self.zero + self.x) / self.asked.prior_sd**2
        self.step = -np.linalg.solve(self._curvature(), slope)
        self.step *= min(1.0, LONGEST / max(self.length(self.step), 1e-12))

    @property
    def residuals(self) -> np.ndarray:
        """Signed roots of the loss of the rows that count."""
        return self.asked.targets.residuals(self.figures)[self.own]

    @property
    def slopes(self) -> np.ndarray:
        """Derivatives of the residuals of the rows that count."""
        d = self.asked.targets.missed(self.figures)
        rate = np.where(d == 0.0, 0.0, (robust(d + TINY) - robust(d)) / TINY)
        return (rate / self.asked.targets.sd)[self.own, None] * self.by_log[self.own]

    def _curvature(self) -> np.ndarray:
        slopes = self.slopes
        return slopes.T @ slopes + np.diag(self.asked.prior_sd**-2)

    def _cost(self, x: np.ndarray, figures: np.ndarray) -> float:
        rows = float((self.asked.targets.residuals(figures)[self.own] ** 2).sum())
        return rows + float((((self.zero + x) / self.asked.prior_sd) ** 2).sum())


def refine(asked: Problem, steps: int = MOST_STEPS) -> CalibrationFit:
    """Go on from the cards as they are: derivatives there once, then `GaussNewton` steps, and derivatives at the end.

    Parameters
    ----------
    asked : Problem
        Free parameters around the cards, and rows.
    steps : int
        Most steps.

    Returns
    -------
    CalibrationFit
        Values with their uncertainty.
    """
    start = np.zeros(len(asked.names))
    search = GaussNewton(asked, asked.figures(start[None])[0], asked.by_log(start))
    asked.progress(f"cost {search.cost:.2f} at the cards, next step {search.length(search.step):.2f} SD")
    for _ in range(steps):
        if search.length(search.step) < NEAR:
            break
        search.go(asked.figures(search.proposed[None])[0])
        asked.progress(f"cost {search.cost:.2f}, next step {search.length(search.step):.2f} SD")
    search.by_log = asked.by_log(search.x)
    rows = float((asked.targets.residuals(search.figures) ** 2).sum())
    return CalibrationFit(
        names=asked.names,
        values=asked.cards * np.exp(search.x),
        covariance=search.covariance,
        pull=search.slopes * asked.prior_sd,
        figures=search.figures,
        costs=(rows, search.cost - rows),
    )


def fit(asked: Problem, start: np.ndarray | None = None, steps: int = MOST_STEPS) -> CalibrationFit:
    """Find the parameters that meet the rows best.

    Parameters
    ----------
    asked : Problem
        Free parameters and rows.
    start : ndarray, optional
        Logarithms of the factors at the start; zero by default.
    steps : int
        Most evaluations.

    Returns
    -------
    CalibrationFit
        Values with their uncertainty.
    """
    first = np.zeros(len(asked.names)) if start is None else start
    found = least_squares(asked.residuals, first, asked.slopes, max_nfev=steps, xtol=1e-3, ftol=1e-4)  # type: ignore[arg-type]
    slopes = found.jac
    rows = len(asked.targets.rows)
    return CalibrationFit(
        names=asked.names,
        values=asked.priors * np.exp(found.x),
        covariance=np.linalg.inv(slopes.T @ slopes),
        pull=slopes[:rows] * asked.prior_sd,
        figures=asked.figures(found.x[None])[0],
        costs=(float((found.fun[:rows] ** 2).sum()), float((found.fun[rows:] ** 2).sum())),
    )
