"""The table of published results that the project carries: what the models may be fitted to."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import IO

from bonecast.evidence.reader import rows_in
from bonecast.evidence.row import Row

NAME = "calibration.csv"


def open_calibration() -> IO[str]:
    """Open the table of published results that comes with the package.

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
def calibration_rows() -> tuple[Row, ...]:
    """Return the table of published results that comes with the package.

    Returns
    -------
    tuple of Row
        Its rows.

    Examples
    --------
    >>> len(calibration_rows()), calibration_rows()[0].id
    (186, 'FREEDOM-pbo-TH-12')
    """
    with open_calibration() as file:
        return rows_in(file.read(), NAME)
