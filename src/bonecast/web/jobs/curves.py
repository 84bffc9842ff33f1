"""Curves of a typical person under changed parameters, as a screen asks for them while a slider is moved."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bonecast.charts import Mark, Panel, Series, format_number, linear_domain, specification, style_of, y_span
from bonecast.models import load_model
from bonecast.models.model import Output
from bonecast.regimens import DAYS_IN, Regimen, parse_regimen, parse_span
from bonecast.simulation import SimulationResult, simulate
from bonecast.web.jobs.content import spec_text
from bonecast.web.jobs.kinds import Told

STEPS = 200  # of a curve
MOST_POINTS = 400  # that are drawn: a daily drug has a row for each dose
RUN_D = 45.0  # doses closer than this are drawn as one bar
TABLE_ROWS = 12
MOST_TICKS = 14
OWN, SET = "the model's own", "as set here"
AXES = (
    ("days", 150.0),
    ("months", 4 * DAYS_IN["years"]),
    ("years", float("inf")),
)  # the unit of time up to this long


def curves(asked: dict[str, Any], folder: Path | None, told: Told) -> Any:
    """Charts of these outputs under the plan, with changed parameters over the model's own.

    asked : "model", "plan", "until" (a span, or empty), "set" {parameter: value}, "show" [outputs].
    """
    model = load_model(asked["model"])
    run = _run(asked["model"], asked["plan"], asked["until"], _key(asked["set"]))
    own = _run(asked["model"], asked["plan"], asked["until"], ()) if asked["set"] else run
    outputs = [model.output(name) for name in asked["show"]]
    return {"plan": run.plan, "charts": [_chart(one, run, own) for one in outputs]}


def rows(asked: dict[str, Any], folder: Path | None, told: Told) -> Any:
    """All outputs of the same run, a row for each time."""
    run = _run(asked["model"], asked["plan"], asked["until"], _key(asked["set"]))
    return {"plan": run.plan, "columns": list(run.columns), "rows": run.rows()}


def _key(changed: dict[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(changed.items()))


@lru_cache(64)
def _run(model: str, plan: str, until: str, changed: tuple[tuple[str, float], ...]) -> SimulationResult:
    whole = until or f"{max(parse_regimen(plan).end_d, DAYS_IN['years']):.6f} days"
    every = f"{parse_span(whole, 'until') / STEPS:.6f} days"
    return simulate(model, plan, whole, every, dict(changed))


def _chart(output: Output, run: SimulationResult, own: SimulationResult) -> dict[str, Any]:
    unit, x, values = _thinned(run, output.name)
    _, own_x, own_values = _thinned(own, output.name)
    form = ("+" if output.name.endswith("_change") else "") + _form(values + own_values)
    before = Series(OWN, style_of(4), own_x, (own_values,) * 5)
    changed = own is not run
    series = Series(
        SET if changed else OWN,
        style_of(0),
        x,
        (values,) * 5,
        _marks(parse_regimen(run.plan), unit),
        outline=before if changed else None,
    )
    told = f"from {format_number(values[0], form)} to {format_number(values[-1], form)} {output.unit} at {x[-1]:g} {unit}"
    against = f"; {OWN}: {format_number(own_values[-1], form)}" if changed else ""
    panel = Panel(
        key=output.name,
        title=output.quantity[:1].upper() + output.quantity[1:],
        description=f"{output.quantity} in a typical person, {told}{against}.",
        y_title=output.unit,
        x_title=unit,
        x_domain=(0.0, x[-1]),
        y_domain=linear_domain(*y_span((series, before), ())),
        form=form,
        series=(series,),
        rows_at=(),
        x_word=f"{unit.removesuffix('s')} ",
        x_at=_ticks(unit, x[-1]),
        height=150,
    )
    spec = specification(panel, titled=False)
    _for_one_person(spec, unit)
    return {
        "key": output.name,
        "title": panel.title,
        "description": panel.description,
        "note": output.note,
        "spec": spec_text(spec),
        "table": _table(unit, form, output.unit, (x, values), (own_x, own_values) if changed else None),
    }


def _thinned(run: SimulationResult, name: str) -> tuple[str, tuple[float, ...], tuple[float, ...]]:
    """The curve in at most so many points, first and last included, on an axis of days, months or years."""
    end_d = float(run.times_d[-1])
    unit = next(word for word, longest in AXES if end_d <= longest)
    values, count = run[name], len(run.times_d)
    step = max(1, -(-count // MOST_POINTS))
    at = [*range(0, count - 1, step), count - 1]
    return unit, tuple(float(run.times_d[i]) / DAYS_IN[unit] for i in at), tuple(float(values[i]) for i in at)


def _form(values: tuple[float, ...]) -> str:
    """So many digits that the ends of the curve can be told apart.

    >>> _form((2.3, 2.35)), _form((100.0, 12.0)), _form((0.0, 12345.0))
    ('.3f', '.1f', ',.0f')
    """
    reach = max(values) - min(values)
    return next((form for least, form in ((500, ",.0f"), (5, ".1f"), (0.5, ".2f")) if reach >= least), ".3f")


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


def _ticks(unit: str, end: float) -> tuple[float, ...]:
    """Ticks of the axis of time, months in steps that make years.

    >>> _ticks("months", 18.0)
    (0.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0)
    """
    steps = (3, 6, 12) if unit == "months" else (1, 2, 5, 7, 14, 28)
    step = next((one for one in steps if end / one <= MOST_TICKS), steps[-1])
    return tuple(float(step * i) for i in range(int(end / step + 1e-6) + 1))


def _for_one_person(spec: dict[str, Any], unit: str) -> None:
    """One person has no range: its words and areas are taken out of the picture; the axis is told its unit."""
    for cell in spec["hconcat"]:
        cell["layer"] = [one for one in cell["layer"] if one["mark"]["type"] != "area"]
        for layer in cell["layer"]:
            text, x = layer["mark"].get("text"), layer["encoding"].get("x", {})
            if isinstance(text, str) and text.endswith(")"):
                layer["mark"]["text"] = text.split(" (")[0]
            if "axis" in x:
                x["title"] = unit


Curve = tuple[tuple[float, ...], tuple[float, ...]]


def _table(unit: str, form: str, measured_in: str, run: Curve, own: Curve | None) -> dict[str, Any]:
    """A dozen positions, evenly along the axis."""
    wanted = [run[0][-1] * i / TABLE_ROWS for i in range(TABLE_ROWS + 1)]
    kinds = [(SET, run), (OWN, own)] if own else [(OWN, run)]
    rows = [
        [format_number(x, ".1f"), *(format_number(_at(curve, x), form) for _, curve in kinds)] for x in wanted
    ]
    return {"columns": [unit, *(f"{name}, {measured_in}" for name, _ in kinds)], "rows": rows}


def _at(curve: Curve, x: float) -> float:
    nearest = min(range(len(curve[0])), key=lambda i: abs(curve[0][i] - x))
    return curve[1][nearest]
