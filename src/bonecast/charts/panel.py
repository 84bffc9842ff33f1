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
    """Measure how far along its axis a position lies.

    Parameters
    ----------
    x : X
        A date or a number.

    Returns
    -------
    float
        Days for a date, so that any two can be compared.

    Examples
    --------
    >>> along(dt.date(2026, 9, 15)) - along(dt.date(2026, 9, 1))
    14.0
    """
    return float(x.toordinal()) if isinstance(x, dt.date) else x


def held(domain: tuple[X, X], x: X) -> bool:
    """Tell whether a position lies inside an axis.

    Parameters
    ----------
    domain : tuple of (X, X)
        Ends of the axis.
    x : X
        The position.

    Returns
    -------
    bool
    """
    return along(domain[0]) <= along(x) <= along(domain[1])


@dataclass(frozen=True)
class Mark:
    """An event, such as a dose: a letter in a filled (done) or hollow (planned) sign.

    Parameters
    ----------
    x : X
        When.
    letter : str
        The letter.
    name : str
        What happened, in words, for the table.
    state : State
        Whether it is done or planned.
    until : X, optional
        End of a run of events too close to be distinguished.
    due : X, optional
        Where it should have happened, if it came late.
    label : str
        How late it came.
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
    """One curve with its ranges.

    Parameters
    ----------
    name : str
        Name.
    look : Style
        Style.
    x : tuple of X
        Positions.
    quantiles : tuple of tuple of float
        The 5, 25, 50, 75 and 95 % quantiles, each at every `x`.
    marks : tuple of Mark
        Its own events.
    absent : str
        Why there is no curve, where there is none; its place then stays empty but for this.
    outline : Series, optional
        Another curve of which only the ends of its 90 % range are drawn, dotted.
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
    """A measured value.

    Parameters
    ----------
    x : X
        When.
    y : float
        The value.
    low : float, optional
        Lower end of its error.
    high : float, optional
        Upper end of its error.
    below : bool
        Whether the true value lies below `y`, the limit of the method.
    note : str
        Words for the table.
    """

    x: X
    y: float
    low: float | None = None
    high: float | None = None
    below: bool = False
    note: str = ""


@dataclass(frozen=True)
class Limits:
    """A span of y that a value is compared with.

    Parameters
    ----------
    low : float
        Lower end.
    high : float
        Upper end.
    label : str
        What it is.
    """

    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Threshold:
    """A line at one y.

    Parameters
    ----------
    y : float
        Where.
    label : str
        What stands beside it.
    """

    y: float
    label: str = ""


@dataclass(frozen=True)
class SecondAxis:
    """A second reading of the y axis: at_zero + slope y.

    Parameters
    ----------
    title : str
        Title.
    at_zero : float
        Reading where y is 0.
    slope : float
        Reading for each unit of y.
    ticks : tuple of float
        Ticks in that reading.
    """

    title: str
    at_zero: float
    slope: float
    ticks: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One quantity under each of several series: small multiples that share both axes.

    Parameters
    ----------
    key : str
        Short name, unique in a page.
    title : str
        Title.
    description : str
        The picture in words.
    y_title : str
        Title of the y axis.
    x_title : str
        Title of the x axis.
    x_domain : tuple of (X, X)
        Ends of the x axis.
    y_domain : tuple of (float, float)
        Ends of the y axis.
    form : str
        Format of the numbers, as Python and d3 both read it ("+.1f").
    series : tuple of Series
        Curves.
    rows_at : tuple of X
        Positions that the table of the picture shows.
    points : tuple of Point
        Measured values.
    reference : Limits, optional
        A span that values are compared with.
    thresholds : tuple of Threshold
        Lines at one y.
    second : SecondAxis, optional
        A second reading of the y axis.
    log : bool
        Whether the y axis is logarithmic.
    today : X, optional
        Position that parts past from future; None where there is no past.
    today_word : str
        Word beside it.
    x_word : str
        What stands before a position on the x axis ("day ").
    x_at : tuple of X
        Where ticks of the x axis stand; round numbers by default.
    note : str
        What stands under the picture.
    height : int
        Pixels.
    columns : int
        Most series side by side.
    ranged : bool
        Whether the quantiles are ranges; the curve of one person has none, and its axis states its unit.
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
    """One row of a strip.

    Parameters
    ----------
    name : str
        Name.
    look : Style
        Style.
    marks : tuple of Mark
        Events.
    empty : str
        Words that stand there without any.
    """

    name: str
    look: Style
    marks: tuple[Mark, ...]
    empty: str = ""


@dataclass(frozen=True)
class Strip:
    """Events on a common x axis.

    Parameters
    ----------
    key : str
        Short name, unique in a page.
    title : str
        Title.
    description : str
        The picture in words.
    x_title : str
        Title of the x axis.
    x_domain : tuple of (X, X)
        Ends of the x axis.
    lanes : tuple of Lane
        One for each course of events.
    today : X, optional
        Position that parts past from future.
    note : str
        What stands under the picture.
    """

    key: str
    title: str
    description: str
    x_title: str
    x_domain: tuple[X, X]
    lanes: tuple[Lane, ...]
    today: X | None = None
    note: str = ""
