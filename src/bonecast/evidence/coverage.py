"""What the tables of published results hold: which figures have a known place, and what is not predicted, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from bonecast.evidence.prediction import Prediction
from bonecast.evidence.row import Row
from bonecast.evidence.row_arms import arms_of
from bonecast.models import DEFAULT_MODEL, Model, load_model

UNRECORDED = "place not recorded"  # of a row of which nobody wrote down where its figure stands
_SECOND_HAND = "second-hand"


def places(rows: Iterable[Row]) -> Counter[tuple[str, str]]:
    """Count rows by where the figure stands in its source, and by whether it was read there or recalled.

    Parameters
    ----------
    rows : iterable of Row
        Published figures.

    Returns
    -------
    Counter of (str, str)
        Kind of place ("abstract", "table or figure", "text", "label or report", "second-hand", "place not recorded")
        and `seen`, to the number of rows.

    Examples
    --------
    >>> places([Row("a", "LS_BMD_pct", where="Table 2", seen="verbatim")])
    Counter({('table or figure', 'verbatim'): 1})
    """
    return Counter((_kind(row.where), row.seen) for row in rows)


def _kind(where: str) -> str:
    if where.startswith(("Table", "Figure")):
        return "table or figure"
    if where.startswith("text"):
        return "text"
    for kind in ("abstract", _SECOND_HAND, UNRECORDED):
        if where.startswith(kind):
            return kind
    return "label or report"


def unpredicted(rows: Iterable[Row], model: str | Model = DEFAULT_MODEL) -> Counter[tuple[str, str]]:
    """Count the rows that a model does not predict, by endpoint and reason. Nothing is run.

    Parameters
    ----------
    rows : iterable of Row
        Published figures.
    model : str or Model
        Library name, or a model.

    Returns
    -------
    Counter of (str, str)
        Endpoint and reason, to the number of rows.

    Examples
    --------
    >>> unpredicted([Row("a", "LS_BMD_pct")], "choi-2025")
    Counter({('LS_BMD_pct', 'the row has no plan'): 1})
    """
    loaded = load_model(model)
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        case = arms_of(row, loaded)
        if isinstance(case, Prediction):
            found[row.endpoint, _reason(row, case.note)] += 1
    return found


def _reason(row: Row, note: str) -> str:
    """The reason without what follows it in the note of a row that cannot be written as a plan."""
    if row.note.startswith("not expressible: "):
        return re.split(r"; ", row.note.removeprefix("not expressible: "), maxsplit=1)[0].rstrip(";. ")
    return note
