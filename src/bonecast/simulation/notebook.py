"""What a notebook shows of a simulation: a few small curves, and their ends in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bonecast.charts import Card, Small, SmallCurve, Table, along, card_html, format_number, style_of
from bonecast.core import DISCLAIMER
from bonecast.simulation.pictures import curve_panel

if TYPE_CHECKING:
    from bonecast.simulation.run import SimulationResult

FIRST = ("LS_BMD_pct_change", "CTX_pct_of_baseline", "calcium_mmol_L", "denosumab_ng_mL")
MOST = 3  # pictures


def html(run: SimulationResult) -> str:
    """The card of a simulation."""
    if run.ids is not None:
        return _people_html(run)
    model = run.source_model
    known = [name for name in FIRST if name in run.outputs]
    names = [*known, *(name for name in run.outputs if name not in known)]
    panels = {name: curve_panel(model.output(name), run) for name in names}
    pictures = tuple(
        Small(
            f"{panel.title}, {panel.y_title}",
            (SmallCurve(name, style_of(0), [along(x) for x in panel.series[0].x], panel.series[0].median),),
            panel.form,
            panel.x_title,
        )
        for name, panel in list(panels.items())[:MOST]
    )
    rows = []
    for name, panel in panels.items():
        values = panel.series[0].median
        shown = (values[0], min(values), max(values), values[-1])
        rows.append((name, *(format_number(value, panel.form) for value in shown)))
    changed = "; ".join(f"{name} = {value:g}" for name, value in run.changed.items())
    lines = [
        run.plan or "doses or events as given",
        f"{len(run.times_d)} times to day {run.times_d[-1]:g}; one typical person, no ranges",
    ]
    if changed:
        lines.append(f"Changed parameters: {changed}")
    return card_html(
        Card(
            f"Simulation of {run.model}",
            tuple(lines),
            pictures,
            table=Table(("output", "start", "lowest", "highest", "end"), tuple(rows)),
            remarks=(DISCLAIMER,),
        )
    )


def _people_html(run: SimulationResult) -> str:
    """The card of people: the middle and the range of each output over all rows."""
    rows = []
    for name in run.outputs:
        values = run[name][np.isfinite(run[name])]
        if values.size:
            shown = (float(values.min()), float(np.median(values)), float(values.max()))
            rows.append((name, *(format_number(value, ".4g") for value in shown)))
    lines = (
        run.plan or "doses, events or a table as given",
        f"{len(run.people):,} people, {len(run.times_d):,} rows",
    )
    return card_html(
        Card(
            f"Simulation of {run.model}",
            lines,
            table=Table(("output", "lowest", "median", "highest"), tuple(rows)),
            remarks=(DISCLAIMER,),
        )
    )
