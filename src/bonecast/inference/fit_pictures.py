"""The pictures of a fit: data with their error over the predictions, one panel for each output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from bonecast.charts import Panel, Point, Series, linear_domain, number_form, style_of, time_axis, y_span
from bonecast.core import DAYS_IN

if TYPE_CHECKING:
    from bonecast.inference.fit import ParameterFit


def pictures(fit: ParameterFit) -> list[Panel]:
    """One panel for each output and regimen, data as points with one SD."""
    keys = ["output", *(["regimen"] if "regimen" in fit.data.columns else [])]
    parts = fit.data.partition_by(keys, maintain_order=True)
    return [_panel(fit, part.sort("time_d"), i) for i, part in enumerate(parts)]


def _panel(fit: ParameterFit, rows: pl.DataFrame, number: int) -> Panel:
    output = fit.model.output(rows["output"][0])
    once = rows.group_by("time_d", maintain_order=True).agg(pl.col("predicted").first())
    axis = time_axis([*once["time_d"].to_list()] if once.height > 1 else [0.0, once["time_d"][0]])
    curve = tuple(once["predicted"].to_list())
    x = tuple(day / DAYS_IN[axis.unit] for day in once["time_d"].to_list())
    points = tuple(
        Point(day / DAYS_IN[axis.unit], value, value - sd, value + sd)
        for day, value, sd in rows.select("time_d", "value", "sd").iter_rows()
    )
    series = Series("fitted", style_of(0), x, (curve,) * 5)
    title = output.quantity[:1].upper() + output.quantity[1:]
    return Panel(
        key=f"{output.name}-{number}",
        title=f"{title}, {rows['regimen'][0]}" if "regimen" in rows.columns else title,
        description=f"{output.quantity}: {len(points)} values and the fitted curve.",
        y_title=output.unit,
        x_title=axis.unit,
        x_domain=(0.0, max(x[-1], axis.ticks[-1])),
        y_domain=linear_domain(*y_span((series,), points)),
        form=number_form((*curve, *(point.y for point in points))),
        series=(series,),
        rows_at=(),
        points=points,
        x_word=f"{axis.unit.removesuffix('s')} ",
        x_at=axis.ticks,
        height=150,
        ranged=False,
        note="Points: data with one SD. Line: fitted predictions at these times.",
    )
