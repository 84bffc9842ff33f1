"""Curves of a typical person under changed parameters, as a screen asks for them while a slider is moved."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bonecast.charts import format_number, specification
from bonecast.core import Progress
from bonecast.models import Output, load_model
from bonecast.regimens import DAYS_IN, parse_regimen, parse_span
from bonecast.simulation import OWN, SET, SimulationResult, curve_panel, simulate, thinned
from bonecast.web.jobs.content import spec_text

STEPS = 200  # of a curve
TABLE_ROWS = 12


def curves(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Charts of these outputs under the plan, with changed parameters over the model's own.

    asked : "model", "plan", "until" (a span, or empty), "set" {parameter: value}, "show" [outputs].
    """
    model = load_model(asked["model"])
    run = _run(asked["model"], asked["plan"], asked["until"], _key(asked["set"]))
    own = _run(asked["model"], asked["plan"], asked["until"], ()) if asked["set"] else run
    outputs = [model.output(name) for name in asked["show"]]
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
    unit, x, values = thinned(run, output.name)
    _, own_x, own_values = thinned(own, output.name)
    return {
        "key": output.name,
        "title": panel.title,
        "description": panel.description,
        "note": output.note,
        "spec": spec_text(specification(panel, titled=False)),
        "table": _table(unit, panel.form, output.unit, (x, values), (own_x, own_values) if changed else None),
    }


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
