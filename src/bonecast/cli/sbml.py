"""`bonecast sbml`: models of others from SBML, and models of the library as SBML or Antimony."""

from __future__ import annotations

from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, plain_table, table
from bonecast.cli.simulate import read_changes
from bonecast.core import check_file
from bonecast.errors import InputError

ROWS_SHOWN = 12
SbmlFile = Annotated[str, typer.Argument(help="A model in SBML, Level 1 to 3.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Start from another value.")
]
sbml_app = typer.Typer(
    help="SBML: read and run models of others, write models of the library.", no_args_is_help=True
)


@sbml_app.command("import")
def import_(file: SbmlFile, as_json: AsJson = False) -> None:
    """What an SBML file holds, and whether it runs in the kernel; what is not supported is refused by name."""
    from bonecast.interop import read_sbml

    found = read_sbml(file).summary()
    if as_json:
        echo_json(found)
    else:
        table(["what", "in the file"], [[key, str(value)] for key, value in found.items()])


@sbml_app.command()
def run(
    file: SbmlFile,
    until: Annotated[float, typer.Option(help="The end, in the time unit of the file.")] = 100.0,
    steps: Annotated[int, typer.Option(help="Equal distances between the rows.")] = 100,
    outputs: Annotated[
        str | None, typer.Option(help="Names between commas; all that changes by default.")
    ] = None,
    changes: Changes = None,
    out: Annotated[str | None, typer.Option(help="F.csv or F.parquet, for all rows and outputs.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow an SBML model from time zero, with its events."""
    from bonecast.interop import read_sbml

    target = check_file(out, (".csv", ".parquet"), "--out", (file,)) if out is not None else None
    names = [part.strip() for part in outputs.split(",")] if outputs else None
    given = {name: _number(name, value) for name, value in read_changes(changes or []).items()}
    course = read_sbml(file).run(until, steps, names, given)
    frame = course.table()
    if target is not None:
        (course.to_csv if target.suffix.casefold() == ".csv" else course.to_parquet)(target)
        echo(f"{frame.height} rows, {len(course.outputs)} outputs in {target}")
    elif as_json:
        rows = [[v if v == v and abs(v) != float("inf") else None for v in row] for row in frame.iter_rows()]
        echo_json({"model": course.model, "columns": frame.columns, "rows": rows})
    else:
        step = max(1, (frame.height - 1) // (ROWS_SHOWN - 1))
        shown = frame[::step].select(frame.columns[:8])
        echo(plain_table(shown.columns, [[f"{v:.6g}" for v in row] for row in shown.iter_rows()]))
        echo(
            f"{shown.height} of {frame.height} rows, {len(shown.columns) - 1} of {len(course.outputs)} outputs"
        )


@sbml_app.command()
def export(
    model: Annotated[str, typer.Argument(help="Library name, such as bonecast-2.")],
    out: Annotated[str, typer.Option(help="F.xml or F.sbml; F.ant for Antimony text.")],
    plan: Annotated[str, typer.Option(help='Doses, such as "denosumab 60 mg every 6 months x 4".')] = "",
    changes: Changes = None,
) -> None:
    """Write a model of the library as SBML Level 3 Version 2, or as Antimony text; doses become events."""
    from bonecast.interop import write_antimony, write_sbml

    target = check_file(out, (".xml", ".sbml", ".ant"), "--out")
    write = write_antimony if target.suffix.casefold() == ".ant" else write_sbml
    text = write(model, target, plan, read_changes(changes or []))
    echo(f"{model}: {len(text):,} characters in {target}")


def _number(name: str, value: float | str) -> float:
    if isinstance(value, str):
        raise InputError(
            f"--set {name}", "units are not converted here", "give a number in the unit of the file"
        )
    return value
