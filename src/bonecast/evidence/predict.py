"""Predictions for a table of published figures: each row made an arm, all arms run, each figure read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bonecast.core import Progress
from bonecast.errors import BonecastError, InputError
from bonecast.evidence.arm_runs import ArmRuns
from bonecast.evidence.interval import USUAL_N, Z50, combined, figure_with_spread
from bonecast.evidence.prediction import Prediction
from bonecast.evidence.row import Row
from bonecast.evidence.row_arms import RowArms, arms_of, none
from bonecast.models import DEFAULT_MODEL, Model, load_model

FEWEST, MOST, USUAL = 20, 10_000, 240
SETS, SOME = 16, 40  # sets of uncertain parameters, and the people who are followed with each


def predict_table(
    rows: Iterable[Row],
    model: str | Model = DEFAULT_MODEL,
    people: int = USUAL,
    seed: int = 1,
    progress: Progress | None = None,
) -> tuple[Prediction, ...]:
    r"""Predict every row of a table of published figures.

    Every row becomes an arm of virtual people like the trial's, who follow its regimen; the endpoint is read from their
    curves as the trial read it. The published value of a row is never used.

    Parameters
    ----------
    rows : iterable of Row
        Published figures.
    model : str or Model
        Library name, or a model.
    people : int
        Virtual people in each arm, 20 to 10,000.
    seed : int
        The same seed gives the same people, in regimen and comparator and in every arm.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    tuple of Prediction
        One for each row, in the same order; a note states why there is no value.

    Raises
    ------
    InputError
        If a number is out of range.
    UnknownName
        If there is no such model.

    Examples
    --------
    >>> from bonecast.evidence import rows_in
    >>> text = "id,plan,endpoint,month\na,denosumab 60 mg every 6 months x 2,LS_BMD_pct,12\nb,,LS_BMD_pct,12\n"
    >>> a, b = predict_table(rows_in(text, "t.csv"), "choi-2025", people=20)
    >>> a.lo90 < a.value < a.hi90, b.note
    (True, 'the row has no plan')
    """
    if not FEWEST <= people <= MOST:
        raise InputError("people", f"{people} is outside {FEWEST} to {MOST}", f"{USUAL} is the default")
    if seed < 0:
        raise InputError("seed", "it is negative", "give zero or a positive whole number")
    report = progress or (lambda share, what: None)
    loaded, asked = load_model(model), tuple(rows)
    others = np.empty((0, len(asked)))
    if loaded.posterior is not None:
        report(0.0, "uncertain parameters")
        others = predicted_values(asked, loaded, SOME, seed, loaded.posterior.draw(SETS, seed))
    runs, cases = _run(ArmRuns(loaded, people, seed), asked, report)
    return tuple(
        _finished(case, runs, others[:, j]) if isinstance(case, RowArms) else case
        for j, case in enumerate(cases)
    )


def predicted_values(
    rows: Sequence[Row], model: Model, people: int, seed: int, factors: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Predict every row with the parameters of a model multiplied by factors.

    All sets are followed by the same people in one run of each arm, so that differences between sets are the
    parameters'.

    Parameters
    ----------
    rows : sequence of Row
        Published figures.
    model : Model
        The model.
    people : int
        Virtual people in each arm.
    seed : int
        The same seed gives the same people.
    factors : mapping of str to ndarray
        Parameter to factors, one for each set.

    Returns
    -------
    ndarray, shape (set, row)
        NaN where there is none.
    """
    runs, cases = _run(ArmRuns(model, people, seed, factors), rows, lambda share, what: None)
    found = np.full((runs.sets, len(rows)), np.nan)
    for j, case in enumerate(cases):
        for k in range(runs.sets):
            if isinstance(case, RowArms):
                with contextlib.suppress(BonecastError):  # an arm that cannot be followed leaves its gap
                    found[k, j] = combined(case.row, case.read(runs, k))
    return found


def _run(
    runs: ArmRuns, rows: Sequence[Row], progress: Progress
) -> tuple[ArmRuns, list[RowArms | Prediction]]:
    """All rows tried, and the arms of those that can be predicted run."""
    cases = [arms_of(row, runs.model) for row in rows]
    for case in cases:
        if isinstance(case, RowArms):
            case.request(runs)
    runs.run(progress)
    return runs, cases


def _finished(case: RowArms, runs: ArmRuns, others: np.ndarray) -> Prediction:
    try:
        readings = case.read(runs)
        value, spread = figure_with_spread(case.row, readings, case.parts[0].probe.scale, others, runs.model)
    except BonecastError as error:
        return none(case.row, error)
    (low, high), (low50, high50) = spread.interval(value), spread.interval(value, Z50)
    if readings[0].chance and not case.row.is_contrast:
        if value == 0:  # no event among the virtual people: what none among the row's persons leaves possible
            persons = case.row.n or USUAL_N
            high, high50 = (100 * (1 - share ** (1 / persons)) for share in (0.05, 0.25))
        high, high50 = min(high, 100.0), min(high50, 100.0)
    return Prediction(case.row.id, value, low, high, low50, high50, "; ".join(case.remarks), spread)
