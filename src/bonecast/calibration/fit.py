"""The search: the parameters that meet the rows best while staying near what was thought before.

    cost = sum over rows of 2 (sqrt(1 + d^2) - 1) + sum over parameters of (ln(p/prior)/prior_sd)^2
    d    = (figure - published)/sd

Least squares in the logarithms of the parameters, from the priors on, with derivatives by differences: all shifted
sets of parameters are followed by the same people in one ensemble run per arm. Deterministic. The covariance is the
inverse of the curvature at the end (Laplace).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import least_squares

from bonecast.calibration.targets import Targets
from bonecast.evidence import predicted_values
from bonecast.models import Model

PEOPLE, SEED = 120, 1
SHIFT = 0.02  # of a logarithm: far above the integrator's error, well inside the curvature
MOST_STEPS = 25
Progress = Callable[[str], None]


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
    """

    model: Model
    targets: Targets
    names: tuple[str, ...]
    people: int = PEOPLE
    progress: Progress = print
    held: Mapping[str, float] = field(default_factory=dict)

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

    def figures(self, logs: np.ndarray) -> np.ndarray:
        """figures[k, row] for logs[k, parameter] around the priors."""
        factors = np.exp(logs)
        by_name = {name: factors[:, i] for i, name in enumerate(self.names)}
        by_name |= {name: np.full(len(logs), factor) for name, factor in self.held.items()}
        return predicted_values(self.targets.rows, self.model, self.people, SEED, by_name)

    def residuals(self, logs: np.ndarray) -> np.ndarray:
        """What least squares makes small: of the rows, then of the priors."""
        rows = self.targets.residuals(self.figures(logs[None]))[0]
        cost = float((rows**2).sum())
        self.progress(f"rows {cost:.1f}, priors {float(((logs / self.prior_sd) ** 2).sum()):.1f}")
        return np.concatenate([rows, logs / self.prior_sd])

    def slopes(self, logs: np.ndarray) -> np.ndarray:
        """Derivatives of `residuals` by differences, all in one run."""
        count = len(logs)
        shifted = np.vstack([logs, logs + SHIFT * np.eye(count)])
        found = self.targets.residuals(self.figures(shifted))
        return np.vstack([((found[1:] - found[0]) / SHIFT).T, np.diag(1 / self.prior_sd)])


def problem(model: Model, targets: Targets, people: int = PEOPLE, progress: Progress = print) -> Problem:
    """The calibration of all cards with a prior, from the priors on: what an earlier one found does not matter."""
    priors = {
        name: card.prior for name, card in model.parameter_set.parameters.items() if card.prior is not None
    }
    system = replace(model.system, parameters={**model.system.parameters, **priors})
    return Problem(replace(model, system=system, posterior=None), targets, tuple(priors), people, progress)


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
