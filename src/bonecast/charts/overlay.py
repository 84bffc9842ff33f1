"""The overlay: every series on one axis, bands on demand, and a crosshair that reads all of them at one day."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from bonecast.charts.axes import linear_ticks, log_ticks, x_ticks
from bonecast.charts.encodings import Spec, x_value
from bonecast.charts.formatting import format_number, format_range, place
from bonecast.charts.layers import PALE, Frame, backdrop, measured
from bonecast.charts.panel import Panel, Series, along, held
from bonecast.charts.styles import INK

WIDTH, HEIGHT = 640, 310
THIN, THICK = 1.1, 2.4


@dataclass(frozen=True)
class Overlay:
    """All series of a panel on one axis.

    Parameters
    ----------
    panel : Panel
        The series, points, limits and axes.
    thin : tuple of str
        Names of series that are drawn thin: what is compared with, and no offer.
    shown : tuple of str
        Names of series whose 90 % range is drawn from the start.
    readings : dict of str to tuple of str
        A second reading of the median of a series at each of its positions ("T -2.1"), for the crosshair.
    """

    panel: Panel
    thin: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    readings: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Short name, unique in a page."""
        return self.panel.key

    @property
    def title(self) -> str:
        """Title."""
        return self.panel.title

    @property
    def description(self) -> str:
        """The picture in words."""
        return self.panel.description

    @property
    def note(self) -> str:
        """What stands under the picture."""
        return self.panel.note


def overlay(picture: Overlay) -> Spec:
    """The picture as a Vega-Lite body that fills the width of its place.

    The curves are named data sets ("series-0" and so on), so that a page can move them without another drawing; whether
    the range of a series is drawn is a parameter of its own ("band_0").
    """
    panel = picture.panel
    ticks = log_ticks(*panel.y_domain) if panel.log else linear_ticks(*panel.y_domain)
    at = list(panel.x_at) or x_ticks(*panel.x_domain, room=10)
    frame = Frame(panel, panel.x_domain, at, ticks, WIDTH, first=True, end={"value": "width"})
    layers, params = backdrop(frame), []
    for number, series in enumerate(panel.series):
        if series.x:
            params.append({"name": f"band_{number}", "value": series.name in picture.shown})
            layers += _curve(frame, picture, series, number)
    return {
        "datasets": curves(picture),
        "layer": [*layers, *measured(frame), *_crosshair(frame, picture)],
        "params": params,
        "width": "container",
        "height": HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
    }


def curves(picture: Overlay) -> dict[str, list[Spec]]:
    """The data sets that move with a plan: the curves by name, and what the crosshair reads.

    Parameters
    ----------
    picture : Overlay
        The picture.

    Returns
    -------
    dict of str to list of dict
    """
    panel = picture.panel
    ticks = log_ticks(*panel.y_domain) if panel.log else linear_ticks(*panel.y_domain)
    frame = Frame(panel, panel.x_domain, [], ticks, WIDTH, first=True)
    found = {f"series-{n}": _rows(frame, series, n == 0) for n, series in enumerate(panel.series) if series.x}
    return found | {"reading": _readings(picture)}


def _rows(frame: Frame, series: Series, past: bool) -> list[Spec]:
    """The curve inside the axis; the past is common to all and drawn once."""
    today = frame.panel.today
    begin = None if past or today is None else along(today)
    at = [
        i
        for i, x in enumerate(series.x)
        if held(frame.panel.x_domain, x) and (begin is None or along(x) >= begin)
    ]
    low, _, median, _, high = series.quantiles
    return [
        {
            "x": x_value(series.x[i]),
            "y": frame.kept(median[i]),
            "p05": frame.kept(low[i]),
            "p95": frame.kept(high[i]),
        }
        for i in at
    ]


def _curve(frame: Frame, picture: Overlay, series: Series, number: int) -> list[Spec]:
    """The range, which is seen or not, the median, and its last value at its end."""
    data: Spec = {"name": f"series-{number}"}
    thin = series.name in picture.thin
    opacity = {"expr": f"band_{number} ? {PALE} : 0"}
    area = {
        "type": "area",
        "color": series.look.colour,
        "clip": True,
        "opacity": opacity,
    }
    line = {
        "type": "line",
        "color": series.look.colour,
        "strokeWidth": THIN if thin else THICK,
        "strokeDash": list(series.look.dash) or [1, 0],
        "clip": True,
    }
    x = frame.x()
    x["axis"] = {**x["axis"], "labelOverlap": True}
    return [
        {"data": data, "mark": area, "encoding": {"x": x, "y": frame.y("p05"), "y2": {"field": "p95"}}},
        {"data": data, "mark": line, "encoding": {"x": x, "y": frame.y()}},
    ]


def _readings(picture: Overlay) -> list[Spec]:
    """A row for each position of the longest series: the position and, by series, what its curve says there."""
    panel = picture.panel
    drawn = [series for series in panel.series if series.x]
    if not drawn:
        return []
    longest = max(drawn, key=lambda series: len(series.x))
    places = {one.name: [along(x) for x in one.x] for one in drawn}
    rows = []
    for x in longest.x:
        if held(panel.x_domain, x):
            texts = {one.name: _reading(picture, one, places[one.name], along(x)) for one in drawn}
            rows.append({"x": x_value(x), "at": f"{panel.x_word}{place(x)}", **texts})
    return rows


def _reading(picture: Overlay, series: Series, places: list[float], place: float) -> str:
    """Median, 90 % range and second reading at the place nearest to this one; a dash outside the curve.

    places : of the series, in order.
    """
    if not places[0] <= place <= places[-1]:
        return "–"
    at = bisect_left(places, place)
    if at and place - places[at - 1] <= places[at] - place:
        at -= 1
    form = picture.panel.form
    low, median, high = (series.quantiles[i][at] for i in (0, 2, 4))
    second = picture.readings.get(series.name, ())
    more = f"; {second[at]}" if second and second[at] else ""
    return f"{format_number(median, form)} ({format_range(low, high, form)}){more}"


def _crosshair(frame: Frame, picture: Overlay) -> list[Spec]:
    """An upright line at the position nearest to the pointer, whose tooltip reads every series."""
    names = [series.name for series in picture.panel.series if series.x]
    if not names:
        return []
    x = {"field": "x", "type": frame.x()["type"], "scale": frame.x()["scale"]}
    tooltip = [{"field": "at", "title": "at"}, *({"field": _quoted(name), "title": name} for name in names)]
    seen = {"condition": {"param": "at", "empty": False, "value": 0.9}, "value": 0}
    nearest = {
        "type": "point",
        "on": "pointermove",
        "nearest": True,
        "encodings": ["x"],
        "clear": "pointerout",
    }
    return [
        {
            "data": {"name": "reading"},
            "params": [{"name": "at", "select": nearest}],
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1},
            "encoding": {"x": x, "opacity": seen, "tooltip": tooltip},
        },
    ]


def _quoted(name: str) -> str:
    """A name as a field: signs that would lead into an object are escaped."""
    return "".join(f"\\{sign}" if sign in ".[]'\"\\" else sign for sign in name)
