"""The table behind each picture: what is drawn, in numbers."""

from __future__ import annotations

from bonecast.charts.agreement import Agreement, agreement_table
from bonecast.charts.forest import Forest, forest_table
from bonecast.charts.formatting import format_number, format_range, place
from bonecast.charts.overlay import Overlay
from bonecast.charts.panel import Panel, Series, Strip, X, along, held
from bonecast.charts.picture import Picture
from bonecast.charts.scatter import Scatter, scatter_table
from bonecast.charts.steps import Steps, steps_table
from bonecast.charts.text_table import Table
from bonecast.charts.traces import Traces, traces_table


def table(picture: Picture) -> Table:
    """Return what a picture shows, in numbers.

    A panel gives a row for each measured point and each of its `rows_at`: median and 90 % range of every series. A
    strip gives a row for each mark, a scatter for each point or quarter, traces for each day, steps for each of `x_at`,
    a forest for each group, an agreement for each pair.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    Table
        Columns and rows of text.
    """
    match picture:
        case Strip():
            return _events(picture)
        case Scatter():
            return scatter_table(picture)
        case Traces():
            return traces_table(picture)
        case Steps():
            return steps_table(picture)
        case Forest():
            return forest_table(picture)
        case Agreement():
            return agreement_table(picture)
        case Panel():
            return _values(picture)
        case Overlay():
            return _values(picture.panel)


def _values(panel: Panel) -> Table:
    columns = (panel.x_title, *(["measured"] if panel.points else []), *(s.name for s in panel.series))
    measured: dict[X, list[str]] = {}
    for point in panel.points:
        text = ("below " if point.below else "") + format_number(point.y, panel.form)
        measured.setdefault(point.x, []).append(text + (f" ({point.note})" if point.note else ""))
    rows = []
    for x in sorted({*measured, *panel.rows_at}, key=along):
        cells = [place(x)]
        if panel.points:
            cells.append("; ".join(measured.get(x, [])))
        cells += [_cell(series, x, panel.form) for series in panel.series]
        rows.append(tuple(cells))
    return Table(columns, tuple(rows))


def _cell(series: Series, x: X, form: str) -> str:
    """Median and 90 % range at the position nearest to x; empty outside the curve."""
    if not series.x or not held((series.x[0], series.x[-1]), x):
        return ""
    at = min(range(len(series.x)), key=lambda i: abs(along(series.x[i]) - along(x)))
    low, median, high = (series.quantiles[i][at] for i in (0, 2, 4))
    return f"{format_number(median, form)} ({format_range(low, high, form)})"


def _events(strip: Strip) -> Table:
    rows = [
        (
            place(mark.x) if mark.until is None else f"{place(mark.x)} to {place(mark.until)}",
            lane.name,
            mark.name + (f", {mark.label}" if mark.label else ""),
        )
        for lane in strip.lanes
        for mark in lane.marks
    ]
    return Table((strip.x_title, "lane", "what"), tuple(rows))
