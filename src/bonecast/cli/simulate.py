"""`bonecast simulate`: one typical person, to a file, a short table or JSON."""

from __future__ import annotations

import math
import shutil
import sys
import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, plain_table
from bonecast.cli.progress import hear_notices
from bonecast.core import split_value
from bonecast.errors import InputError, OutsideRange, printable

if TYPE_CHECKING:
    from bonecast.simulation import SimulationResult

ROWS_SHOWN = 12
WIDTH_IN_A_PIPE = 110


def simulate(
    model: Annotated[str, typer.Argument(help="Library name, such as peterson-riggs-2010.")],
    plan: Annotated[
        str, typer.Argument(help='Such as "denosumab 60 mg every 6 months x 4"; or an event table, FILE.csv.')
    ],
    until: Annotated[
        str | None, typer.Option(help="How long; the end of the plan, and at least 1 year, by default.")
    ] = None,
    every: Annotated[
        str, typer.Option(help="Distance of the rows; each dose has a row of its own.")
    ] = "7 days",
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change a parameter (GFR=30, GFR='30 mL/min')."),
    ] = None,
    rtol: Annotated[
        float | None,
        typer.Option(help="Relative tolerance of one step; 1e-5 by default, 1e-9 for an event table."),
    ] = None,
    after_dose: Annotated[
        bool, typer.Option("--after-dose", help="Rows at dose times show the person just after the dose.")
    ] = False,
    daily_pulses: Annotated[
        bool, typer.Option("--daily-pulses", help="Teriparatide as daily pulses, not as a steady intake.")
    ] = False,
    out: Annotated[str | None, typer.Option(help="F.csv or F.parquet, for all rows and outputs.")] = None,
    as_json: AsJson = False,
) -> None:
    """One typical person of a model under a plan, or the people of an event table. See forecast for ranges."""
    from bonecast import simulation
    from bonecast.core import check_file

    changed = read_changes(changes or [])
    target = check_file(out, simulation.SUFFIXES, "--out") if out is not None else None
    hear_notices()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideRange)  # said below, in a line of its own
        run = simulation.simulate(
            model, plan, until, every, changed, rtol, after_dose, daily_pulses=daily_pulses
        )
    for note in run.notes:
        print(f"bonecast: {note}", file=sys.stderr)
    if target is not None:
        write = run.to_csv if target.suffix.casefold() == ".csv" else run.to_parquet
        write(target)
        if not as_json:
            echo(f"{len(run.times_d)} rows, {len(run.outputs)} outputs in {target}")
            return
    if as_json:
        _say_rows(run)
    else:
        _say_table(run)


def read_changes(texts: list[str]) -> dict[str, float | str]:
    """Which parameters take which values? Each text is NAME=VALUE, with a unit or without; a name may stand once.

    >>> read_changes(["koutL=0.003", "GFR=30 mL/min"])
    {'koutL': 0.003, 'GFR': '30 mL/min'}
    """
    changes: dict[str, float | str] = {}
    for text in texts:
        place = f"--set {printable(text)}"
        name, sign, number = (part.strip() for part in text.partition("="))
        if not sign or not name:
            raise InputError(place, "this is not a name and a value", "write NAME=VALUE, such as koutL=0.003")
        value, unit = split_value(number) or (math.nan, "")
        if not math.isfinite(value):
            raise InputError(
                place, f"'{printable(number)}' is not a finite number", "write one, such as 0.003"
            )
        if name in changes:
            raise InputError(place, f"{printable(name)} is set twice", "leave one out")
        changes[name] = number if unit else value
    return changes


def _say_rows(run: SimulationResult) -> None:
    echo_json(
        {
            "model": run.model,
            "plan": run.plan,
            "set": run.changed,
            "rtol": run.rtol,
            "rows": [dict(zip(run.columns, row, strict=True)) for row in run.rows()],
        }
    )


def _say_table(run: SimulationResult) -> None:
    """A dozen rows, evenly chosen, of the outputs that fit: plain on a terminal too, because rich is slow."""
    rows = run.rows()
    step = (len(rows) - 1) / (ROWS_SHOWN - 1)
    chosen = sorted({round(i * step) for i in range(ROWS_SHOWN)})
    width = shutil.get_terminal_size((WIDTH_IN_A_PIPE, 24)).columns
    fitting = 1
    while fitting < len(run.columns) and sum(len(c) + 2 for c in run.columns[: fitting + 1]) - 2 <= width:
        fitting += 1
    count = max(fitting, 2)
    echo(f"{run.model}: {run.plan or 'event table'}")
    echo(plain_table(run.columns[:count], [[_cell(v) for v in rows[i][:count]] for i in chosen]))
    shown = len(set(run.columns[:count]) & set(run.outputs))
    whom = "One typical person" if run.ids is None else "Typical people"
    echo(
        f"{len(chosen)} of {len(rows)} rows, {shown} of {len(run.outputs)} outputs; --out F.csv or --json gives"
        f" all. {whom} of the model, not a forecast for anybody."
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    return "" if value is None else str(value)
