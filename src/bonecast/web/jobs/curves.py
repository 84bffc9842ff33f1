"""Curves of a typical person under changed parameters, as a screen asks for them while a slider is moved."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bonecast.charts import Overlay, Point, format_number, linear_domain, specification, y_span
from bonecast.core import Progress, gettext
from bonecast.evidence import calibration_rows
from bonecast.models import Output, load_model
from bonecast.regimens import DAYS_IN, parse_regimen, parse_span
from bonecast.simulation import OWN, SET, SimulationResult, curve_panel, runs_overlay, simulate, thinned
from bonecast.web.jobs.content import chart_of, spec_text

STEPS = 200  # of a curve
TABLE_ROWS = 12


def curves(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Charts of these outputs under the plan, with changed parameters over the model's own.

    asked : "model", "plan", "until" (a span, or empty), "set" {parameter: value}, "show" [outputs]; "kept" runs are
    laid over it, each with "name", "model", "plan", "until" and "set". Published values of the same
    plan are drawn as points.
    """
    model = load_model(asked["model"])
    run = _run(asked["model"], asked["plan"], asked["until"], _key(asked["set"]))
    own = _run(asked["model"], asked["plan"], asked["until"], ()) if asked["set"] else run
    outputs = [model.output(name) for name in asked["show"]]
    kept = {
        one["name"]: _run(one["model"], one["plan"], one["until"], _key(one["set"]))
        for one in asked.get("kept", ())
    }
    if kept:
        runs = {OWN if own is run else SET: run, **kept}
        return {"plan": run.plan, "charts": [chart_of(_laid_over(one, runs, run)) for one in outputs]}
    return {"plan": run.plan, "charts": [_chart(one, run, own) for one in outputs]}


def rows(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
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
    changed = own is not run
    panel = curve_panel(output, run, own if changed else None)
    points = published(output, run)
    if points:
        ends = y_span(panel.series, points)
        panel = replace(
            panel,
            points=points,
            y_domain=linear_domain(*ends),
            note=gettext("Points: published, with their interval."),
        )
    unit, x, values = thinned(run, output.name)
    _, own_x, own_values = thinned(own, output.name)
    return {
        "key": output.name,
        "title": panel.title,
        "description": panel.description,
        "note": " ".join(filter(None, (output.note, panel.note))),
        "spec": spec_text(specification(panel, titled=False)),
        "table": _table(unit, panel.form, output.unit, (x, values), (own_x, own_values) if changed else None),
    }


def _laid_over(output: Output, runs: dict[str, SimulationResult], run: SimulationResult) -> Overlay:
    points = published(output, run)
    picture = runs_overlay(output, runs, points)
    if not points:
        return picture
    note = gettext("Points: published, with their interval.")
    return replace(picture, panel=replace(picture.panel, note=note))


def published(output: Output, run: SimulationResult) -> tuple[Point, ...]:
    """What trials published of this output under this very plan, as mean change from the start."""
    unit, _, _ = thinned(run, output.name)
    found = []
    for row in calibration_rows():
        same = row.plan is not None and str(row.plan) == run.plan and row.comparator_plan is None
        zero = _zero_of(row.endpoint, output.name)
        plain = row.statistic == "mean" and not row.change_from_month
        if same and plain and zero is not None and row.month is not None and row.value is not None:
            low, high = (None if end is None else zero + end for end in (row.ci_low, row.ci_high))
            x = row.month * DAYS_IN["months"] / DAYS_IN[unit]
            found.append(Point(x, zero + row.value, low, high, note=f"{row.study}, {row.arm}"))
    return tuple(found)


def _zero_of(endpoint: str, output: str) -> float | None:
    """What an output is without a change, where the endpoint is its change in %; None where it is another quantity.

    >>> [_zero_of("CTX_pct", name) for name in ("CTX_pct_of_baseline", "LS_BMD_pct_change")]
    [100.0, None]
    """
    return {f"{endpoint}_change": 0.0, f"{endpoint}_of_baseline": 100.0}.get(output)


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
