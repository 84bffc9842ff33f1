"""The pictures of a simulation: one panel for each output, one curve without a range, doses on its foot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bonecast.charts import (
    Mark,
    Panel,
    Series,
    format_number,
    linear_domain,
    number_form,
    stack,
    style_of,
    time_axis,
    y_span,
)
from bonecast.models import Output
from bonecast.regimens import DAYS_IN, Regimen, parse_regimen

if TYPE_CHECKING:
    from bonecast.simulation.run import SimulationResult

RUN_D = 45.0  # doses closer than this are drawn as one bar
OWN, SET = "the model's own", "as set here"


def plot(run: SimulationResult, outputs: Iterable[str] | None = None) -> Any:
    """The curves of these outputs (all of them), one under the other, as one Altair chart."""
    model = run.source_model
    names = [outputs] if isinstance(outputs, str) else list(outputs if outputs is not None else run.outputs)
    for name in names:
        run[name]  # a name that is not there is refused with the nearest ones
    return stack(curve_panel(model.output(name), run) for name in names)


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
