"""Every study left out in turn: what the model would predict of its rows, had it not been fitted to them.

A study that the calibration used is left out by one Gauss-Newton step from the optimum, with the rows of everybody who
was in it taken away,

    step = (H - H_s)^-1 J_s^T r_s        H = J^T J with the priors in it, r the signed roots of the loss

and the model is then run with the parameters after the step, so that only the step is linear. `moved` is its length in
posterior SDs: beyond a few, the study alone decides some parameter, and the step says where the prior leaves it. Rows
that the calibration did not use need no step. Deterministic.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bonecast.calibration.fit import SEED, SHIFT
from bonecast.calibration.fracture_fit import FractureProblem
from bonecast.calibration.targets import Targets, robust, targets
from bonecast.evidence import (
    Row,
    Spread,
    calibration_rows,
    evidence_rows,
    off_scale,
    on_scale,
    predict_table,
    predicted_values,
    study_group,
)
from bonecast.models import Model

PEOPLE = 120
SETS = ("calibration", "set_2", "pack")
TINY = 1e-4
COLUMNS = (
    "id", "prediction", "left_out", "moved", "scale", "sampling", "parameters", "study", "unit",
)  # fmt: skip


@dataclass(frozen=True)
class LeftOut:
    """What a model predicts of one row, with and without its study.

    Parameters
    ----------
    id : str
        Id of the row.
    prediction : float
        With the parameters as they are.
    left_out : float
        With the parameters as they would be without the study.
    moved : float
        Length of the step that leaves the study out, in posterior SDs; 0 for a study that was not used.
    spread : Spread
        What makes it uncertain, but for the structural error of the model.
    """

    id: str
    prediction: float
    left_out: float
    moved: float
    spread: Spread


@dataclass(frozen=True)
class NewtonStep:
    """The change of ln(parameter) when a group of studies is left out, the covariance without it, and its length."""

    change: np.ndarray
    covariance: np.ndarray
    moved: float


def steps(
    residuals: np.ndarray, slopes: np.ndarray, prior_sd: np.ndarray, groups: Sequence[str]
) -> dict[str, NewtonStep]:
    """Leave out every group of studies in turn.

    Parameters
    ----------
    residuals : ndarray, shape (row,)
        Signed roots of the loss of the rows.
    slopes : ndarray, shape (row, parameter)
        Their derivatives by ln(parameter).
    prior_sd : ndarray, shape (parameter,)
        SD of the prior of ln(parameter).
    groups : sequence of str
        Group of each row.

    Returns
    -------
    dict of str to NewtonStep
    """
    whole = slopes.T @ slopes + np.diag(prior_sd**-2)
    found = {}
    for group in dict.fromkeys(groups):
        own = np.array([g == group for g in groups])
        without = whole - slopes[own].T @ slopes[own]
        change = np.linalg.solve(without, slopes[own].T @ residuals[own])
        found[group] = NewtonStep(change, np.linalg.inv(without), math.sqrt(float(change @ whole @ change)))
    return found


def left_out_table(
    model: Model, slopes: Path, progress: Callable[[str], None] = print
) -> tuple[LeftOut, ...]:
    """Predict the rows of all trials, with and without their study.

    Parameters
    ----------
    model : Model
        A calibrated model.
    slopes : Path
        What `figure_slopes` wrote for it.
    progress : callable
        Called with what is being done.

    Returns
    -------
    tuple of LeftOut
        Rows that can be predicted, in the order of the table.
    """
    names, ids, figures, by_log = read_slopes(slopes)
    rows = evidence_rows(*SETS)
    progress("predictions of all rows")
    made = {p.id: p for p in predict_table(rows, model) if p.value is not None}
    body = _body_steps(model, targets(), names, ids, figures, by_log)
    progress(
        f"{len(body)} groups of studies left out: {', '.join(f'{g} {s.moved:.1f}' for g, s in body.items())}"
    )
    groups = list(body)
    own = [row for row in rows if row.id in made and study_group(row.study) in body]
    limits = model.posterior
    assert limits is not None  # a calibrated model has one
    factors = np.exp([np.zeros(len(names)), *(body[g].change for g in groups)])
    factors = np.clip(factors, limits.low, limits.high)
    shifted = predicted_values(own, model, PEOPLE, SEED, dict(zip(names, factors.T, strict=True)))
    moved = {}
    for j, row in enumerate(own):
        scale = made[row.id].spread.scale  # type: ignore[union-attr]
        before, after = shifted[0, j], shifted[1 + groups.index(study_group(row.study)), j]
        if math.isfinite(before) and math.isfinite(after):
            moved[row.id] = on_scale(scale, after) - on_scale(scale, before)
    progress("fracture relation without its studies")
    fractures = FractureProblem(model, PEOPLE, progress)
    relation = fractures.left_out(steps)
    for row_id, shift in relation.items():
        moved[row_id] = moved.get(row_id, 0.0) + shift
    return tuple(_one(row, made[row.id], body, moved, names, ids, by_log) for row in rows if row.id in made)


def _one(row: Row, made, body: dict[str, NewtonStep], moved: dict[str, float], names, ids, by_log) -> LeftOut:
    spread, step = made.spread, body.get(study_group(row.study))
    if row.id in ids and step is not None:
        slope = by_log[ids.index(row.id)]
        per = {"points": 1.0, "log": made.value, "level": 100 + made.value}[spread.scale]
        if np.isfinite(slope).all() and per:
            slope = slope / per
            spread = replace(spread, parameters=math.sqrt(float(slope @ step.covariance @ slope)))
    at = on_scale(spread.scale, made.value) + moved.get(row.id, 0.0)
    return LeftOut(row.id, made.value, off_scale(spread.scale, at), step.moved if step else 0.0, spread)


def _body_steps(
    model: Model,
    asked: Targets,
    names: Sequence[str],
    ids: Sequence[str],
    figures: np.ndarray,
    by_log: np.ndarray,
) -> dict[str, NewtonStep]:
    """The steps of the parameters of the body."""
    at = [ids.index(row.id) for row in asked.rows]
    d = np.where(asked._met(figures[at]), 0.0, (figures[at] - asked.published) / asked.sd)
    rate = np.where(d == 0.0, 0.0, (robust(d + TINY) - robust(d)) / TINY)
    prior = np.array([model.parameter_set.parameters[name].prior_sd for name in names], np.float64)
    return steps(
        robust(d),
        rate[:, None] * by_log[at] / asked.sd[:, None],
        prior,
        [study_group(r.study) for r in asked.rows],
    )


def figure_slopes(model: Model) -> str:
    """Compute the figures of the calibration rows and their derivatives by ln(parameter), as CSV. Takes minutes."""
    assert model.posterior is not None  # a calibrated model has one
    names, rows = model.posterior.names, calibration_rows()
    factors = np.exp(np.vstack([np.zeros(len(names)), SHIFT * np.eye(len(names))]))
    figures = predicted_values(rows, model, PEOPLE, SEED, dict(zip(names, factors.T, strict=True)))
    return slopes_csv(names, [row.id for row in rows], figures[0], ((figures[1:] - figures[0]) / SHIFT).T)


def slopes_csv(names: Sequence[str], ids: Sequence[str], figures: np.ndarray, by_log: np.ndarray) -> str:
    """Write figures and slopes of rows that were predicted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "figure", *names])
    for row_id, figure, slope in zip(ids, figures, by_log, strict=True):
        if math.isfinite(figure):
            writer.writerow([row_id, f"{figure:.6g}", *(f"{x:.3g}" for x in slope)])
    return text.getvalue()


def read_slopes(path: Path) -> tuple[list[str], list[str], np.ndarray, np.ndarray]:
    """Read what `slopes_csv` wrote: parameters, ids, figures, slopes[row, parameter]."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    values = np.array([[float(x) for x in row[1:]] for row in rows])
    return header[2:], [row[0] for row in rows], values[:, 0], values[:, 1:]


def left_out_csv(rows: Sequence[LeftOut]) -> str:
    """Write predictions with and without their study as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        s = row.spread
        numbers = (row.prediction, row.left_out, row.moved)
        sds = (s.sampling, s.parameters, s.study, s.unit)
        writer.writerow([row.id, *(f"{x:.6g}" for x in numbers), s.scale, *(f"{x:.6g}" for x in sds)])
    return text.getvalue()


def read_left_out(path: Path) -> tuple[LeftOut, ...]:
    """Read what `left_out_csv` wrote."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            LeftOut(
                row["id"],
                float(row["prediction"]),
                float(row["left_out"]),
                float(row["moved"]),
                Spread(
                    row["scale"],  # type: ignore[arg-type]
                    float(row["sampling"]),
                    float(row["parameters"]),
                    float(row["study"]),
                    0.0,
                    float(row["unit"]),
                ),
            )
            for row in csv.DictReader(stream)
        )
