"""The pictures of trajectories: one panel for each output, the median with the 50 and 90 % range of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bonecast.charts import (
    Panel,
    Series,
    format_number,
    linear_domain,
    number_form,
    style_of,
    time_axis,
    y_span,
)

if TYPE_CHECKING:
    from bonecast.cohorts.trajectories import Trajectories

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def output_panel(run: Trajectories, name: str) -> Panel:
    """The panel of one output over the people who could be followed.

    Parameters
    ----------
    run : Trajectories
        The curves.
    name : str
        Name of the output.

    Returns
    -------
    Panel
        The median with the 50 and 90 % range.
    """
    output, axis = run.cohort.model.output(name), time_axis(run.days)
    values = run[name][run.succeeded][:, list(axis.rows)]
    quantiles = tuple(tuple(row) for row in np.quantile(values, LEVELS, axis=0).tolist())
    people = f"{int(run.succeeded.sum()):,} people"
    series = Series(people, style_of(0), axis.x, quantiles)
    form = ("+" if name.endswith("_change") else "") + number_form(series.median)
    first, last = (format_number(series.median[i], form) for i in (0, -1))
    return Panel(
        key=name,
        title=output.quantity[:1].upper() + output.quantity[1:],
        description=f"{output.quantity}, median of {people}, from {first} to {last} {output.unit}.",
        y_title=output.unit,
        x_title=axis.unit,
        x_domain=(axis.x[0], axis.x[-1]),
        y_domain=linear_domain(*y_span((series,), ())),
        form=form,
        series=(series,),
        rows_at=(),
        x_word=f"{axis.unit.removesuffix('s')} ",
        x_at=axis.ticks,
        height=150,
        note="Median, 50 and 90 % range of people.",
    )
