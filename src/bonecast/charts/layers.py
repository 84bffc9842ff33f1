"""The layers of one panel, from back to front: limits, other medians, ranges, median, marks, points."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.charts.encodings import Spec, layer, x_channel, x_value
from bonecast.charts.formatting import format_number
from bonecast.charts.panel import Panel, Series, X, along, held
from bonecast.charts.styles import FAINT, HISTORY_STYLE, INK, Style
from bonecast.fonts import wrapped

TITLE_PX = 125  # along the axis, for one line of its title
PALE, MIDDLE = 0.18, 0.32  # opacity of the 90 % range, and of the 50 % range on top of it


@dataclass(frozen=True)
class Frame:
    """The axes that all layers of one column share; only the first column bears labels of the y axis.

    end : where the right end lies, of a column as wide as its place.
    """

    panel: Panel
    x_domain: tuple[X, X]
    x_ticks: list[X]
    y_ticks: list[float]
    width: float
    first: bool
    end: Spec | None = None

    def x(self) -> Spec:
        """The x encoding."""
        title = None if self.panel.ranged else self.panel.x_title
        return x_channel("x", self.x_domain, self.x_ticks, title)

    def y(self, field: str = "y") -> Spec:
        """The y encoding."""
        panel = self.panel
        kind = "log" if panel.log else "linear"
        scale: Spec = {"domain": list(panel.y_domain), "type": kind, "nice": False}
        axis: Spec = {"values": self.y_ticks, "labels": self.first, "ticks": self.first}
        if panel.log:
            axis["format"] = "~g"
        else:
            scale["zero"] = False
        title = wrapped(panel.y_title, TITLE_PX, 11) if self.first else None
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis, "title": title}

    def kept(self, y: float) -> float:
        """A value, kept inside the axis, in no more digits than can be drawn."""
        low, high = self.panel.y_domain
        return float(f"{min(max(y, low), high):.5g}")


def backdrop(frame: Frame) -> list[Spec]:
    """The reference band, the labelled limits and the line of today."""
    panel, layers = frame.panel, []
    low, high = panel.y_domain
    whole: Spec = {"x": x_value(frame.x_domain[0]), "x2": x_value(frame.x_domain[1])}
    if panel.reference is not None:
        top = frame.kept(panel.reference.high)
        ends: Spec = {**whole, "y": frame.kept(panel.reference.low), "y2": top}
        style = {"color": "#dfe9df", "opacity": 0.8}
        layers.append(
            layer([ends], "rect", style, x=frame.x(), x2={"field": "x2"}, y=frame.y(), y2={"field": "y2"})
        )
        if frame.first and panel.reference.label:
            layers.append(_caption(frame, top, panel.reference.label, below=True))
    for threshold in panel.thresholds:
        if low <= threshold.y <= high:
            style = {"color": HISTORY_STYLE, "strokeWidth": 0.8, "strokeDash": [2, 2]}
            line = [{**whole, "y": threshold.y}]
            layers.append(layer(line, "rule", style, x=frame.x(), x2={"field": "x2"}, y=frame.y()))
            if frame.first and threshold.label:
                layers.append(_caption(frame, threshold.y, threshold.label, below=False))
    if panel.today is not None:
        now: list[Spec] = [{"x": x_value(panel.today)}]
        layers.append(layer(now, "rule", {"color": INK}, x=frame.x()))
        word = {"text": panel.today_word, "fontSize": 9.5, "color": INK, "align": "left", "baseline": "top"}
        layers.append(layer(now, "text", {**word, "dx": 3, "dy": 3}, x=frame.x(), y=0))
    return layers


def _caption(frame: Frame, y: float, label: str, below: bool) -> Spec:
    """A label at the right end of a limit, where the curves have ended."""
    side = {"baseline": "top", "dy": 2} if below else {"baseline": "bottom", "dy": -1}
    style = {"text": label, "align": "right", "dx": -3, "fontSize": 9.5, "color": "#4a4a4a", **side}
    return layer([{"y": y}], "text", style, x=frame.end or frame.width, y=frame.y())


def others(frame: Frame, series: Series) -> list[Spec]:
    """The medians of the other series, thin and grey, from today: the past is common to all."""
    return [
        _line(frame, _rows(frame, other, past=False), FAINT, (), 0.9)
        for other in frame.panel.series
        if other is not series and other.x
    ]


def outline(frame: Frame, series: Series) -> list[Spec]:
    """The ends of the 90 % range of the curve that the series is compared with, dotted."""
    if series.outline is None:
        return []
    of = series.outline
    at = [i for i, x in enumerate(of.x) if held(frame.panel.x_domain, x)]
    ends = (
        [{"x": x_value(of.x[i]), "y": frame.kept(q[i])} for i in at]
        for q in (of.quantiles[0], of.quantiles[-1])
    )
    return [_line(frame, rows, HISTORY_STYLE, (1, 2), 1) for rows in ends]


def absence(frame: Frame, series: Series) -> list[Spec]:
    """Why there is no curve, in the middle of the empty column with its axes."""
    lines = wrapped(series.absent, frame.width - 8, 10.5)
    style = {"text": lines, "fontSize": 10.5, "color": HISTORY_STYLE, "align": "center", "lineHeight": 13}
    row: Spec = {"x": x_value(frame.x_domain[0]), "y": frame.panel.y_domain[0]}
    axes = layer([row], "point", {"opacity": 0}, x=frame.x(), y=frame.y())
    middle = frame.panel.height / 2 - 6 * len(lines)
    return [axes, layer([{}], "text", style, x=frame.width / 2, y=middle)]


def curve(frame: Frame, series: Series) -> list[Spec]:
    """The ranges and the median, grey in the past and coloured from today; the marks; the last value."""
    layers = []
    for past, look in ((True, Style(HISTORY_STYLE, (), "circle")), (False, series.look)):
        rows = _rows(frame, series, past)
        if len(rows) > 1:
            ranges = (("p05", "p95", PALE), ("p25", "p75", MIDDLE)) if frame.panel.ranged else ()
            for low, high, opacity in ranges:
                style = {"color": look.colour, "opacity": opacity, "clip": True}
                layers.append(layer(rows, "area", style, x=frame.x(), y=frame.y(low), y2={"field": high}))
            layers.append(_line(frame, rows, look.colour, look.dash, 2))
    return [*layers, *_marks(frame, series), _end(frame, series)]


def _rows(frame: Frame, series: Series, past: bool) -> list[Spec]:
    """The curve before or after today; the last day of the past begins the future."""
    today = frame.panel.today
    at = [i for i, x in enumerate(series.x) if held(frame.panel.x_domain, x)]
    if today is not None:
        before = [i for i in at if along(series.x[i]) <= along(today)]
        at = before if past else [*before[-1:], *at[len(before) :]]
    elif past:
        return []
    names = ("p05", "p25", "y", "p75", "p95")
    return [
        {"x": x_value(series.x[i])}
        | {name: frame.kept(q[i]) for name, q in zip(names, series.quantiles, strict=True)}
        for i in at
    ]


def _line(frame: Frame, rows: list[Spec], colour: str, dash: tuple[int, ...], width: float) -> Spec:
    style = {"color": colour, "strokeWidth": width, "strokeDash": list(dash) or [1, 0], "clip": True}
    return layer([{"x": row["x"], "y": row["y"]} for row in rows], "line", style, x=frame.x(), y=frame.y())


def _marks(frame: Frame, series: Series) -> list[Spec]:
    """Triangles on the x axis, filled for what was done, hollow for what is planned; a run is a bar."""
    layers, foot, domain = [], frame.panel.height - 5, frame.panel.x_domain
    seen = [m for m in series.marks if held(domain, m.x)]
    for state, colour, fill in (
        ("done", HISTORY_STYLE, HISTORY_STYLE),
        ("planned", series.look.colour, "white"),
    ):
        rows: list[Spec] = [{"x": x_value(m.x)} for m in seen if m.state == state and m.until is None]
        sign = {"shape": "triangle-up", "size": 34, "filled": True, "opacity": 1, "strokeWidth": 1.1}
        if rows:
            layers.append(layer(rows, "point", {**sign, "fill": fill, "stroke": colour}, x=frame.x(), y=foot))
        runs: list[Spec] = [
            {"x": x_value(m.x), "until": x_value(min(m.until, domain[1], key=along))}
            for m in seen
            if m.state == state and m.until is not None
        ]
        if runs:
            style = {"strokeWidth": 4, "color": colour, "opacity": 0.6}
            layers.append(layer(runs, "rule", style, x=frame.x(), x2={"field": "until"}, y=foot))
    return layers


def _end(frame: Frame, series: Series) -> Spec:
    """The last median, written beside the end of its line."""
    text = format_number(series.median[-1], frame.panel.form)
    style = {"text": text, "align": "left", "dx": 3, "fontSize": 10.5, "fontWeight": "bold", "color": INK}
    row = {"x": x_value(series.x[-1]), "y": frame.kept(series.median[-1])}
    return layer([row], "text", style, x=frame.x(), y=frame.y())


def measured(frame: Frame) -> list[Spec]:
    """Measured points with the bar of their error; below a limit, an arrow down from it."""
    points = [p for p in frame.panel.points if held(frame.panel.x_domain, p.x)]
    layers = []
    bars: list[Spec] = [
        {"x": x_value(p.x), "y": frame.kept(p.low), "y2": frame.kept(p.high)}
        for p in points
        if p.low is not None and p.high is not None and not p.below
    ]
    if bars:
        layers.append(layer(bars, "rule", {"color": INK}, x=frame.x(), y=frame.y(), y2={"field": "y2"}))
    for below, style in (
        (False, {"shape": "circle", "size": 26, "stroke": "white", "strokeWidth": 0.8}),
        (True, {"shape": "arrow", "size": 170, "angle": 180, "yOffset": 6}),
    ):
        rows: list[Spec] = [{"x": x_value(p.x), "y": frame.kept(p.y)} for p in points if p.below is below]
        if rows:
            look = {"opacity": 1, "filled": True, "fill": INK, **style}
            layers.append(layer(rows, "point", look, x=frame.x(), y=frame.y()))
    return layers
