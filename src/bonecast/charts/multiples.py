"""Small multiples: one panel for each series, with its ranges; the other medians stand thin behind it."""

from __future__ import annotations

import math

from bonecast.charts.axes import linear_ticks, log_ticks, x_ticks
from bonecast.charts.encodings import Spec, later, layer, x_value
from bonecast.charts.formatting import format_number, format_range, place
from bonecast.charts.layers import Frame, absence, backdrop, curve, measured, others, outline
from bonecast.charts.panel import Panel, Series
from bonecast.charts.styles import HISTORY_STYLE, INK
from bonecast.fonts import text_width, wrapped

WIDTH, SPACING = 640, 10
LINE = 13  # pixels from one line of a heading to the next
FREE = 0.19  # of the x axis at its right end, for the last value; in a narrow column what its letters need
FREE_PX = 34


def multiples(panel: Panel) -> Spec:
    """The panel as columns that share both axes."""
    columns = _columns(len(panel.series), panel.columns)
    width = (WIDTH - SPACING * (columns - 1)) / columns
    rows = []
    for start in range(0, len(panel.series), columns):
        row = panel.series[start : start + columns]
        heads = [_heading(panel, series, width) for series in row]
        cells = [
            _cell(panel, series, width, head, series is row[0], series is row[-1])
            for series, head in zip(row, heads, strict=True)
        ]
        rows.append({"hconcat": cells, "spacing": SPACING, "bounds": "flush"})
    return rows[0] if len(rows) == 1 else {"vconcat": rows, "spacing": 12}


def _columns(series: int, most: int) -> int:
    """How many side by side: rows as even as can be.

    >>> [_columns(n, 4) for n in (1, 4, 5, 6, 9)]
    [1, 4, 3, 3, 3]
    """
    rows = math.ceil(series / most)
    return math.ceil(series / rows)


def _cell(panel: Panel, series: Series, width: float, head: list[Spec], first: bool, last: bool) -> Spec:
    domain = (panel.x_domain[0], later(panel.x_domain[1], max(FREE, FREE_PX / width), panel.x_domain))
    ticks = log_ticks(*panel.y_domain) if panel.log else linear_ticks(*panel.y_domain)
    x = list(panel.x_at) or x_ticks(*panel.x_domain, room=max(2, int(width / 36)))
    frame = Frame(panel, domain, x, ticks, width, first)
    if series.x:
        layers = backdrop(frame) + others(frame, series) + curve(frame, series)
        layers += outline(frame, series) + measured(frame)
    else:
        layers = absence(frame, series)
    cell: Spec = {"layer": layers + head, "width": width, "height": panel.height}
    if last and panel.second is not None:
        cell["layer"] = [{"layer": cell["layer"]}, _second(frame)]
        cell["resolve"] = {"axis": {"y": "independent"}}
    return cell


def _heading(panel: Panel, series: Series, width: float) -> list[Spec]:
    """The name of the series, and its last value with its 90 % range, above the column."""
    name = {"fontWeight": "bold", "fontSize": 11.5, "color": INK}
    texts: list[tuple[str, Spec]] = [(line, name) for line in wrapped(series.name, width, 11.5, bold=True)]
    if series.x:
        low, median, high = (series.quantiles[i][-1] for i in (0, 2, 4))
        end = f"{panel.x_word}{place(series.x[-1])}: {format_number(median, panel.form)}"
        ends = f"({format_range(low, high, panel.form)})" if panel.ranged else ""
        apart = bool(ends) and text_width(f"{end} {ends}", 10) > width
        texts += [
            (text, {"fontSize": 10, "color": HISTORY_STYLE})
            for text in ([end, ends] if apart else [f"{end} {ends}".rstrip()])
        ]
    top = -(3 + LINE * len(texts))
    return [
        layer(
            [{}], "text", {"text": text, "align": "left", "baseline": "top", **style}, x=0, y=top + LINE * i
        )
        for i, (text, style) in enumerate(texts)
    ]


def _second(frame: Frame) -> Spec:
    """An invisible layer that carries the second axis on the right."""
    second = frame.panel.second
    assert second is not None
    low, high = frame.panel.y_domain
    places = [(tick - second.at_zero) / second.slope for tick in second.ticks]
    read = f"{second.at_zero!r} + {second.slope!r} * datum.value"
    y = frame.y()
    y["title"] = second.title
    y["axis"] = {
        "orient": "right",
        "values": [p for p in places if low <= p <= high],
        "labelExpr": f"replace(format({read}, '.1f'), '-', '−')",
        "grid": False,
    }
    row: Spec = {"x": x_value(frame.x_domain[0]), "y": low}
    return layer([row], "point", {"opacity": 0}, x=frame.x(), y=y)
