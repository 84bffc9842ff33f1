"""`bonecast sensitivity`: what an output of a model depends on."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, plain_table
from bonecast.cli.progress import hear_notices
from bonecast.errors import InputError, printable

MOST_SHOWN = 40


def sensitivity(
    model: Annotated[str, typer.Argument(help="Library name, such as choi-2025.")],
    plan: Annotated[str, typer.Argument(help="A regimen; or an event table of one person, FILE.csv.")],
    outputs: Annotated[list[str], typer.Option("--output", help="Output or state; as often as needed.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", metavar="NAME[=LOW:HIGH]", help="What varies; by 20 % each way without bounds."
        ),
    ] = None,
    at: Annotated[str, typer.Option(help='When, such as "1 year"; several with commas.')] = "1 year",
    method: Annotated[str, typer.Option(help="local (derivatives), sobol or morris.")] = "local",
    samples: Annotated[int | None, typer.Option(help="Sobol: a power of two; Morris: trajectories.")] = None,
    log: Annotated[bool, typer.Option("--log", help="Vary on a logarithmic scale.")] = False,
    seed: Annotated[int, typer.Option(help="Of the samples.")] = 1,
    out: Annotated[str | None, typer.Option(help="F.csv or F.parquet.")] = None,
    as_json: AsJson = False,
) -> None:
    """What an output depends on: derivatives, or shares of its spread over ranges (extra `sensitivity`)."""
    import polars as pl

    from bonecast import simulation
    from bonecast.core import check_file
    from bonecast.regimens import parse_span

    target = check_file(out, simulation.SUFFIXES, "--out") if out is not None else None
    times = sorted({parse_span(part.strip(), "--at") for part in at.split(",")})
    named = dict(map(_bounds, parameters or []))
    hear_notices()
    if method == "local":
        if any(named.values()):
            raise InputError(
                "--parameter", "derivatives have no bounds", "leave them out, or take sobol or morris"
            )
        found = simulation.sensitivities(
            model, plan, list(named) or None, outputs=outputs, times=times, time_unit="d"
        )
        notes = [f"Central differences: {', '.join(found.by_differences)}."] if found.by_differences else []
        order = "elasticity"
    else:
        found = simulation.global_sensitivity(
            model, plan, named, outputs, times, method=method, samples=samples, time_unit="d", log=log, seed=seed  # type: ignore[arg-type]
        )  # fmt: skip
        notes, order = list(found.notes), "total" if method == "sobol" else "mu_star"
    for note in notes:
        print(f"bonecast: {note}", file=sys.stderr)
    table = found.table()
    if target is not None:
        (found.to_csv if target.suffix.casefold() == ".csv" else found.to_parquet)(target)
    if as_json:
        return echo_json(table.to_dicts())
    shown = table.sort(pl.col(order).abs().fill_nan(0.0), descending=True, maintain_order=True)
    echo(
        plain_table(
            table.columns, [[_cell(value) for value in row] for row in shown.head(MOST_SHOWN).iter_rows()]
        )
    )
    if table.height > MOST_SHOWN:
        echo(f"{MOST_SHOWN} of {table.height} rows, the largest first; --out F.csv or --json gives all.")
    if target is not None:
        echo(f"{table.height} rows in {target}")


def _bounds(text: str) -> tuple[str, tuple[float, float] | None]:
    """A parameter and its bounds.

    >>> _bounds("CL=0.002:0.004"), _bounds("ka")
    (('CL', (0.002, 0.004)), ('ka', None))
    """
    name, sign, ends = text.partition("=")
    if not sign:
        return name.strip(), None
    try:
        low, high = (float(end) for end in ends.split(":"))
    except ValueError:
        cause = f"'{printable(ends)}' is no range"
        raise InputError(
            f"--parameter {printable(name)}", cause, "write NAME=LOW:HIGH, such as CL=2:4"
        ) from None
    return name.strip(), (low, high)


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
