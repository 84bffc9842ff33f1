"""The pictures of a simulation: one panel for each output, one curve without a range, doses on its foot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.charts import (
    Mark,
    Overlay,
    Panel,
    Point,
    Series,
    format_number,
    linear_domain,
    number_form,
    stack,
    style_of,
    time_axis,
    y_span,
)
from bonecast.cohorts import Cohort, Trajectories, output_panel
from bonecast.models import Output
from bonecast.regimens import DAYS_IN, Regimen, parse_regimen

if TYPE_CHECKING:
    from bonecast.simulation.run import SimulationResult

MOST_PEOPLE = 12  # that are drawn side by side
SHORTEST = 1e-3  # of an axis
RUN_D = 45.0  # doses closer than this are drawn as one bar
OWN, SET = "the model's own", "as set here"


def plot(run: SimulationResult, outputs: Iterable[str] | None = None) -> Any:
    """The curves of these outputs (all of them), one under the other, as one Altair chart."""
    model = run.source_model
    names = [outputs] if isinstance(outputs, str) else list(outputs if outputs is not None else run.outputs)
    for name in names:
        run[name]  # a name that is not there is refused with the nearest ones
    return stack(_panel(model.output(name), run) for name in names)


def _panel(output: Output, run: SimulationResult) -> Panel:
    """One person's curve; the ranges of people who share their times; else people side by side."""
    if run.ids is None:
        return curve_panel(output, run)
    times = run[f"time_{run.time_unit}"]
    people = [np.array(times[rows]) for rows in run.people]
    shared = all(len(own) == len(people[0]) and np.array_equal(own, people[0]) for own in people)
    if len(people) > 1 and shared:
        return _range_panel(output, run)
    values = run[output.name]
    series, points = [], []
    for i, rows in enumerate(run.people[:MOST_PEOPLE]):
        curve = tuple(values[rows].tolist())
        series.append(
            Series(str(run.ids[rows.start]), style_of(0), tuple(times[rows].tolist()), (curve,) * 5)
        )
        if i == 0 and len(people) == 1 and "dv" in run.extras:
            seen = np.flatnonzero(run.extras["observed"])
            below = run.extras["blq"]
            points += [Point(float(times[k]), float(run.extras["dv"][k]), below=bool(below[k])) for k in seen]
    shown = tuple(value for one in series for value in one.median)
    more = len(people) - len(series)
    return Panel(
        key=output.name,
        title=output.quantity[:1].upper() + output.quantity[1:],
        description=f"{output.quantity} of {len(series)} of {len(people)} people.",
        y_title=output.unit,
        x_title=run.time_unit,
        x_domain=(float(times.min()), max(float(times.max()), float(times.min()) + SHORTEST)),
        y_domain=linear_domain(*y_span(tuple(series), tuple(points))),
        form=number_form(shown),
        series=tuple(series),
        rows_at=(),
        points=tuple(points),
        x_word=f"{run.time_unit} ",
        height=150,
        ranged=False,
        note=f"{more:,} more people are in the table." if more else "",
    )


def _range_panel(output: Output, run: SimulationResult) -> Panel:
    """The median and ranges of people, as of a population."""
    count, days = len(run.people), run.times_d[run.people[0]]
    values = run[output.name].reshape(count, len(days))
    people = Cohort(run.source_model, np.arange(count), {})
    succeeded = np.array(np.isfinite(values).all(axis=1))
    return output_panel(Trajectories(people, days, {output.name: values}, succeeded), output.name)


def curve_panel(output: Output, run: SimulationResult, own: SimulationResult | None = None) -> Panel:
    """Lay out one output of a simulation as a picture.

    Parameters
    ----------
    output : Output
        The output.
    run : SimulationResult
        The simulation.
    own : SimulationResult, optional
        The same simulation with no parameter changed, drawn dotted.

    Returns
    -------
    Panel
        The picture.
    """
    unit, x, values = thinned(run, output.name)
    before = None
    if own is not None:
        _, own_x, own_values = thinned(own, output.name)
        before = Series(OWN, style_of(4), own_x, (own_values,) * 5)
    form = ("+" if output.name.endswith("_change") else "") + number_form(
        values + (before.median if before else ())
    )
    series = Series(
        OWN if not run.changed else SET,
        style_of(0),
        x,
        (values,) * 5,
        _marks(parse_regimen(run.plan), unit) if run.plan else (),
        outline=before,
    )
    last = f"{format_number(values[-1], form)} {output.unit} at {x[-1]:g} {unit}"
    ends = f"from {format_number(values[0], form)} to {last}"
    against = f"; {OWN}: {format_number(before.median[-1], form)}" if before else ""
    return Panel(
        key=output.name,
        title=output.quantity[:1].upper() + output.quantity[1:],
        description=f"{output.quantity} in a typical person, {ends}{against}.",
        y_title=output.unit,
        x_title=unit,
        x_domain=(0.0, x[-1]),
        y_domain=linear_domain(*y_span((series, before) if before else (series,), ())),
        form=form,
        series=(series,),
        rows_at=(),
        x_word=f"{unit.removesuffix('s')} ",
        x_at=time_axis(run.times_d).ticks,
        height=150,
        ranged=False,
    )


def runs_overlay(
    output: Output, runs: Mapping[str, SimulationResult], points: Iterable[Point] = ()
) -> Overlay:
    """Lay out one output of several simulations on one axis.

    Parameters
    ----------
    output : Output
        The output; a run whose model does not have it is left out.
    runs : mapping of str to SimulationResult
        Name to run, in order; at least one has the output.
    points : iterable of Point
        Published values, in the unit of the axis: that of the longest run.

    Returns
    -------
    Overlay
        The picture.
    """
    longest = max(runs.values(), key=lambda run: float(run.times_d[-1]))
    unit, series = time_axis(longest.times_d).unit, []
    for place, (name, run) in enumerate(runs.items()):
        if output.name in run.outputs:
            rows = time_axis(run.times_d).rows
            values = tuple(float(run[output.name][i]) for i in rows)
            x = tuple(float(run.times_d[i]) / DAYS_IN[unit] for i in rows)
            series.append(Series(name, style_of(place), x, (values,) * 5))
    shown = tuple(points)
    form = ("+" if output.name.endswith("_change") else "") + number_form(
        [value for one in series for value in one.median]
    )
    ends = "; ".join(f"{one.name}: {format_number(one.median[-1], form)}" for one in series)
    panel = Panel(
        key=output.name,
        title=output.quantity[:1].upper() + output.quantity[1:],
        description=f"{output.quantity} in a typical person, {output.unit}, at the end of each run: {ends}.",
        y_title=output.unit,
        x_title=unit,
        x_domain=(0.0, max(one.x[-1] for one in series)),
        y_domain=linear_domain(*y_span(tuple(series), shown)),
        form=form,
        series=tuple(series),
        rows_at=(),
        points=shown,
        x_word=f"{unit.removesuffix('s')} ",
        x_at=time_axis(longest.times_d).ticks,
        ranged=False,
    )
    return Overlay(panel)


def thinned(run: SimulationResult, name: str) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """Thin a curve to at most 400 points, first and last included.

    Parameters
    ----------
    run : SimulationResult
        The simulation.
    name : str
        Name of an output.

    Returns
    -------
    tuple of (str, tuple of float, tuple of float)
        Unit of the axis (days, months or years), positions, and values.
    """
    axis, values = time_axis(run.times_d), run[name]
    return axis.unit, axis.x, tuple(float(values[i]) for i in axis.rows)


def _marks(plan: Regimen, unit: str) -> tuple[Mark, ...]:
    """Doses as marks; those that follow one another closely become a bar."""
    marks: list[Mark] = []
    last: dict[str, float] = {}
    for dose in plan.doses:
        x = dose.time_d / DAYS_IN[unit]
        if marks and dose.time_d - last.get(dose.drug, -RUN_D - 1) <= RUN_D and marks[-1].name == dose.drug:
            marks[-1] = replace(marks[-1], until=x)
        else:
            marks.append(Mark(x, dose.drug[0].upper(), dose.drug))
        last[dose.drug] = dose.time_d
    return tuple(marks)
