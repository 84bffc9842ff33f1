"""An axis of time that begins at day 0: its unit by its length, the points that are drawn, and its ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bonecast.core import DAYS_IN

if TYPE_CHECKING:
    import numpy as np

MOST_POINTS = 400  # that are drawn: a daily drug has a row for each dose
MOST_TICKS = 14
# the unit of time up to this many days
UNITS = (("days", 150.0), ("months", 4 * DAYS_IN["years"]), ("years", float("inf")))


@dataclass(frozen=True)
class TimeAxis:
    """An axis of time.

    Parameters
    ----------
    unit : {"days", "months", "years"}
        Unit of `x` and of the ticks.
    rows : tuple of int
        Rows of the table that are drawn: at most 400, first and last included.
    x : tuple of float
        Position of each of these rows, in the unit.
    ticks : tuple of float
        Round positions, in the unit.
    """

    unit: str
    rows: tuple[int, ...]
    x: tuple[float, ...]
    ticks: tuple[float, ...]


def time_axis(days: Sequence[float] | np.ndarray) -> TimeAxis:
    """Choose the axis of time for these days.

    Parameters
    ----------
    days : sequence of float or ndarray
        Increasing days from day 0.

    Returns
    -------
    TimeAxis
        Days up to 150 days, months up to four years, years beyond.

    Examples
    --------
    >>> time_axis([0.0, 30.0, 60.0]).unit, time_axis([0.0, 3652.5]).ticks[:3]
    ('days', (0.0, 1.0, 2.0))
    """
    end_d = float(days[-1])
    unit = next(word for word, longest in UNITS if end_d <= longest)
    count = len(days)
    rows = (*range(0, count - 1, max(1, -(-count // MOST_POINTS))), count - 1)
    return TimeAxis(
        unit, rows, tuple(float(days[i]) / DAYS_IN[unit] for i in rows), _ticks(unit, end_d / DAYS_IN[unit])
    )


def number_form(values: Sequence[float]) -> str:
    """Choose the format in which the ends of a curve can be distinguished.

    Parameters
    ----------
    values : sequence of float
        The curve.

    Returns
    -------
    str
        A format that Python and d3 both read.

    Examples
    --------
    >>> number_form((2.3, 2.35)), number_form((100.0, 12.0)), number_form((0.0, 12345.0))
    ('.3f', '.1f', ',.0f')
    """
    reach = max(values) - min(values)
    return next((form for least, form in ((500, ",.0f"), (5, ".1f"), (0.5, ".2f")) if reach >= least), ".3f")


def _ticks(unit: str, end: float) -> tuple[float, ...]:
    """Ticks of the axis of time, months in steps that make years.

    >>> _ticks("months", 18.0)
    (0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0)
    """
    steps = (3, 6, 12) if unit == "months" else (1, 2, 5, 7, 14, 28)
    step = next((one for one in steps if end / one <= MOST_TICKS), steps[-1])
    return tuple(float(step * i) for i in range(int(end / step + 1e-6) + 1))
