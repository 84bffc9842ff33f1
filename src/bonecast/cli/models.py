"""`bonecast models`: the library, and one model on a page."""

from __future__ import annotations

from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table

models_app = typer.Typer(
    help="The model library: equations, states, parameters with unit, value and source.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@models_app.callback()
def models(context: typer.Context, as_json: AsJson = False) -> None:
    """The model library: equations, states, parameters with unit, value and source."""
    context.obj = as_json
    if context.invoked_subcommand is not None:
        return
    from bonecast.models import line, load_model, model_names

    rows = [line(load_model(name)) for name in model_names()]
    if as_json:
        return echo_json(rows)
    table(list(rows[0]), [list(row.values()) for row in rows])
    echo("\nbonecast models show NAME gives equations, parameters, sources and limits.")


@models_app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Library name, such as peterson-riggs-2010.")],
    as_json: AsJson = False,
) -> None:
    """One model: what it is for, its limits, outputs, states, parameters, spread and equations."""
    from bonecast.models import load_model, page

    shown = page(load_model(name))
    if as_json or context.obj:
        return echo_json(shown)

    echo(f"{shown['title']} ({shown['name']})\n{shown['summary']}")
    heading("Limits")
    for limit in shown["limits"]:
        echo(f"* {limit}")
    heading("Drugs")
    table(["drug", "enters state", "in", "given"], [list(drug.values()) for drug in shown["drugs"]])
    heading("Outputs")
    table(["column", "quantity", "unit", "note"], [list(output.values()) for output in shown["outputs"]])
    heading(f"States (time in {shown['time_unit']})")
    table(["state", "at the start"], [list(state.values()) for state in shown["states"]])
    heading("Parameters")
    keys = ["name", "value", "unit", "mark", "source", "meaning"]
    table(keys, [[card[key] for key in keys] for card in shown["parameters"]])
    heading("Between-person spread (lognormal factors; sd of the logarithm)")
    keys = ["name", "parameters", "sd", "mark", "source", "note"]
    table(keys, [[factor[key] for key in keys] for factor in shown["spread"]["factors"]])
    heading("Sources")
    for source in shown["sources"]:
        echo(f"{source['key']}: {source['text']}" + (f", doi {source['doi']}" if source["doi"] else ""))
    for equation in shown["equations"]:
        heading(equation["module"])
        echo(equation["text"].rstrip())


@models_app.command()
def export(
    name: Annotated[str, typer.Argument(help="Library name, such as choi-2025.")],
    target: Annotated[str, typer.Option("--format", help="latex, mrgsolve, julia or nonmem.")],
    out: Annotated[str | None, typer.Option(help="File; the screen by default.")] = None,
) -> None:
    """A model as text for another program: equations, parameters, and how doses enter."""
    from bonecast.core import atomic_write, check_file
    from bonecast.models import EXPORT_SUFFIXES as SUFFIXES
    from bonecast.models import export_model, load_model

    text = export_model(load_model(name), target)
    if out is None:
        return echo(text.rstrip("\n"))
    file = check_file(out, SUFFIXES[target], "--out")
    with atomic_write(file) as beside:
        beside.write_text(text, encoding="utf-8")
    echo(f"{name} for {target} in {file}")
