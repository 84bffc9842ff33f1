"""A small picture as inline SVG: curves with ranges, or lanes of events, in few bytes, for a light or a dark page.

It is written by hand, not drawn by Vega: a notebook shows many of them, and each must stay small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from bonecast.charts.formatting import format_number
from bonecast.charts.styles import Style

WIDTH, HEIGHT = 300, 96  # pixels
LEFT, RIGHT, TOP, BOTTOM = 54, 6, 8, 16  # free on each side of the curves
MOST_POINTS = 72  # of all curves of a picture together
FONT = 'font-size="10" fill="currentColor" font-family="sans-serif"'
LANE, NEAR = 18, 3  # pixels: the height of a lane; events nearer than this are one bar
BLACK = "#000000"  # is drawn in the colour of the text, which a dark page turns round

Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class SmallCurve:
    """One curve of a small picture.

    Parameters
    ----------
    name : str
        Name.
    look : Style
        Style.
    x : sequence of float
        Positions.
    y : sequence of float
        Values.
    low : sequence of float
        Lower end of its range, where there is one.
    high : sequence of float
        Upper end of its range, where there is one.
    """

    name: str
    look: Style
    x: Numbers
    y: Numbers
    low: Numbers = ()
    high: Numbers = ()


@dataclass(frozen=True)
class Small:
    """A few curves on one pair of axes.

    Parameters
    ----------
    title : str
        Title.
    curves : tuple of SmallCurve
        Curves.
    form : str
        Format of the numbers at the axis.
    x_unit : str
        Unit of the x axis ("months").
    """

    title: str
    curves: tuple[SmallCurve, ...]
    form: str
    x_unit: str


@dataclass(frozen=True)
class SmallLane:
    """Events of a small picture.

    Parameters
    ----------
    name : str
        Name.
    look : Style
        Style.
    x : sequence of float
        Positions.
    covers : sequence of float
        Length that each covers from there on; 0 for none.
    """

    name: str
    look: Style
    x: Sequence[float]
    covers: Sequence[float]


@dataclass(frozen=True)
class SmallLanes:
    """Lanes of events on one axis.

    Parameters
    ----------
    title : str
        Title.
    lanes : tuple of SmallLane
        Lanes.
    end : float
        End of the axis, which starts at 0.
    x_unit : str
        Unit of the axis.
    """

    title: str
    lanes: tuple[SmallLane, ...]
    end: float
    x_unit: str


def small_svg(picture: Small | SmallLanes) -> str:
    """Draw a small picture as one `<svg>` element without ids, script, style sheet or address.

    Parameters
    ----------
    picture : Small or SmallLanes
        The picture.

    Returns
    -------
    str
        SVG.
    """
    return _curves(picture) if isinstance(picture, Small) else _lanes(picture)


def _curves(picture: Small) -> str:
    frame = _frame(picture)
    most = max(8, MOST_POINTS // max(1, len(picture.curves)))
    drawn = [_curve(frame, curve, most) for curve in picture.curves]
    return _svg(picture.title, HEIGHT, _axes(frame, picture) + "".join(drawn))


def _lanes(picture: SmallLanes) -> str:
    """A tick for each event, a pale bar for what it covers; what lies too near is one bar."""
    left, right = 8, WIDTH - RIGHT
    scale = (right - left) / (picture.end or 1.0)
    parts = []
    for i, lane in enumerate(picture.lanes):
        top, colour = TOP + LANE * i, _colour(lane.look)
        starts = [left + x * scale for x in lane.x]
        stops = [a + cover * scale for a, cover in zip(starts, lane.covers, strict=True)]
        for a, b in _merged(starts, stops):
            parts.append(
                f'<path d="M{a:.0f} {top + 5}H{min(b, right):.0f}" {_stroke(Style(colour, (), ""), 9)} opacity=".25"/>'
            )
        for a, b in _merged(starts, [a + 2 for a in starts]):
            parts.append(f'<path d="M{a:.0f} {top + 5}H{b:.0f}" {_stroke(Style(colour, (), ""), 12)}/>')
    foot = TOP + LANE * len(picture.lanes)
    axis = f'<path d="M{left} {foot}H{right}" {_stroke(Style("currentColor", (), ""), 1)} opacity=".4"/>'
    end = f"{format_number(round(picture.end, 1), 'g')} {picture.x_unit}"
    words = _word(left, foot + 12, "start", "0") + _word(right, foot + 12, "end", end)
    return _svg(picture.title, foot + BOTTOM, axis + "".join(parts) + words)


def _merged(starts: Sequence[float], stops: Sequence[float]) -> list[tuple[float, float]]:
    """Spans in order of start, those that touch or nearly touch made one.

    >>> _merged([0.0, 1.0, 9.0], [1.0, 2.0, 10.0])
    [(0.0, 2.0), (9.0, 10.0)]
    """
    spans: list[tuple[float, float]] = []
    for start, stop in zip(starts, stops, strict=True):
        if spans and start - spans[-1][1] < NEAR - 2:
            spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
        elif stop > start:
            spans.append((start, stop))
    return spans


def _svg(title: str, height: int, body: str) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'<svg {size} role="img" aria-label="{escape(title)}">{body}</svg>'


def _word(x: float, y: float, anchor: str, word: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {FONT}>{escape(word)}</text>'


def swatch(look: Style) -> str:
    """A piece of a curve in its colour and dash, to stand before its name."""
    line = f'<path d="M0 5H22" {_stroke(look, 2)}/>'
    return f'<svg viewBox="0 0 22 10" width="22" height="10" aria-hidden="true">{line}</svg>'


def thin(y: np.ndarray, most: int) -> np.ndarray:
    """Which points show the curve in at most so many? First and last, and the peaks and troughs between.

    >>> thin(np.array([0.0, 1.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0]), 6).tolist()
    [0, 1, 4, 5, 7]
    """
    if len(y) <= most:
        return np.arange(len(y))
    pieces = np.array_split(np.arange(len(y)), max(1, (most - 2) // 2))
    ends = [piece[[np.argmin(y[piece]), np.argmax(y[piece])]] for piece in pieces]
    return np.unique(np.concatenate([[0], *ends, [len(y) - 1]]))


@dataclass(frozen=True)
class _Frame:
    x: tuple[float, float]
    y: tuple[float, float]

    def points(self, x: np.ndarray, y: np.ndarray) -> str:
        """The points in whole pixels across and tenths of a pixel down."""
        across = LEFT + (x - self.x[0]) / (self.x[1] - self.x[0] or 1.0) * (WIDTH - LEFT - RIGHT)
        down = TOP + (self.y[1] - y) / (self.y[1] - self.y[0]) * (HEIGHT - TOP - BOTTOM)
        return " ".join(f"{a:.0f},{d:.1f}" for a, d in zip(across, down, strict=True))


def _frame(picture: Small) -> _Frame:
    def ends(parts: list[np.ndarray]) -> tuple[float, float]:
        values = np.concatenate([*parts, np.zeros(0)])
        values = values[np.isfinite(values)]
        return (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)

    across = ends([np.asarray(c.x, float) for c in picture.curves])
    low, high = ends([np.asarray(v, float) for c in picture.curves for v in (c.y, c.low, c.high)])
    return _Frame(across, (low, high) if high > low else (low - 0.5, high + 0.5))


def _curve(frame: _Frame, curve: SmallCurve, most: int) -> str:
    x, y = np.asarray(curve.x, float), np.asarray(curve.y, float)
    seen = np.flatnonzero(np.isfinite(y))
    if not seen.size:
        return ""
    at = seen[thin(y[seen], most)]
    area = ""
    if len(curve.low):
        low, high = np.asarray(curve.low, float)[at], np.asarray(curve.high, float)[at]
        round_it = frame.points(np.concatenate([x[at], x[at][::-1]]), np.concatenate([low, high[::-1]]))
        area = f'<polygon points="{round_it}" fill="{_colour(curve.look)}" opacity=".15"/>'
    return f'{area}<polyline points="{frame.points(x[at], y[at])}" {_stroke(curve.look, 1.6)}/>'


def _axes(frame: _Frame, picture: Small) -> str:
    """Two thin lines with the number at each end."""
    foot = HEIGHT - BOTTOM
    lines = f'<path d="M{LEFT} {TOP}V{foot}H{WIDTH - RIGHT}" fill="none" stroke="currentColor" opacity=".4"/>'
    words = [
        (LEFT - 4, TOP + 8, "end", format_number(frame.y[1], picture.form)),
        (LEFT - 4, foot, "end", format_number(frame.y[0], picture.form)),
        (LEFT, HEIGHT - 4, "start", format_number(round(frame.x[0], 1), "g")),
        (WIDTH - RIGHT, HEIGHT - 4, "end", f"{format_number(round(frame.x[1], 1), 'g')} {picture.x_unit}"),
    ]
    return lines + "".join(_word(*word) for word in words)


def _colour(look: Style) -> str:
    return "currentColor" if look.colour == BLACK else look.colour


def _stroke(look: Style, width: float) -> str:
    dash = f' stroke-dasharray="{" ".join(map(str, look.dash))}"' if look.dash else ""
    return f'fill="none" stroke="{_colour(look)}" stroke-width="{width}"{dash}'
