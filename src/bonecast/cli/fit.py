"""`bonecast fit`: parameters of a model from an event table, or those of a PEtab problem."""

from __future__ import annotations

import io
import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bonecast.cli.output import AsJson, echo, echo_json, plain_table
from bonecast.cli.progress import hear_notices

if TYPE_CHECKING:
    import polars as pl

    from bonecast.fitting import FitResult, PetabFit

WRITTEN = (
    "estimates.csv", "people.csv", "rows.csv", "fit.json", "observed-predicted.svg", "visual-check.svg",
)  # fmt: skip


def fit(
    data: Annotated[
        str, typer.Argument(help="Event table, FILE.csv, with DV; or a PEtab problem, FILE.yaml.")
    ],
    model: Annotated[
        str | None, typer.Argument(help="Library name, such as choi-2025; none for PEtab.")
    ] = None,
    parameters: Annotated[
        str | None, typer.Argument(help="What is fitted, and the residual errors: FILE.toml; none for PEtab.")
    ] = None,
    starts: Annotated[
        int, typer.Option(help="Starts that are tried: the stated one and others around it.")
    ] = 1,
    nodes: Annotated[
        int | None, typer.Option(help="Quadrature nodes in each direction, or draws; enough by default.")
    ] = None,
    blq: Annotated[
        str, typer.Option(help="Values below the limit: m3 counts their probability, m1 leaves them out.")
    ] = "m3",
    evaluate: Annotated[
        bool, typer.Option("--evaluate", help="The likelihood at the starts, without a search.")
    ] = False,
    profiles: Annotated[
        bool, typer.Option("--profiles", help="Intervals by the profile likelihood too.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of further starts and simulations.")] = 1,
    out: Annotated[
        str | None, typer.Option(help="Folder for estimates, people, rows with residuals, and pictures.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit parameters of a model to the observations of an event table, of one person or many; or a PEtab problem."""
    from bonecast import fitting
    from bonecast.core import check_folder
    from bonecast.errors import InputError

    if Path(data).suffix.lower() in (".yaml", ".yml"):
        given = (model, parameters, nodes, blq != "m3", profiles)
        if any(given):
            hint = "leave the model, the parameters, --nodes, --blq and --profiles out"
            raise InputError("fit", "a PEtab problem states its model, parameters and errors", hint)
        return _petab(data, starts, seed, not evaluate, out, as_json)
    if model is None or parameters is None:
        raise InputError(
            "fit", "a model and a file of parameters are missing", "write DATA.csv MODEL FILE.toml"
        )
    folder = check_folder(out, "--out", (data, parameters), WRITTEN) if out is not None else None
    hear_notices()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fitting.FitWarning)  # said below, in a line of its own
        found: Any = fitting.fit(
            model, Path(data), parameters=Path(parameters), blq=blq, starts=starts, nodes=nodes,  # type: ignore[arg-type]
            estimate=not evaluate, seed=seed, progress=lambda text: print(f"bonecast: {text}", file=sys.stderr),
        )  # fmt: skip
    for note in found.notes:
        print(f"bonecast: {note}", file=sys.stderr)
    rows = found.table().to_dicts()
    if profiles:
        for row in rows:
            row["profile90"] = None if row["fixed"] else found.profile(row["parameter"])
    summary = {
        "model": found.source_model.name,
        "people": found.predictions.people,
        "observations": found.predictions.observed.count,
        "log_likelihood": found.log_likelihood,
        "aic": found.aic,
        "converged": found.converged,
        "condition_number": found.condition_number if found.condition_number < float("inf") else None,
        "notes": list(found.notes),
        "parameters": rows,
    }
    if folder is not None:
        _write(found, folder, summary)
    if as_json:
        return echo_json(summary)
    echo(repr(found)[1:-1])
    shown = ["parameter", "unit", "start", "estimate", "rse_pct", "low90", "high90"]
    names = [*shown, *(["profile90"] if profiles else []), "shrinkage"]
    echo(plain_table(names, [[_cell(row.get(name)) for name in names] for row in rows]))
    if folder is not None:
        echo(f"Estimates, people, rows and pictures in {folder}")


def _petab(data: str, starts: int, seed: int, estimate: bool, out: str | None, as_json: bool) -> None:
    from bonecast import fitting
    from bonecast.core import check_folder, write_texts
    from bonecast.interop import read_petab

    files = ("estimates.csv", "fit.json")
    folder = check_folder(out, "--out", (data,), files) if out is not None else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fitting.FitWarning)
        problem = read_petab(data)
        found: PetabFit = fitting.fit(  # type: ignore[assignment]
            problem, starts=starts, seed=seed, estimate=estimate,
            progress=lambda text: print(f"bonecast: {text}", file=sys.stderr),
        )  # fmt: skip
    for note in found.notes:
        print(f"bonecast: {note}", file=sys.stderr)
    rows = [
        {name: None if value != value else value for name, value in row.items()}
        for row in found.table().to_dicts()
    ]
    summary = {
        "problem": problem.name,
        "measurements": len(problem.tables.measurements),
        "log_likelihood": found.log_likelihood,
        "objective": found.objective,
        "converged": found.converged,
        "ends": list(found.ends),
        "notes": list(found.notes),
        "parameters": rows,
    }
    if folder is not None:
        texts = (_csv(found.table()), json.dumps(summary, indent=2))
        write_texts(folder, dict(zip(files, texts, strict=True)), "--out")
    if as_json:
        return echo_json(summary)
    echo(repr(found)[1:-1])
    names = ["parameter", "scale", "start", "estimate", "low90", "high90"]
    echo(plain_table(names, [[_cell(row[name]) for name in names] for row in rows]))
    if folder is not None:
        echo(f"Estimates in {folder}")


def _write(found: FitResult, folder: Path, summary: dict[str, Any]) -> None:
    from bonecast.core import write_texts

    texts = (
        _csv(found.table()), _csv(found.individuals()), _csv(found.rows()), json.dumps(summary, indent=2),
        _svg(found.plot()), _svg(found.vpc().plot()),
    )  # fmt: skip
    write_texts(folder, dict(zip(WRITTEN, texts, strict=True)), "--out")


def _csv(table: pl.DataFrame) -> str:
    return table.write_csv()


def _svg(chart: Any) -> str:
    made = io.StringIO()
    chart.save(made, format="svg")
    return made.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        return " to ".join(f"{end:.4g}" for end in value)
    return "" if value is None else str(value)
