"""The scatter: points on two log axes, parted into quarters by one line on each; many points become cells.

Vega-Lite draws it as the other pictures are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bonecast.charts.axes import log_ticks
from bonecast.charts.encodings import Spec, layer
from bonecast.charts.formatting import format_number
from bonecast.charts.styles import HISTORY_STYLE, INK, Style
from bonecast.charts.text_table import Table
from bonecast.fonts import text_width

WIDTH, HEIGHT = 470, 360
CELL = "#7f9db3"
FEW = 50  # points that are drawn large, and listed one by one in the table


@dataclass(frozen=True)
class Dot:
    """One point.

    Parameters
    ----------
    x : float
        Position on the x axis.
    y : float
        Position on the y axis.
    label : str
        What stands beside it.
    """

    x: float
    y: float
    label: str = ""


@dataclass(frozen=True)
class Dots:
    """Points of one kind.

    Parameters
    ----------
    name : str
        Name in the key above the picture.
    look : Style
        Style.
    dots : tuple of Dot
        The points.
    """

    name: str
    look: Style
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class ScatterCell:
    """A rectangle of the plane and how many points lie in it.

    Parameters
    ----------
    x : tuple of (float, float)
        Left and right end.
    y : tuple of (float, float)
        Lower and upper end.
    count : int
        Points.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    count: int


@dataclass(frozen=True)
class Scatter:
    """Points on two log axes, in quarters.

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
    y_title : str
        Title of the y axis.
    x_domain : tuple of (float, float)
        Ends of the x axis; values outside are drawn on the edge.
    y_domain : tuple of (float, float)
        Ends of the y axis; values outside are drawn on the edge.
    x_line : float
        Position that parts left from right.
    y_line : float
        Position that parts upper from lower.
    quarters : tuple of (str, str, str, str)
        Names of upper left, upper right, lower left and lower right.
    kinds : tuple of Dots
        Points by kind.
    cells : tuple of ScatterCell
        Shaded cells.
    cells_name : str
        What the shaded cells count.
    note : str
        What stands under the picture.
    """

    key: str
    title: str
    description: str
    x_title: str
    y_title: str
    x_domain: tuple[float, float]
    y_domain: tuple[float, float]
    x_line: float
    y_line: float
    quarters: tuple[str, str, str, str]
    kinds: tuple[Dots, ...]
    cells: tuple[ScatterCell, ...] = ()
    cells_name: str = ""
    note: str = ""


def scatter(picture: Scatter) -> Spec:
    """The picture as a Vega-Lite body: cells, lines, names of the quarters, points, key."""
    layers = [*_cells(picture), *_lines(picture), *_quarters(picture)]
    for kind in picture.kinds:
        layers += _dots(picture, kind)
    return {"layer": layers + _key(picture), "width": WIDTH, "height": HEIGHT}


def scatter_table(picture: Scatter) -> Table:
    """What the picture shows, in numbers: a row for each labelled or single point, a row for each kind of many."""
    rows = []
    for kind in picture.kinds:
        if len(kind.dots) > FEW:
            rows.append((kind.name, f"{len(kind.dots)} points", ""))
        rows += [
            (dot.label or kind.name, format_number(dot.x, ".3g"), format_number(dot.y, ".3g"))
            for dot in kind.dots
            if len(kind.dots) <= FEW
        ]
    if picture.cells:
        rows.append((picture.cells_name, f"{sum(cell.count for cell in picture.cells)} points", ""))
    return Table(("point", picture.x_title, picture.y_title), tuple(rows))


def _axes(picture: Scatter, x: str = "x", y: str = "y") -> dict[str, Any]:
    def channel(field: str, domain: tuple[float, float], title: str) -> Spec:
        scale = {"domain": list(domain), "type": "log", "nice": False}
        axis = {"values": log_ticks(*domain), "format": "~g", "grid": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis, "title": title}

    return {
        "x": channel(x, picture.x_domain, picture.x_title),
        "y": channel(y, picture.y_domain, picture.y_title),
    }


def _kept(value: float, domain: tuple[float, float]) -> float:
    return float(f"{min(max(value, domain[0]), domain[1]):.5g}")


def _cells(picture: Scatter) -> list[Spec]:
    rows: list[Spec] = [
        {"x": c.x[0], "x2": c.x[1], "y": c.y[0], "y2": c.y[1], "count": c.count} for c in picture.cells
    ]
    if not rows:
        return []
    top = max(cell.count for cell in picture.cells)
    shade = {
        "field": "count",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [1, max(top, 2)], "range": [0.15, 0.95]},
        "legend": None,
    }
    style = {"color": CELL, "strokeWidth": 0}
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return [layer(rows, "rect", style, **_axes(picture), **ends, fillOpacity=shade)]


def _lines(picture: Scatter) -> list[Spec]:
    style = {"color": HISTORY_STYLE, "strokeWidth": 1.1, "strokeDash": [4, 3]}
    axes = _axes(picture)
    across: list[Spec] = [{"y": picture.y_line}]
    upright: list[Spec] = [{"x": picture.x_line}]
    words = {"fontSize": 10, "color": HISTORY_STYLE, "baseline": "bottom"}
    level, plumb = (f"{format_number(line, 'g')} ×" for line in (picture.y_line, picture.x_line))
    return [
        layer(across, "rule", style, y=axes["y"], x=0, x2=WIDTH),
        layer(upright, "rule", style, x=axes["x"], y=0, y2=HEIGHT),
        layer(
            across,
            "text",
            {**words, "text": level, "align": "right", "dx": -5, "dy": -3},
            y=axes["y"],
            x=WIDTH,
        ),
        layer(
            upright,
            "text",
            {**words, "text": plumb, "align": "left", "dx": 5, "dy": -6},
            x=axes["x"],
            y=HEIGHT,
        ),
    ]


def _quarters(picture: Scatter) -> list[Spec]:
    """The names in the four corners, away from the lines."""
    places = ((0, 0, "left", "top"), (WIDTH, 0, "right", "top"), (0, HEIGHT, "left", "bottom"),
              (WIDTH, HEIGHT, "right", "bottom"))  # fmt: skip
    layers = []
    for text, (x, y, align, baseline) in zip(picture.quarters, places, strict=True):
        style = {"text": text, "align": align, "baseline": baseline, "fontSize": 11, "color": HISTORY_STYLE}
        style |= {"dx": 6 if align == "left" else -6, "dy": 6 if baseline == "top" else -6}
        layers.append(layer([{}], "text", style, x=x, y=y))
    return layers


def _dots(picture: Scatter, kind: Dots) -> list[Spec]:
    few = sum(len(one.dots) for one in picture.kinds) <= FEW
    rows: list[Spec] = [
        {"x": _kept(dot.x, picture.x_domain), "y": _kept(dot.y, picture.y_domain), "label": dot.label}
        for dot in kind.dots
    ]
    if not rows:
        return []
    style = {"shape": kind.look.shape, "size": 110 if few else 20, "filled": True, "color": kind.look.colour}
    style |= {"opacity": 1 if few else 0.55, "stroke": "white", "strokeWidth": 0.8 if few else 0}
    layers = [layer(rows, "point", style, **_axes(picture))]
    # Labels keep inside the frame, and those of the second kind stand below, so that two near points keep theirs.
    second = kind is not picture.kinds[0]
    for right in (False, True):
        answer = [row for row in rows if row["label"] and _far(row["x"], picture.x_domain) is right]
        side = {"align": "right", "dx": 6} if right else {"align": "left", "dx": -6}
        side |= {"baseline": "top", "dy": 9} if second else {"baseline": "bottom", "dy": -9}
        if answer:
            words = {"fontSize": 10.5, "color": INK, **side}
            layers.append(layer(answer, "text", words, **_axes(picture), text={"field": "label"}))
    return layers


def _far(value: float, domain: tuple[float, float]) -> bool:
    """Does the value lie on the farther half of a log axis?"""
    return value * value > domain[0] * domain[1]


def _key(picture: Scatter) -> list[Spec]:
    """The signs with their names, in one line above the frame."""
    layers, x = [], 5.0
    named = [(kind.name, kind.look.shape, kind.look.colour) for kind in picture.kinds]
    if picture.cells:
        named.append((picture.cells_name, "square", CELL))
    for name, shape, colour in named:
        sign = {"shape": shape, "size": 70, "filled": True, "opacity": 1, "color": colour}
        layers.append(layer([{}], "point", sign, x=x, y=-12))
        word = {"text": name, "align": "left", "baseline": "middle", "fontSize": 10.5, "color": INK}
        layers.append(layer([{}], "text", word, x=x + 8, y=-12))
        x += 24 + text_width(name, 10.5)
    return layers
