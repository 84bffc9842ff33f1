"""Every study left out in turn: what the model would predict of its rows, had it not been fitted to them.

A study that the calibration used is left out by refitting all parameters without the rows of the persons who were in
it. The refit begins with one Gauss-Newton step from the optimum,

    step = (H - H_s)^-1 J_s^T r_s        H = J^T J with the priors in it, r the signed roots of the loss

and goes on with steps of the same kind, the model run again at each and its derivatives corrected by what was seen
(Broyden), until none is long. `moved` is the length of the way in posterior SDs: beyond a few, the study alone decides
some parameter. `left` is the length of the step that would come next: a refit with far to go is no prediction.
Rows that the calibration did not use need no refit. Deterministic.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bonecast.calibration.fit import SEED, SHIFT, GaussNewton, Problem
from bonecast.calibration.fracture_fit import FractureProblem
from bonecast.calibration.targets import setup_of, targets
from bonecast.evidence import (
    Row,
    Spread,
    evidence_rows,
    off_scale,
    on_scale,
    predict_table,
    predicted_values,
    study_group,
)
from bonecast.models import Model

SETS = ("calibration", "set_2", "pack")
TINY = 1e-4
STEPS, SHORT, LONGEST = (
    6,
    0.1,
    6.0,
)  # most steps of a refit; posterior SDs at which it ends, and that one step may go
COLUMNS = (
    "id", "prediction", "left_out", "moved", "left", "scale", "sampling", "parameters", "study", "unit",
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
        How far the parameters went without the study, in posterior SDs; 0 for a study that was not used.
    left : float
        Length of the step that would have come next, in posterior SDs.
    spread : Spread
        What makes it uncertain, but for the structural error of the model.
    """

    id: str
    prediction: float
    left_out: float
    moved: float
    left: float
    spread: Spread


@dataclass(frozen=True)
class Refit:
    """The change of ln(parameter) when a group of studies is left out, and the covariance without it.

    moved, left : how far it went and the step that would come next, in posterior SDs.
    """

    change: np.ndarray
    covariance: np.ndarray
    moved: float
    left: float = 0.0


def steps(
    residuals: np.ndarray, slopes: np.ndarray, prior_sd: np.ndarray, groups: Sequence[str]
) -> dict[str, Refit]:
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
    dict of str to Refit
    """
    whole = slopes.T @ slopes + np.diag(prior_sd**-2)
    found = {}
    for group in dict.fromkeys(groups):
        own = np.array([g == group for g in groups])
        without = whole - slopes[own].T @ slopes[own]
        change = np.linalg.solve(without, slopes[own].T @ residuals[own])
        found[group] = Refit(change, np.linalg.inv(without), math.sqrt(float(change @ whole @ change)))
    return found


def left_out_table(
    model: Model, slopes: Path, folder: Path | None = None, progress: Callable[[str], None] = print
) -> tuple[LeftOut, ...]:
    """Predict the rows of all trials, with and without their study.

    Parameters
    ----------
    model : Model
        A calibrated model.
    slopes : Path
        What `figure_slopes` wrote for it.
    folder : Path, optional
        Where computed figures are kept, so that an interrupted run goes on from them.
    progress : callable
        Called with what is being done.

    Returns
    -------
    tuple of LeftOut
        Rows that can be predicted, in the order of the table.
    """
    names, ids, figures, by_log = read_slopes(slopes)
    rows, setup = evidence_rows(*SETS), setup_of(model.name)
    asked = Problem(model, targets(model.name), tuple(names), setup.people, progress, folder=folder)
    at = [ids.index(row.id) for row in asked.targets.rows]
    body = refits(asked, figures[at], by_log[at])
    progress("predictions of all rows")
    made = {p.id: p for p in predict_table(rows, model) if p.value is not None}
    groups = list(body)
    own = [row for row in rows if row.id in made and study_group(row.study) in body]
    limits = model.posterior
    assert limits is not None  # a calibrated model has one
    moved: dict[str, float] = {}
    for group in groups:
        members = [row for row in own if study_group(row.study) == group]
        factors = np.exp([np.zeros(len(names)), body[group].change])
        factors = np.clip(factors, limits.low, limits.high)
        before, after = predicted_values(
            members, model, setup.people, SEED, dict(zip(names, factors.T, strict=True))
        )
        for row, here, there in zip(members, before, after, strict=True):
            if math.isfinite(here) and math.isfinite(there):
                scale = made[row.id].spread.scale  # type: ignore[union-attr]
                moved[row.id] = on_scale(scale, there) - on_scale(scale, here)
    progress("fracture relation without its studies")
    fractures = FractureProblem(model, setup.people, progress)
    relation = fractures.left_out(steps)
    for row_id, shift in relation.items():
        moved[row_id] = moved.get(row_id, 0.0) + shift
    return tuple(_one(row, made[row.id], body, moved, names, ids, by_log) for row in rows if row.id in made)


def refits(asked: Problem, figures: np.ndarray, by_log: np.ndarray) -> dict[str, Refit]:
    """Refit the parameters of the body without each group of studies in turn, all of them in one run for each step.

    Parameters
    ----------
    asked : Problem
        The free parameters of a calibrated model, and its rows.
    figures : ndarray, shape (row,)
        Figures of the rows at the optimum.
    by_log : ndarray, shape (row, parameter)
        Their derivatives by ln(parameter).

    Returns
    -------
    dict of str to Refit
    """
    groups = [study_group(row.study) for row in asked.targets.rows]
    whole = GaussNewton(asked, figures, by_log)
    searches = {
        name: GaussNewton(asked, figures, by_log, np.array([g != name for g in groups]))
        for name in dict.fromkeys(groups)
    }
    for step in range(STEPS):
        going = [search for search in searches.values() if whole.length(search.step) > SHORT]
        if not going:
            break
        found = asked.figures(np.array([search.proposed for search in going]))
        for search, there in zip(going, found, strict=True):
            search.go(there)
        left = max(whole.length(search.step) for search in going)
        asked.progress(f"refits without a study, step {step + 1}: {len(going)}, longest next {left:.2f} SD")
    return {
        name: Refit(search.x, search.covariance, whole.length(search.x), whole.length(search.step))
        for name, search in searches.items()
    }


def _one(row: Row, made, body: dict[str, Refit], moved: dict[str, float], names, ids, by_log) -> LeftOut:
    spread, refit = made.spread, body.get(study_group(row.study))
    if row.id in ids and refit is not None:
        slope = by_log[ids.index(row.id)]
        per = {"points": 1.0, "log": made.value, "level": 100 + made.value}[spread.scale]
        if np.isfinite(slope).all() and per:
            slope = slope / per
            spread = replace(spread, parameters=math.sqrt(float(slope @ refit.covariance @ slope)))
    at = on_scale(spread.scale, made.value) + moved.get(row.id, 0.0)
    lengths = (refit.moved, refit.left) if refit else (0.0, 0.0)
    return LeftOut(row.id, made.value, off_scale(spread.scale, at), *lengths, spread)


def figure_slopes(model: Model) -> str:
    """Compute the figures of the calibration rows and their derivatives by ln(parameter), as CSV. Takes minutes."""
    assert model.posterior is not None  # a calibrated model has one
    names, rows, setup = model.posterior.names, targets(model.name).rows, setup_of(model.name)
    factors = np.exp(np.vstack([np.zeros(len(names)), SHIFT * np.eye(len(names))]))
    figures = predicted_values(rows, model, setup.people, SEED, dict(zip(names, factors.T, strict=True)))
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
        numbers = (row.prediction, row.left_out, row.moved, row.left)
        sds = (s.sampling, s.parameters, s.study, s.unit)
        writer.writerow([row.id, *(f"{x:.6g}" for x in numbers), s.scale, *(f"{x:.6g}" for x in sds)])
    return text.getvalue()


def read_left_out(path: Path) -> tuple[LeftOut, ...]:
    """Read what `left_out_csv` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    tuple of LeftOut
    """
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            LeftOut(
                row["id"],
                float(row["prediction"]),
                float(row["left_out"]),
                float(row["moved"]),
                float(row["left"]),
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
