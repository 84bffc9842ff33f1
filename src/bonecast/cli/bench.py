"""`bonecast bench`: the benchmark table."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, table
from bonecast.cli.progress import hear_notices, progress


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the largest and the slowest.")] = False,
    as_json: AsJson = False,
) -> None:
    """The benchmark: our engine and, where installed, its peers, on one problem in one run."""
    from bonecast.bench import MATCHED, ratios, run_bench

    hear_notices()
    with progress("benchmark") as step:
        measured = run_bench(quick, lambda what: step(None, what))
    rows = [{name: _known(value) for name, value in row.as_dict().items()} for row in measured]
    if as_json:
        return echo_json(rows)
    table(list(rows[0]), [list(row.values()) for row in rows])
    echo("\nTimes of this run on this machine: read them as ratios.")
    for peer, times in ratios(measured).items():
        echo(f"{peer} takes {times:.0f} times as long a person, both within a worst error of {MATCHED:g}.")


def _known(value: object) -> object:
    """A number that was not measured is nothing, in JSON null, rather than NaN."""
    return None if isinstance(value, float) and math.isnan(value) else value
