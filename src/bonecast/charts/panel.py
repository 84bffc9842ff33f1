"""What a picture is made of, before anything is drawn: curves with ranges, measured points, marks, limits.

Positions on the x axis are dates or plain numbers, one kind in a picture.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from bonecast.charts.styles import Style

X = dt.date | float
State = Literal["done", "planned"]


def along(x: X) -> float:
    """How far along its axis does a position lie? Days for a date, so that any two can be compared.

    >>> along(dt.date(2026, 9, 15)) - along(dt.date(2026, 9, 1))
    14.0
    """
    return float(x.toordinal()) if isinstance(x, dt.date) else x


def held(domain: tuple[X, X], x: X) -> bool:
    """Does the position lie inside the axis?"""
    return along(domain[0]) <= along(x) <= along(domain[1])


@dataclass(frozen=True)
class Mark:
    """Something that happens at `x` (a dose): a letter in a filled (done) or hollow (planned) sign.

    name : what happened, in words, for the table.
    until : the end of a run of events too close to be told apart; None for a single one.
    due : where it should have happened, if it came late; `label` then says how late.
    """

    x: X
    letter: str
    name: str
    state: State = "done"
    until: X | None = None
    due: X | None = None
    label: str = ""


@dataclass(frozen=True)
class Series:
    """One curve with its ranges: the 5, 25, 50, 75 and 95 % quantiles at each `x`, and its own marks.

    absent : why there is no curve, where there is none; its place then stays empty but for this.
    outline : another curve of which only the ends of its 90 % range are drawn, dotted.
    """

    name: str
    look: Style
    x: tuple[X, ...]
    quantiles: tuple[tuple[float, ...], ...]
    marks: tuple[Mark, ...] = ()
    absent: str = ""
    outline: Series | None = None

    @property
    def median(self) -> tuple[float, ...]:
        """The middle value at each `x`."""
        return self.quantiles[2]


@dataclass(frozen=True)
class Point:
    """A measured value with the two ends of its error, where one is known.

    below : the true value lies below `y`, the limit of the method. note : words for the table.
    """

    x: X
    y: float
    low: float | None = None
    high: float | None = None
    below: bool = False
    note: str = ""


@dataclass(frozen=True)
class Limits:
    """A span of y that a value is compared with."""

    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Threshold:
    """A line at one y, labelled where it has a label."""

    y: float
    label: str = ""


@dataclass(frozen=True)
class SecondAxis:
    """A second reading of the y axis: `at_zero + slope * y`, with its ticks in that reading."""

    title: str
    at_zero: float
    slope: float
    ticks: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One quantity under each of several series: drawn as small multiples that share both axes.

    key : a short name, unique in a page. description : the picture in words, for those who do not see it.
    note : what stands under the picture for those who do.
    form : how its numbers are printed, a format that Python and d3 both read ("+.1f").
    rows_at : the x positions that the table of the picture shows.
    today : the x that parts past from future, and the word beside it; None where there is no past here.
    x_word : what stands before a position on the x axis ("day "). x_at : where its ticks stand; round numbers without.
    columns : how many series stand side by side at the most.
    ranged : whether the quantiles are ranges; the curve of one person has none, and its axis says its unit.
    """

    key: str
    title: str
    description: str
    y_title: str
    x_title: str
    x_domain: tuple[X, X]
    y_domain: tuple[float, float]
    form: str
    series: tuple[Series, ...]
    rows_at: tuple[X, ...]
    points: tuple[Point, ...] = ()
    reference: Limits | None = None
    thresholds: tuple[Threshold, ...] = ()
    second: SecondAxis | None = None
    log: bool = False
    today: X | None = None
    today_word: str = "today"
    x_word: str = ""
    x_at: tuple[X, ...] = ()
    note: str = ""
    height: int = 110
    columns: int = 4
    ranged: bool = True


@dataclass(frozen=True)
class Lane:
    """One row of a strip; without marks it shows the words of `empty`."""

    name: str
    look: Style
    marks: tuple[Mark, ...]
    empty: str = ""


@dataclass(frozen=True)
class Strip:
    """Events on a common x axis, one lane for each course of events."""

    key: str
    title: str
    description: str
    x_title: str
    x_domain: tuple[X, X]
    lanes: tuple[Lane, ...]
    today: X | None = None
    note: str = ""
