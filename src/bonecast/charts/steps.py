"""The steps: curves that rise by steps (cumulative incidence), with their ranges, and how many are still at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bonecast.charts.axes import linear_ticks
from bonecast.charts.encodings import Spec, layer
from bonecast.charts.formatting import format_number, format_range, place
from bonecast.charts.styles import HISTORY_STYLE, INK, Style
from bonecast.charts.text_table import Table
from bonecast.fonts import text_width

WIDTH, HEIGHT, LINE = 560, 230, 17
PALE = 0.18


@dataclass(frozen=True)
class StepCurve:
    """One curve of steps: each y holds from its x to the next.

    Parameters
    ----------
    name : str
        Name.
    look : Style
        Style.
    x : tuple of float
        Positions.
    y : tuple of float
        Values.
    low : tuple of float
        Lower end of its range.
    high : tuple of float
        Upper end of its range.
    at_risk : tuple of int
        How many are left at each position of the picture's `x_at`.
    """

    name: str
    look: Style
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]

    def at(self, x: float) -> tuple[float, float, float]:
        """y and both ends of the range at x."""
        i = max((i for i, here in enumerate(self.x) if here <= x), default=0)
        return self.y[i], self.low[i], self.high[i]


@dataclass(frozen=True)
class Steps:
    """Several curves of steps on one pair of axes, with the numbers at risk under them.

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
        Ends of the x axis.
    y_domain : tuple of (float, float)
        Ends of the y axis.
    x_at : tuple of float
        Positions of the numbers at risk.
    stairs : tuple of StepCurve
        Curves.
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
    x_domain: tuple[float, float]
    y_domain: tuple[float, float]
    x_at: tuple[float, ...]
    stairs: tuple[StepCurve, ...]
    form: str = ".1f"
    note: str = ""


def steps(picture: Steps) -> Spec:
    """The picture as a Vega-Lite body: the curves above, the numbers at risk below, one x axis."""
    layers: list[Spec] = []
    for stair in picture.stairs:
        layers += _curve(picture, stair)
    upper = {"layer": [*layers, *_key(picture)], "width": WIDTH, "height": HEIGHT}
    return {"vconcat": [upper, _risk(picture)], "spacing": 44, "bounds": "flush"}


def steps_table(picture: Steps) -> Table:
    """What the picture shows, in numbers: a row for each of `x_at`; value, range and number at risk of each stair."""
    columns = (picture.x_title, *(f"{s.name}{end}" for s in picture.stairs for end in ("", ", at risk")))
    rows = []
    for i, x in enumerate(picture.x_at):
        cells = [place(x)]
        for stair in picture.stairs:
            y, low, high = stair.at(x)
            cells += [
                f"{format_number(y, picture.form)} ({format_range(low, high, picture.form)})",
                format_number(stair.at_risk[i], ","),
            ]
        rows.append(tuple(cells))
    return Table(columns, tuple(rows))


def _x(picture: Steps, title: str | None = None) -> dict[str, Any]:
    scale = {"domain": list(picture.x_domain), "nice": False, "zero": False}
    axis = {"values": list(picture.x_at), "labelFlush": False}
    return {"field": "x", "type": "quantitative", "scale": scale, "axis": axis, "title": title}


def _y(picture: Steps, field: str = "y") -> dict[str, Any]:
    scale = {"domain": list(picture.y_domain), "nice": False}
    axis = {"values": linear_ticks(*picture.y_domain)}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis, "title": picture.y_title}


def _curve(picture: Steps, stair: StepCurve) -> list[Spec]:
    low, high = picture.y_domain
    rows: list[Spec] = [
        {
            name: float(f"{min(max(value, low), high):.5g}")
            for name, value in zip(("y", "low", "high"), values, strict=True)
        }
        | {"x": float(f"{x:.6g}")}
        for x, values in zip(stair.x, zip(stair.y, stair.low, stair.high, strict=True), strict=True)
        if x <= picture.x_domain[1]
    ]
    if not rows:
        return []
    rows.append({**rows[-1], "x": picture.x_domain[1]})  # the last step goes on to the end
    look, step = stair.look, {"interpolate": "step-after", "clip": True}
    line = {"color": look.colour, "strokeWidth": 2, "strokeDash": list(look.dash) or [1, 0], **step}
    pale = {"color": look.colour, "opacity": PALE, **step}
    x = _x(picture, picture.x_title)
    return [
        layer(rows, "area", pale, x=x, y=_y(picture, "low"), y2={"field": "high"}),
        layer(rows, "line", line, x=x, y=_y(picture)),
    ]


def _key(picture: Steps) -> list[Spec]:
    """The line of each stair with its name, above the frame."""
    layers, x = [], 0.0
    for stair in picture.stairs:
        line = {"color": stair.look.colour, "strokeWidth": 2, "strokeDash": list(stair.look.dash) or [1, 0]}
        word = {"text": stair.name, "align": "left", "baseline": "middle", "fontSize": 11, "color": INK}
        layers.append(layer([{}], "rule", line, x=x, x2=x + 24, y=-12))
        layers.append(layer([{}], "text", word, x=x + 30, y=-12))
        x += 50 + text_width(stair.name, 11)
    return layers


def _risk(picture: Steps) -> Spec:
    """A line of numbers for each stair, under the ticks of the axis."""
    x = _x(picture)
    x["axis"] = None
    head = {
        "text": "at risk",
        "align": "right",
        "baseline": "middle",
        "fontSize": 10,
        "color": HISTORY_STYLE,
        "dx": -34,
    }
    layers = [layer([{}], "text", head, x=0, y=-4.0)]
    for i, stair in enumerate(picture.stairs):
        y = 12.0 + LINE * i
        name = {"text": stair.name, "align": "right", "baseline": "middle", "fontSize": 10.5, "color": INK}
        rows: list[Spec] = [
            {"x": at, "n": format_number(n, ",")} for at, n in zip(picture.x_at, stair.at_risk, strict=True)
        ]
        words = {"baseline": "middle", "fontSize": 10.5, "color": stair.look.colour}
        layers.append(layer([{}], "text", {**name, "dx": -34}, x=0, y=y))
        layers.append(layer(rows, "text", words, x=x, y=y, text={"field": "n"}))
    height = 12 + LINE * len(picture.stairs)
    return {"layer": layers, "width": WIDTH, "height": height, "view": {"stroke": None}}
