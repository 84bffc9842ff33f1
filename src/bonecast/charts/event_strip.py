"""The strip: events on a common time axis, one lane under another."""

from __future__ import annotations

from bonecast.charts.axes import x_ticks
from bonecast.charts.encodings import Spec, later, layer, x_channel, x_value
from bonecast.charts.panel import Lane, Mark, Strip, X, held
from bonecast.charts.styles import HISTORY_STYLE, INK
from bonecast.fonts import wrapped

WIDTH, LANE_HEIGHT, LINE = 560, 35, 12
LABEL_PX = 104  # for one line of the name of a lane
FREE = 0.025  # of the x axis at its right end, so that the last sign is whole
LATE = "#9c4400"  # vermilion darkened to 6.6:1 on white, so that words can be set in it


def lanes(strip: Strip) -> Spec:
    """Filled signs happened, hollow ones are planned; a dashed line runs from the due date to a late one."""
    names = ["\n".join(wrapped(lane.name, LABEL_PX, 10.5)) for lane in strip.lanes]
    layers = []
    if strip.today is not None:
        now: list[Spec] = [{"x": x_value(strip.today)}]
        layers.append(layer(now, "rule", {"color": INK}, x=_x(strip)))
        word = {"text": "today", "dy": -4, "fontSize": 10.5, "color": INK, "baseline": "bottom"}
        layers.append(layer(now, "text", word, x=_x(strip), y=0))
    axis = {"labelExpr": "split(datum.label, '\\n')", "labelLimit": 200, "ticks": False, "labelPadding": 6}
    y = {"field": "lane", "type": "nominal", "scale": {"domain": names}, "title": None, "axis": axis}
    for name, lane in zip(names, strip.lanes, strict=True):
        layers += _lane(strip, name, lane, y)
    height = max(LANE_HEIGHT, *(8 + LINE * (1 + name.count("\n")) for name in names))
    return {"width": WIDTH, "height": height * len(names), "layer": layers}


def _lane(strip: Strip, name: str, lane: Lane, y: Spec) -> list[Spec]:
    seen = [m for m in lane.marks if held(strip.x_domain, m.x)]
    x, due = _x(strip), _x(strip, "due")
    if not seen:
        row = {"lane": name, "x": x_value(strip.today or strip.x_domain[0])}
        word = {"text": lane.empty, "align": "left", "dx": 6, "fontSize": 10.5, "color": HISTORY_STYLE}
        return [layer([row], "text", word, x=x, y=y)]
    rows = [_row(strip, name, mark) for mark in seen]
    runs, late = ([r for r in rows if key in r] for key in ("until", "due"))
    done, planned = ([r for r in rows if r["state"] == state] for state in ("done", "planned"))
    colour, sign = lane.look.colour, {"shape": lane.look.shape, "size": 230, "filled": True, "opacity": 1}
    letter = {"fontSize": 10, "fontWeight": "bold", "dy": 0.5}
    hollow = {**sign, "fill": "white", "stroke": colour, "strokeWidth": 1.6}
    text = {"field": "letter"}
    layers = [
        layer(runs, "rule", {"strokeWidth": 5, "color": colour, "opacity": 0.45}, x=x, x2={"field": "until"}, y=y),
        layer(late, "rule", {"strokeWidth": 1.6, "strokeDash": [3, 2], "color": LATE}, x=due, x2={"field": "x"}, y=y),
        layer(late, "tick", {"thickness": 1.6, "size": 9, "color": LATE}, x=due, y=y),
        layer(late, "text", {"dy": -10, "baseline": "bottom", "fontSize": 9.5, "color": LATE},
              x=x, y=y, text={"field": "label"}),
        layer(done, "point", {**sign, "color": colour}, x=x, y=y),
        layer(planned, "point", hollow, x=x, y=y),
        layer(done, "text", {**letter, "color": "white"}, x=x, y=y, text=text),
        layer(planned, "text", {**letter, "color": INK}, x=x, y=y, text=text),
    ]  # fmt: skip
    return [made for made in layers if made["data"]["values"]]


def _row(strip: Strip, name: str, mark: Mark) -> Spec:
    row: Spec = {"lane": name, "x": x_value(mark.x), "letter": mark.letter, "state": mark.state}
    if mark.until is not None:
        row["until"] = x_value(_end(strip, mark.until))
    if mark.due is not None:
        row |= {"due": x_value(mark.due), "label": mark.label}
    return row


def _end(strip: Strip, x: X) -> X:
    return x if held(strip.x_domain, x) else strip.x_domain[1]


def _x(strip: Strip, field: str = "x") -> Spec:
    domain = (strip.x_domain[0], later(strip.x_domain[1], FREE, strip.x_domain))
    return x_channel(field, domain, x_ticks(*strip.x_domain, room=12))
