"""Small multiples: one panel for each series, with its ranges; the other medians stand thin behind it."""

from __future__ import annotations

import math
import textwrap

from bonecast.charts.axes import linear_ticks, log_ticks, x_ticks
from bonecast.charts.channels import Spec, later, layer, x_value
from bonecast.charts.layers import Frame, absence, backdrop, curve, measured, others, outline
from bonecast.charts.looks import INK, PAST
from bonecast.charts.panel import Panel, Series
from bonecast.charts.text import number, place, span

WIDTH, SPACING, MOST_COLUMNS = 640, 10, 4
LINE = 13  # pixels from one line of a heading to the next
FREE = 0.19  # of the x axis at its right end, for the last value


def multiples(panel: Panel) -> Spec:
    """The panel as columns that share both axes, at most four in a row."""
    columns = _columns(len(panel.series))
    width = (WIDTH - SPACING * (columns - 1)) / columns
    rows = []
    for start in range(0, len(panel.series), columns):
        row = panel.series[start : start + columns]
        heads = [textwrap.wrap(series.name, max(12, int(width / 6.2))) for series in row]
        lines = max(len(head) for head in heads)
        cells = [
            _cell(
                panel, series, width, [""] * (lines - len(head)) + head, series is row[0], series is row[-1]
            )
            for series, head in zip(row, heads, strict=True)
        ]
        rows.append({"hconcat": cells, "spacing": SPACING, "bounds": "flush"})
    return rows[0] if len(rows) == 1 else {"vconcat": rows, "spacing": 12}


def _columns(series: int) -> int:
    """How many side by side: rows as even as can be.

    >>> [_columns(n) for n in (1, 4, 5, 6, 9)]
    [1, 4, 3, 3, 3]
    """
    rows = math.ceil(series / MOST_COLUMNS)
    return math.ceil(series / rows)


def _cell(panel: Panel, series: Series, width: float, head: list[str], first: bool, last: bool) -> Spec:
    domain = (panel.x_domain[0], later(panel.x_domain[1], FREE, panel.x_domain))
    ticks = log_ticks(*panel.y_domain) if panel.log else linear_ticks(*panel.y_domain)
    x = x_ticks(*panel.x_domain, room=max(2, int(width / 36)))
    frame = Frame(panel, domain, x, ticks, width, first)
    if series.x:
        layers = backdrop(frame) + others(frame, series) + curve(frame, series)
        layers += outline(frame, series) + measured(frame)
    else:
        layers = absence(frame, series)
    cell: Spec = {"layer": layers + _heading(panel, series, head), "width": width, "height": panel.height}
    if last and panel.second is not None:
        cell["layer"] = [{"layer": cell["layer"]}, _second(frame)]
        cell["resolve"] = {"axis": {"y": "independent"}}
    return cell


def _heading(panel: Panel, series: Series, lines: list[str]) -> list[Spec]:
    """The name of the series, and its last value with its 90 % range, above the column."""
    top = -(18 + LINE * len(lines))
    name = {"fontWeight": "bold", "fontSize": 11, "color": INK}
    texts = [(line, top + LINE * i, name) for i, line in enumerate(lines) if line]
    if series.x:
        low, median, high = (series.quantiles[i][-1] for i in (0, 2, 4))
        value = f"{number(median, panel.form)} ({span(low, high, panel.form)})"
        end = f"{panel.x_word}{place(series.x[-1])}: {value}"
        texts.append((end, -16, {"fontSize": 9.5, "color": PAST}))
    return [
        layer([{}], "text", {"text": text, "align": "left", "baseline": "top", **style}, x=0, y=y)
        for text, y, style in texts
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
