"""The fracture relation, fitted after the body: its cards to the fracture rows, along the body's own curves.

    d = ln(figure/published)/sd,    sd^2 = scatter^2 + (half the published 95 % interval on the log scale/1.96)^2

The cost is that of `fit`; the people's curves are run once and read again with every set of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from bonecast.calibration.fit import SEED, CalibrationFit, Log
from bonecast.calibration.targets import FROM_MEMORY, robust
from bonecast.evidence import ArmRuns, Row, RowArms, arms_of, calibration_rows, combined, study_group
from bonecast.models import Model
from bonecast.outcomes import fracture_parameter_set

RELATION_OF = "bonecast-1"  # the model along whose curves the relation is fitted; others read it as it is
PEOPLE = 120
SHIFT = 0.03
SCATTER = 0.2  # of a logarithm: what lies between two trials beside chance
EVENTS_UNKNOWN = 40.0  # events behind a figure whose group size the table does not give


class _Curves:
    """The fracture rows with a plan, and the curves of their arms."""

    def __init__(self, model: Model, people: int, progress: Log) -> None:
        self.model = replace(model, posterior=None)
        self.runs = ArmRuns(self.model, people, SEED)
        asked = [
            row for row in calibration_rows() if row.endpoint_class == "fracture" and row.plan is not None
        ]
        self.rows = tuple(row for row in asked if isinstance(arms_of(row, self.model), RowArms))
        for row in self.rows:
            self._case(row, None).request(self.runs)
        self.runs.run(lambda share, what: progress(f"curves for fractures: {what}"))

    def figures(self, relation: Mapping[str, float]) -> np.ndarray:
        return np.array([combined(row, self._case(row, relation).read(self.runs)) for row in self.rows])

    def _case(self, row: Row, relation: Mapping[str, float] | None) -> RowArms:
        case = arms_of(row, self.model, relation)
        if not isinstance(case, RowArms):
            raise ValueError(f"{row.id}: it could be tried before and cannot now: {case.note}")
        return case


def fit_fractures(
    model: Model, progress: Log, people: int = PEOPLE
) -> tuple[CalibrationFit, tuple[Row, ...]]:
    """Which numbers of the fracture relation meet the fracture rows best, and which rows are these?"""
    curves = _Curves(model, people, progress)
    cards = fracture_parameter_set().parameters
    names = tuple(name for name, card in cards.items() if card.prior_sd is not None)
    priors = np.array([cards[name].prior for name in names], np.float64)
    prior_sd = np.array([cards[name].prior_sd for name in names], np.float64)
    published = np.log([max(row.value or 0.0, 1e-3) for row in curves.rows])
    sd = np.array([_sd(row) for row in curves.rows])

    def read(logs: np.ndarray) -> np.ndarray:
        values = {n: card.value for n, card in cards.items()} | dict(
            zip(names, priors * np.exp(logs), strict=True)
        )
        return curves.figures(values)

    def residuals(logs: np.ndarray) -> np.ndarray:
        d = (np.log(np.maximum(read(logs), 1e-6)) - published) / sd
        return np.concatenate([robust(d), logs / prior_sd])

    def slopes(logs: np.ndarray) -> np.ndarray:
        here = residuals(logs)
        progress(f"fractures: cost {float((here**2).sum()):.1f}")
        return np.array([(residuals(logs + SHIFT * e) - here) / SHIFT for e in np.eye(len(logs))]).T

    found = least_squares(residuals, np.zeros(len(names)), slopes, max_nfev=12, xtol=1e-3, ftol=1e-4)  # type: ignore[arg-type]
    rows = len(curves.rows)
    fitted = CalibrationFit(
        names=names,
        values=priors * np.exp(found.x),
        covariance=np.linalg.inv(found.jac.T @ found.jac),
        pull=found.jac[:rows] * prior_sd,
        figures=read(found.x),
        costs=(float((found.fun[:rows] ** 2).sum()), float((found.fun[rows:] ** 2).sum())),
    )
    return fitted, curves.rows


class FractureProblem:
    """The fracture relation as it is, with its rows: what leaving studies out would change.

    Parameters
    ----------
    model : Model
        The model whose curves are read.
    people : int
        Virtual people in each arm.
    progress : callable
        Called with what is being done.
    """

    def __init__(self, model: Model, people: int, progress: Log) -> None:
        self._curves = _Curves(model, people, progress)
        self.rows = self._curves.rows

    def left_out(self, steps: Callable[..., Mapping[str, Any]]) -> dict[str, float]:
        """Change of ln(figure) of each row when its group of studies is left out.

        Parameters
        ----------
        steps : callable
            `bonecast.calibration.left_out.steps`.

        Returns
        -------
        dict of str to float
            Id of the row to the change.
        """
        cards = fracture_parameter_set().parameters
        names = tuple(name for name, card in cards.items() if card.prior_sd is not None)
        prior_sd = np.array([cards[name].prior_sd for name in names], np.float64)
        values = {name: float(card.value) for name, card in cards.items()}

        def logs(change: np.ndarray) -> np.ndarray:
            moved = {name: values[name] * float(np.exp(x)) for name, x in zip(names, change, strict=True)}
            return np.log(np.maximum(self._curves.figures(values | moved), 1e-6))

        zero = np.zeros(len(names))
        here = logs(zero)
        by_log = np.array([(logs(zero + SHIFT * e) - here) / SHIFT for e in np.eye(len(names))]).T
        sd = np.array([_sd(row) for row in self.rows])
        d = (here - np.log([max(row.value or 0.0, 1e-3) for row in self.rows])) / sd
        rate = (robust(d + SHIFT) - robust(d)) / SHIFT
        groups = [study_group(row.study) for row in self.rows]
        found = steps(robust(d), rate[:, None] * by_log / sd[:, None], prior_sd, groups)
        after = {group: logs(np.clip(step.change, -2.0, 2.0)) for group, step in found.items()}
        return {
            row.id: float(after[g][i] - here[i])
            for i, (row, g) in enumerate(zip(self.rows, groups, strict=True))
        }


def _sd(row: Row) -> float:
    """SD of the logarithm of a published figure: chance, and what lies between trials."""
    if row.ci_type == "95CI" and row.ci_low and row.ci_high:
        chance = math.log(row.ci_high / row.ci_low) / (2 * 1.96)
    else:
        share = 0.01 if row.is_ratio else (row.value or 1.0) / 100
        events = (row.n or 0.0) * share or EVENTS_UNKNOWN
        chance = (2.0 if row.is_contrast else 1.0) / math.sqrt(max(events, 5.0))
    sd = math.hypot(SCATTER, chance)
    return sd * (FROM_MEMORY if row.seen == "memory" else 1.0)
