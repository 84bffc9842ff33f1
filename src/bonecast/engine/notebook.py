"""What a notebook shows of a system and of its runs: sizes, status, and the median of a few outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bonecast.charts import Card, Small, SmallCurve, Table, card_html, style_of
from bonecast.engine.status import Status

if TYPE_CHECKING:
    from bonecast.engine.ensemble import End, Runs
    from bonecast.engine.system import System

PICTURES = 2
MOST_OUTPUTS = 12
FORM = ",.4g"


def runs_html(runs: Runs) -> str:
    """The card of some runs: of each output the median and the 90 % range over persons at the last time."""
    fine = runs.status == Status.FINE
    kept = runs.values[fine]
    names = runs.outputs[:MOST_OUTPUTS] if len(kept) else ()
    pictures = []
    for i, name in enumerate(names[:PICTURES]):
        low, middle, high = np.percentile(kept[:, :, i], (5, 50, 95), axis=0)
        ranges = {"low": low, "high": high} if len(kept) > 1 else {}
        curve = SmallCurve(name, style_of(0), runs.times, middle, **ranges)
        pictures.append(Small(f"{name} against time", (curve,), FORM, ""))
    rows = []
    for i, name in enumerate(names):
        low, middle, high = np.percentile(kept[:, -1, i], (5, 50, 95))
        rows.append((name, f"{middle:{FORM}}", f"{low:{FORM}} to {high:{FORM}}"))
    steps = f"{int(np.median(runs.steps))} steps a person (median)"
    return card_html(
        Card(
            f"Runs of {len(runs.status)} persons",
            (
                f"{len(runs.times)} times from {runs.times[0]:g} to {runs.times[-1]:g}, {len(runs.outputs)} outputs",
                f"{int(fine.sum())} of {len(fine)} finished; {steps}",
            ),
            tuple(pictures),
            table=Table(("output", "median at the end", "5 to 95 %"), tuple(rows)),
            remarks=tuple(runs.failed()),
        )
    )


def end_html(end: End) -> str:
    """The card of an end of runs."""
    states = f"{end.states.shape[1]} states, {end.parameters.shape[1]} parameters a person"
    return card_html(Card(f"End of {len(end.states)} runs at time {end.time:g}", (states,)))


def system_html(system: System) -> str:
    """The card of a system."""
    routes = tuple((name, route.state, route.unit, route.given) for name, route in system.routes.items())
    unit = {"h": "hours", "d": "days"}[system.time_unit]
    return card_html(
        Card(
            f"System {system.name}",
            (
                f"{len(system.states)} states, {len(system.parameters)} parameters, time in {unit}",
                f"States: {', '.join(system.states)}",
                f"Outputs: {', '.join(system.output_names)}",
            ),
            table=Table(("route", "state", "unit", "given"), routes),
        )
    )
