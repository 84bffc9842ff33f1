"""`bonecast fit`: parameters of a model from an event table."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bonecast.cli.output import AsJson, echo, echo_json, plain_table
from bonecast.cli.progress import hear_notices

if TYPE_CHECKING:
    from bonecast.fitting import FitResult

WRITTEN = (
    "estimates.csv", "people.csv", "rows.csv", "fit.json", "observed-predicted.svg", "visual-check.svg",
)  # fmt: skip


def fit(
    data: Annotated[str, typer.Argument(help="Event table, FILE.csv, with DV.")],
    model: Annotated[str, typer.Argument(help="Library name, such as choi-2025.")],
    parameters: Annotated[str, typer.Argument(help="What is fitted, and the residual errors: FILE.toml.")],
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
    """Fit parameters of a model to the observations of an event table, of one person or many."""
    from bonecast import fitting
    from bonecast.core import check_folder

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


def _write(found: FitResult, folder: Path, summary: dict[str, Any]) -> None:
    from bonecast.core import atomic_write

    folder.mkdir(parents=True, exist_ok=True)
    found.to_csv(folder / "estimates.csv")
    found.individuals().write_csv(folder / "people.csv")
    found.rows().write_csv(folder / "rows.csv")
    found.plot().save(str(folder / "observed-predicted.svg"))
    found.vpc().plot().save(str(folder / "visual-check.svg"))
    with atomic_write(folder / "fit.json") as beside:
        beside.write_text(json.dumps(summary, indent=2), encoding="utf-8")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        return " to ".join(f"{end:.4g}" for end in value)
    return "" if value is None else str(value)
