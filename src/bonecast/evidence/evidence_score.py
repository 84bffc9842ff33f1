"""The score of a model: every published result predicted and compared."""

from __future__ import annotations

import os
from collections.abc import Iterable

from bonecast.core import Progress
from bonecast.evidence.calibration import calibration_rows
from bonecast.evidence.predict import USUAL, predict_table
from bonecast.evidence.reader import read_rows
from bonecast.evidence.row import Row
from bonecast.evidence.score import Scorecard, score
from bonecast.models import DEFAULT_MODEL, Model


def evidence_score(
    model: str | Model = DEFAULT_MODEL,
    rows: str | os.PathLike[str] | Iterable[Row] | None = None,
    people: int = USUAL,
    seed: int = 1,
    progress: Progress | None = None,
) -> Scorecard:
    """Score a model against published results.

    Each row of the table becomes an arm of virtual people like the trial's, given the trial's regimen. The prediction
    is made without the published value and then compared with it.

    Parameters
    ----------
    model : str or Model
        Library name, or a model.
    rows : str, path or iterable of Row, optional
        A CSV table of published results, or its rows; the table that comes with the package by default.
    people : int
        Virtual people in each arm, 20 to 10,000.
    seed : int
        The same seed gives the same people.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Scorecard
        Each row with its prediction, and the hits by class of endpoint.

    Raises
    ------
    InputError
        If the table cannot be used, or a number is out of range.
    UnknownName
        If there is no such model.

    Examples
    --------
    >>> from bonecast.evidence import calibration_rows
    >>> card = evidence_score("choi-2025", calibration_rows()[:12], people=20)
    >>> card.table().height, card.classes[-1].name
    (12, 'all')
    """
    given = calibration_rows() if rows is None else rows
    table = read_rows(given) if isinstance(given, str | os.PathLike) else tuple(given)
    return score(table, predict_table(table, model, people, seed, progress))
