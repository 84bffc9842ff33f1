"""The tables of published results that the project carries, by set."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import IO

from bonecast.errors import UnknownName
from bonecast.evidence.reader import rows_in
from bonecast.evidence.row import Row

NAME = "calibration.csv"
# What models may be fitted to; two sets that none was fitted to; calcium; strength; and recalled figures, never a test.
SETS = ("calibration", "set_2", "pack", "calcium", "strength", "recalled")


def open_calibration() -> IO[str]:
    """Open the table of published results that models may be fitted to.

    Returns
    -------
    file object
        Text, to be read and closed by the caller.

    Examples
    --------
    >>> with open_calibration() as file:
    ...     file.readline().startswith("id,study,arm,n,population")
    True
    """
    return (files("bonecast.evidence") / NAME).open("r", encoding="utf-8")


@cache
def evidence_rows(*sets: str) -> tuple[Row, ...]:
    """Return the published results that come with the package.

    Parameters
    ----------
    *sets : str
        Names of sets: calibration (what models may be fitted to), set_2 and pack (trials that `bonecast-1` was not
        fitted to), calcium, strength, recalled (from memory, never a test). All but the recalled by default.

    Returns
    -------
    tuple of Row
        Their rows, each with its `set`.

    Raises
    ------
    UnknownName
        If there is no such set.

    Examples
    --------
    >>> len(evidence_rows("calibration")), len(evidence_rows("set_2", "pack"))
    (186, 521)
    """
    rows: list[Row] = []
    for name in sets or SETS[:-1]:
        if name not in SETS:
            raise UnknownName("evidence", "set", name, SETS)
        text = (files("bonecast.evidence") / f"{name}.csv").read_text(encoding="utf-8")
        rows += [replace(row, set=name) for row in rows_in(text, f"{name}.csv")]
    return tuple(rows)


@cache
def calibration_rows() -> tuple[Row, ...]:
    """Return the table of published results that models may be fitted to.

    Returns
    -------
    tuple of Row
        Its rows.

    Examples
    --------
    >>> len(calibration_rows()), calibration_rows()[0].id
    (186, 'FREEDOM-pbo-TH-12')
    """
    return evidence_rows("calibration")
