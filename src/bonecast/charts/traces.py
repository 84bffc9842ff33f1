"""The traces: several measured series on one log axis of time, with the strip of events under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bonecast.charts.axes import log_ticks, x_ticks
from bonecast.charts.encodings import Spec, later, layer, x_channel, x_value
from bonecast.charts.event_strip import FREE, WIDTH, lanes
from bonecast.charts.formatting import format_number, place
from bonecast.charts.panel import Point, Strip, Threshold, X, along, held
from bonecast.charts.styles import HISTORY_STYLE, INK, Style
from bonecast.charts.text_table import Table
from bonecast.fonts import text_width

HEIGHT = 250
JOINED = (
    60.0  # days (or units of the axis): a line between values further apart would show what nobody measured
)


@dataclass(frozen=True)
class Trace:
    """The measured values of one test in order of time.

    Parameters
    ----------
    name : str
        Name.
    look : Style
        Style.
    points : tuple of Point
        Values; one below the limit of the method is hollow.
    """

    name: str
    look: Style
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Traces:
    """Several traces on one axis of time, with limits and a strip of events.

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
    y_domain : tuple of (float, float)
        Ends of the y axis.
    traces : tuple of Trace
        Traces.
    thresholds : tuple of Threshold
        Limits that they are compared with.
    rules : tuple of X
        Positions that a thin upright line marks (doses of the drug in question).
    strip : Strip
        Events on the same axis of time.
    note : str
        What stands under the picture.
    """

    key: str
    title: str
    description: str
    y_title: str
    y_domain: tuple[float, float]
    traces: tuple[Trace, ...]
    thresholds: tuple[Threshold, ...]
    rules: tuple[X, ...]
    strip: Strip
    note: str = ""


def traces(picture: Traces) -> Spec:
    """The picture as a Vega-Lite body: the traces above, the strip of events below, one axis of time."""
    layers = [*_thresholds(picture), *_rules(picture)]
    for trace in picture.traces:
        layers += _trace(picture, trace)
    upper = {"layer": layers + _key(picture), "width": WIDTH, "height": HEIGHT}
    return {"vconcat": [upper, lanes(picture.strip)], "spacing": 8, "bounds": "flush"}


def traces_table(picture: Traces) -> Table:
    """What the traces show, in numbers: a row for each day, a column for each trace."""
    days: dict[X, dict[str, str]] = {}
    for trace in picture.traces:
        for point in trace.points:
            text = ("below " if point.below else "") + format_number(point.y, ".3g")
            days.setdefault(point.x, {})[trace.name] = text
    names = [trace.name for trace in picture.traces]
    rows = [(place(x), *(days[x].get(name, "") for name in names)) for x in sorted(days, key=along)]
    return Table((picture.strip.x_title, *names), tuple(rows))


def _axes(picture: Traces) -> dict[str, Any]:
    low, high = picture.strip.x_domain
    x = x_channel("x", (low, later(high, FREE, (low, high))), x_ticks(low, high, room=12))
    x["axis"] |= {"labels": False, "ticks": False}  # the strip below bears the dates of both
    scale = {"domain": list(picture.y_domain), "type": "log", "nice": False}
    axis = {"values": log_ticks(*picture.y_domain), "format": "~g"}
    y = {"field": "y", "type": "quantitative", "scale": scale, "axis": axis, "title": picture.y_title}
    return {"x": x, "y": y}


def _thresholds(picture: Traces) -> list[Spec]:
    axes, layers = _axes(picture), []
    for one in picture.thresholds:
        row: list[Spec] = [{"y": one.y}]
        style = {"color": HISTORY_STYLE, "strokeWidth": 0.9, "strokeDash": [3, 3]}
        layers.append(layer(row, "rule", style, x=0, x2=WIDTH, y=axes["y"]))
        # Beside the frame, where no value lies.
        words = {
            "text": one.label,
            "align": "left",
            "dx": 5,
            "baseline": "middle",
            "fontSize": 10,
            "color": HISTORY_STYLE,
        }
        layers.append(layer(row, "text", words, x=WIDTH, y=axes["y"]))
    return layers


def _rules(picture: Traces) -> list[Spec]:
    rows: list[Spec] = [{"x": x_value(x)} for x in picture.rules if held(picture.strip.x_domain, x)]
    style = {"color": HISTORY_STYLE, "strokeWidth": 0.9, "opacity": 0.7}
    return [layer(rows, "rule", style, x=_axes(picture)["x"], y=0, y2=HEIGHT)] if rows else []


def _trace(picture: Traces, trace: Trace) -> list[Spec]:
    low, high = picture.y_domain
    rows: list[Spec] = [
        {"x": x_value(p.x), "y": float(f"{min(max(p.y, low), high):.5g}"), "below": p.below}
        for p in trace.points
        if held(picture.strip.x_domain, p.x)
    ]
    if not rows:
        return []
    run, last = 0, None
    for row, point in zip(rows, [p for p in trace.points if held(picture.strip.x_domain, p.x)], strict=True):
        run += last is not None and along(point.x) - last > JOINED
        row["run"], last = run, along(point.x)
    look, axes = trace.look, _axes(picture)
    line = {"color": look.colour, "strokeWidth": 1.8, "strokeDash": list(look.dash) or [1, 0]}
    sign = {"shape": look.shape, "size": 52, "filled": True, "opacity": 1, "stroke": look.colour}
    layers = [layer(rows, "line", line, **axes, detail={"field": "run"})]
    for below, fill in ((False, look.colour), (True, "white")):
        seen = [row for row in rows if row["below"] is below]
        if seen:
            layers.append(layer(seen, "point", {**sign, "fill": fill, "strokeWidth": 1.2}, **axes))
    return layers


def _key(picture: Traces) -> list[Spec]:
    """Line and sign of each trace with its name, in one line above the frame."""
    layers, x = [], 0.0
    for trace in picture.traces:
        look = trace.look
        line = {"color": look.colour, "strokeWidth": 1.8, "strokeDash": list(look.dash) or [1, 0]}
        layers.append(layer([{}], "rule", line, x=x, x2=x + 24, y=-12))
        sign = {"shape": look.shape, "size": 52, "filled": True, "opacity": 1, "color": look.colour}
        layers.append(layer([{}], "point", sign, x=x + 12, y=-12))
        word = {"text": trace.name, "align": "left", "baseline": "middle", "fontSize": 10.5, "color": INK}
        layers.append(layer([{}], "text", word, x=x + 29, y=-12))
        x += 46 + text_width(trace.name, 10.5)
    return layers
