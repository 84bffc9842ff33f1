"""The forest: one estimate with its interval for each group, one under another, with the numbers beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bonecast.charts.axes import linear_ticks, log_ticks
from bonecast.charts.encodings import Spec, layer
from bonecast.charts.formatting import format_number, format_range
from bonecast.charts.styles import HISTORY_STYLE, INK
from bonecast.charts.text_table import Table

WIDTH, ROW = 250, 21
LEFT, COUNTS = 250, 96  # pixels from the frame to the names, and to the right end of the counts
BLUE = "#0072B2"


@dataclass(frozen=True)
class ForestRow:
    """One group of a forest.

    Parameters
    ----------
    name : str
        Name.
    value : float
        Estimate; NaN where there is none.
    low : float
        Lower end of its interval.
    high : float
        Upper end of its interval.
    counts : str
        Printed as it stands.
    remark : str
        Printed as it stands.
    whole : bool
        Whether it is everybody, drawn as a diamond.
    head : bool
        Whether it is the first of the groups that belong together.
    """

    name: str
    value: float
    low: float
    high: float
    counts: str
    remark: str = ""
    whole: bool = False
    head: bool = False


@dataclass(frozen=True)
class Forest:
    """Estimates of groups, one under the other.

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
    x_domain : tuple of (float, float)
        Ends of the x axis.
    null : float
        Value where the arms do not differ.
    log : bool
        Whether the x axis is logarithmic.
    sides : tuple of (str, str)
        What lies left and right of `null`.
    columns : tuple of (str, str, str, str)
        Titles of the columns.
    twigs : tuple of ForestRow
        The groups.
    form : str
        Format of the numbers.
    note : str
        What stands under the picture.
    """

    key: str
    title: str
    description: str
    x_title: str
    x_domain: tuple[float, float]
    null: float
    log: bool
    sides: tuple[str, str]
    columns: tuple[str, str, str, str]
    twigs: tuple[ForestRow, ...]
    form: str = ".2f"
    note: str = ""


def forest(picture: Forest) -> Spec:
    """The picture as a Vega-Lite body."""
    places = _places(picture)
    layers = [*_backdrop(picture, places[-1]), *_heads(picture)]
    for twig, y in zip(picture.twigs, places, strict=True):
        layers += _twig(picture, twig, y)
    return {"layer": layers, "width": WIDTH, "height": places[-1] + ROW / 2}


def forest_table(picture: Forest) -> Table:
    """What the picture shows, in numbers."""
    rows = tuple((t.name, t.counts, _said(picture, t), t.remark) for t in picture.twigs)
    return Table(picture.columns, rows)


def _said(picture: Forest, twig: ForestRow) -> str:
    if not math.isfinite(twig.value):
        return "none"
    if not (math.isfinite(twig.low) and math.isfinite(twig.high)):
        return format_number(twig.value, picture.form)
    return f"{format_number(twig.value, picture.form)} ({format_range(twig.low, twig.high, picture.form)})"


def _places(picture: Forest) -> list[float]:
    """The middle of each row; groups that belong together stand together."""
    y, found = -ROW / 2 + 2, []
    for twig in picture.twigs:
        y += ROW + (7 if twig.head else 0)
        found.append(y)
    return found


def _x(picture: Forest, field: str = "x") -> Spec:
    low, high = picture.x_domain
    ticks = log_ticks(low, high) if picture.log else linear_ticks(low, high)
    if picture.log and len(ticks) < 3:
        ticks = sorted({*ticks, low, high, picture.null})
    scale = {"domain": [low, high], "type": "log" if picture.log else "linear", "nice": False, "zero": False}
    axis = {"values": ticks, "format": "~g", "grid": True}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis, "title": picture.x_title}


def _backdrop(picture: Forest, last: float) -> list[Spec]:
    layers = [layer([{"x": picture.null}], "rule", {"color": INK, "strokeWidth": 1}, x=_x(picture))]
    words = {"fontSize": 10, "color": HISTORY_STYLE, "baseline": "top"}
    for text, align, x in ((picture.sides[0], "left", 0), (picture.sides[1], "right", WIDTH)):
        layers.append(
            layer([{}], "text", {**words, "text": text, "align": align}, x=x, y=last + ROW / 2 + 36)
        )
    return layers


def _heads(picture: Forest) -> list[Spec]:
    style = {"fontSize": 10.5, "fontWeight": "bold", "color": INK, "baseline": "bottom"}
    at = ((0, "left", -LEFT), (1, "right", -10), (2, "left", WIDTH + 10), (3, "left", WIDTH + 132))
    return [
        layer([{}], "text", {**style, "text": picture.columns[i], "align": align}, x=x, y=-8)
        for i, align, x in at
    ]


def _twig(picture: Forest, twig: ForestRow, y: float) -> list[Spec]:
    words = {"fontSize": 11, "baseline": "middle", "color": INK}
    weight = {"fontWeight": "bold"} if twig.whole else {}
    texts = (
        (twig.name, "left", -LEFT + (0 if twig.whole else 8), weight),
        (twig.counts, "right", -10, {}),
        (_said(picture, twig), "left", WIDTH + 10, weight),
        (twig.remark, "left", WIDTH + 132, {}),
    )
    layers = [
        layer([{}], "text", {**words, **more, "text": text, "align": align}, x=x, y=y)
        for text, align, x, more in texts
        if text
    ]
    low, high = picture.x_domain
    if not math.isfinite(twig.value):
        return layers
    kept = {
        key: float(f"{min(max(value, low), high):.5g}")
        for key, value in (("x", twig.value), ("low", twig.low), ("high", twig.high))
        if math.isfinite(value)
    }
    if "low" in kept and "high" in kept:
        line = {"color": BLUE, "strokeWidth": 1.6}
        layers.append(layer([kept], "rule", line, x=_x(picture, "low"), x2={"field": "high"}, y=y))
    sign = {"shape": "diamond" if twig.whole else "square", "size": 120 if twig.whole else 60, "filled": True}
    if low <= twig.value <= high:
        layers.append(layer([kept], "point", {**sign, "opacity": 1, "color": BLUE}, x=_x(picture), y=y))
    return layers
