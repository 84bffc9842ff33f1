"""Predicted against published: one point for each figure, both on one scale, with the line on which they are equal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bonecast.charts.axes import linear_domain, linear_ticks, log_domain, log_ticks
from bonecast.charts.encodings import Spec, layer
from bonecast.charts.formatting import format_number, format_range
from bonecast.charts.styles import HISTORY_STYLE, INK, Style
from bonecast.charts.text_table import Table
from bonecast.fonts import text_width

SIDE = 380
STEPS = 24  # of the edge of the band


@dataclass(frozen=True)
class Pair:
    """One figure twice: published and predicted.

    Parameters
    ----------
    name : str
        Name.
    published : float
        Published value.
    predicted : float
        Predicted value.
    low : float, optional
        Lower end of the predicted interval.
    high : float, optional
        Upper end of the predicted interval.
    """

    name: str
    published: float
    predicted: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Pairs:
    """Pairs of one kind.

    Parameters
    ----------
    name : str
        Name in the key above the picture.
    look : Style
        Style.
    pairs : tuple of Pair
        The pairs.
    """

    name: str
    look: Style
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Agreement:
    """Predicted figures against published ones.

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
    kinds : tuple of Pairs
        Pairs by kind.
    near : float
        Half the width of the band along the line of equality, in the unit of the axes; on log axes a factor.
    log : bool
        Whether both axes are logarithmic; figures that are not above zero are then left out.
    form : str
        Format of the numbers.
    note : str
        What stands under the picture.
    """

    key: str
    title: str
    description: str
    x_title: str
    y_title: str
    kinds: tuple[Pairs, ...]
    near: float
    log: bool = False
    form: str = ".3g"
    note: str = ""

    @property
    def domain(self) -> tuple[float, float]:
        """The common domain of both axes: from the least to the greatest figure."""
        values = [
            v for one in self.kinds for pair in shown(self, one) for v in (pair.published, pair.predicted)
        ]
        if not values:
            return (0.1, 10.0) if self.log else (0.0, 1.0)
        return (log_domain if self.log else linear_domain)(min(values), max(values))


def shown(picture: Agreement, kind: Pairs) -> list[Pair]:
    """The pairs that can stand on the axes.

    >>> kind = Pairs("a", Style("#000000", (), "circle"), (Pair("x", 0.0, 1.0), Pair("y", 2.0, 1.0)))
    >>> [pair.name for pair in shown(Agreement("k", "t", "d", "x", "y", (kind,), 1.5, log=True), kind)]
    ['y']
    """
    return [pair for pair in kind.pairs if not picture.log or min(pair.published, pair.predicted) > 0]


def agreement(picture: Agreement) -> Spec:
    """The picture as a Vega-Lite body: band, line of equality, intervals, points, key."""
    layers = _equal(picture)
    for kind in picture.kinds:
        layers += _pairs(picture, kind)
    return {"layer": layers + _key(picture), "width": SIDE, "height": SIDE}


def agreement_table(picture: Agreement) -> Table:
    """A row for each pair."""
    rows = [
        (pair.name, kind.name, format_number(pair.published, picture.form), _predicted(pair, picture.form))
        for kind in picture.kinds
        for pair in kind.pairs
    ]
    return Table(("figure", "kind", picture.x_title, picture.y_title), tuple(rows))


def _predicted(pair: Pair, form: str) -> str:
    middle = format_number(pair.predicted, form)
    return (
        middle
        if pair.low is None or pair.high is None
        else f"{middle} ({format_range(pair.low, pair.high, form)})"
    )


def _axes(picture: Agreement, y: str = "y") -> dict[str, Any]:
    domain = picture.domain
    ticks = log_ticks(*domain) if picture.log else linear_ticks(*domain)
    scale: Spec = {
        "domain": list(domain),
        "type": "log" if picture.log else "linear",
        "nice": False,
        "zero": False,
    }
    if picture.log:
        del scale["zero"]
    # with its grid named, for Altair takes an object that has values alone for data
    axis: Spec = {"values": ticks, "grid": True, **({"format": "~g"} if picture.log else {})}

    def channel(field: str, title: str) -> Spec:
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis, "title": title}

    return {"x": channel("x", picture.x_title), "y": channel(y, picture.y_title)}


def _kept(picture: Agreement, value: float) -> float:
    low, high = picture.domain
    return float(f"{min(max(value, low), high):.5g}")


def _equal(picture: Agreement) -> list[Spec]:
    """The line on which both are equal, and the band along it."""
    low, high = picture.domain
    if picture.log:
        along = [low * (high / low) ** (i / STEPS) for i in range(STEPS + 1)]
        ends = [(x / picture.near, x * picture.near) for x in along]
    else:
        along = [low + (high - low) * i / STEPS for i in range(STEPS + 1)]
        ends = [(x - picture.near, x + picture.near) for x in along]
    band: list[Spec] = [
        {"x": x, "y": max(first, low), "y2": min(last, high)}
        for x, (first, last) in zip(along, ends, strict=True)
    ]
    axes = _axes(picture)
    line: list[Spec] = [{"x": low, "y": low}, {"x": high, "y": high}]
    return [
        layer(band, "area", {"color": "#dfe9df", "opacity": 0.9}, **axes, y2={"field": "y2"}),
        layer(line, "line", {"color": HISTORY_STYLE, "strokeWidth": 1, "strokeDash": [4, 3]}, **axes),
    ]


def _pairs(picture: Agreement, kind: Pairs) -> list[Spec]:
    pairs = shown(picture, kind)
    if not pairs:
        return []
    rows: list[Spec] = [
        {"x": _kept(picture, pair.published), "y": _kept(picture, pair.predicted), "name": pair.name}
        for pair in pairs
    ]
    bars: list[Spec] = [
        {"x": _kept(picture, pair.published), "y": _kept(picture, pair.low), "y2": _kept(picture, pair.high)}
        for pair in pairs
        if pair.low is not None and pair.high is not None and math.isfinite(pair.low + pair.high)
    ]
    axes, colour = _axes(picture), kind.look.colour
    sign = {"shape": kind.look.shape, "size": 42, "filled": True, "color": colour, "opacity": 0.85}
    sign |= {"stroke": "white", "strokeWidth": 0.6}
    drawn = (
        [layer(bars, "rule", {"color": colour, "opacity": 0.3}, **axes, y2={"field": "y2"})] if bars else []
    )
    return [*drawn, layer(rows, "point", sign, **axes)]


def _key(picture: Agreement) -> list[Spec]:
    """The signs with their names, in one line above the frame."""
    layers, x = [], 5.0
    for kind in picture.kinds:
        sign = {"shape": kind.look.shape, "size": 60, "filled": True, "opacity": 1, "color": kind.look.colour}
        word = {"text": kind.name, "align": "left", "baseline": "middle", "fontSize": 10.5, "color": INK}
        layers += [layer([{}], "point", sign, x=x, y=-12), layer([{}], "text", word, x=x + 8, y=-12)]
        x += 26 + text_width(kind.name, 10.5)
    return layers
