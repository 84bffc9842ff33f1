"""Encodings of a Vega-Lite specification: positions on the axes. Dates are in UTC, so that no zone moves a day.

Specifications are built as plain dictionaries: Altair's own objects check and copy their data at every step,
which takes seconds for a chart; `chart` makes an Altair chart of the finished specification.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from bonecast.charts.panel import X, along

Spec = dict[str, Any]


def x_value(x: X) -> str | float:
    """A position as a value of the data."""
    return x.isoformat() if isinstance(x, dt.date) else float(x)


def later(x: X, share: float, domain: tuple[X, X]) -> X:
    """The position moved on by a share of the axis.

    >>> later(10.0, 0.5, (0.0, 20.0))
    20.0
    """
    further = share * (along(domain[1]) - along(domain[0]))
    return x + dt.timedelta(days=round(further)) if isinstance(x, dt.date) else x + further


def x_channel(field: str, domain: tuple[X, X], ticks: Sequence[X], title: str | None = None) -> Spec:
    """The x encoding of a field."""
    axis: Spec = {"values": [_tick(t) for t in ticks], "grid": True, "labelFlush": False}
    scale: Spec = {"domain": [_tick(x) for x in domain], "nice": False, "zero": False}
    dated = isinstance(domain[0], dt.date)
    if dated:
        scale = {"domain": scale["domain"], "nice": False, "type": "utc"}
        yearly = all(isinstance(t, dt.date) and t.month == 1 for t in ticks)
        axis["format"] = "%Y" if yearly else "%Y-%m"
    kind = "temporal" if dated else "quantitative"
    return {"field": field, "type": kind, "axis": axis, "scale": scale, "title": title}


def layer(rows: list[Spec], mark: str, style: Spec, **encoding: Any) -> Spec:
    """One layer: a mark in its style on these rows, with these encodings; a bare number is a pixel."""
    fixed = {k: {"value": v} if isinstance(v, int | float) else v for k, v in encoding.items()}
    return {"data": {"values": rows}, "mark": {"type": mark, **style}, "encoding": fixed}


def _tick(x: X) -> Any:
    if isinstance(x, dt.date):
        return {"year": x.year, "month": x.month, "date": x.day, "utc": True}
    return float(x)
