"""`bonecast trial`: designs that come with the package, a run of a design, its report, and its power."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, table
from bonecast.cli.progress import hear_notices, progress
from bonecast.cli.trial_power import power, size
from bonecast.cli.trial_results import found_json, say_characteristics, say_rows

trial_app = typer.Typer(
    help="Virtual trials: designs, runs that go on where they were stopped, and their reports.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@trial_app.command()
def designs(
    name: Annotated[
        str | None, typer.Argument(help="A design to print as TOML; all are listed without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The designs that come with the package, or one of them as TOML to start from."""
    from bonecast.trials import design_text, preset, presets

    if name is not None:
        preset(name)
        text = design_text(name)
        return echo_json({"name": name, "toml": text}) if as_json else echo(text.rstrip())
    found = [preset(one) for one in presets()]
    rows = [
        {
            "name": one.name,
            "title": one.title,
            "people": one.people,
            "arms": [f"{arm.name} {arm.share}" for arm in one.arms],
            "model": one.model_name,
        }
        for one in found
    ]
    if as_json:
        return echo_json(rows)
    table(list(rows[0]), [list(row.values()) for row in rows])
    echo(
        "\nbonecast trial designs NAME prints one as TOML; bonecast trial run NAME --out DIR runs it as it is."
    )


@trial_app.command()
def run(
    design: Annotated[str, typer.Argument(help="DESIGN.toml, or the name of a design of the package.")],
    out: Annotated[str, typer.Option(help="Folder for the run; finished chunks that lie there are kept.")],
    workers: Annotated[int, typer.Option(help="Chunks that are played side by side.")] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="A Dask scheduler (tcp://host:8786, or its .json file) in place of --workers.",
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="How often it is simulated; the design's by default.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same people; the design's by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a design, chunk by chunk; a run that was stopped goes on where it was."""
    from bonecast.trials import run_trials

    hear_notices()
    with progress("trial") as step:
        made = run_trials(design, out, workers, trials, seed, step, scheduler)
    answer = {
        "design": made.design.name,
        "hash": made.design.hash,
        "folder": str(made.folder),
        "trials": made.design.trials,
        "chunks": made.chunks,
        "chunks_found": made.found,
        "people_followed": made.people,
    }
    if as_json:
        return echo_json(answer)
    many = "one trial" if made.design.trials == 1 else f"{made.design.trials:,} trials"
    echo(f"{many} of '{made.design.name}' ({made.design.hash}) in {made.folder}")
    echo(
        f"{made.chunks} chunks, {made.found} of them found; {made.people:,} people followed in {made.seconds:.1f} s"
    )
    echo(f"next: bonecast trial report {made.folder}")


@trial_app.command()
def report(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a finished run.")],
    as_json: AsJson = False,
) -> None:
    """Analyse a run without running it again, and write report.html with a CSV for each table beside it."""
    from bonecast.trials import Characteristic, EffectRow, report_trials

    with progress("report") as step:
        found, paths = report_trials(folder, step)
    rows = [one for one in found if isinstance(one, EffectRow)]
    shares = [one for one in found if isinstance(one, Characteristic)]
    if as_json:
        return echo_json(found_json(rows or shares, paths, "endpoints" if rows else "characteristics"))
    echo(f"report: {paths['report.html']}\n")
    say_rows(rows) if rows else say_characteristics(shares)


@trial_app.command()
def curves(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a run on bone.")],
    out: Annotated[str, typer.Option(help="Where they go: F.csv or F.parquet.")],
    first: Annotated[int, typer.Option(help="The first person, numbered from 0 through all trials.")] = 0,
    people: Annotated[int, typer.Option(help="How many people.")] = 100,
) -> None:
    """The true curves of some people of a run, week by week; a run keeps none, so they are made again."""
    from bonecast.core import check_file, write_table
    from bonecast.errors import InputError
    from bonecast.trials import Design, find_run, trajectories

    target = check_file(out, (".csv", ".parquet"), "--out", tuple(Path(folder).rglob("*")))
    design = find_run(folder)[0]
    if isinstance(design, Design):
        raise InputError(folder, f"'{design.name}' is no bone trial", "name the folder of one")
    whole = design.people * design.trials
    if not 0 <= first < first + people <= whole:
        cause = f"people {first} to {first + people - 1} are not all of the run"
        raise InputError("--first, --people", cause, f"it has {whole:,}, numbered from 0")
    hear_notices()
    made = trajectories(design, first, people)
    write_table(made, target, decimals=6)
    echo(f"{people:,} people, {made.height:,} rows: {target}")


@trial_app.command()
def synopsis(
    design: Annotated[str, typer.Argument(help="DESIGN.toml, or the name of a design of the package.")],
    trials: Annotated[
        int, typer.Option(help="Trials for the operating characteristics; 0 leaves them out.")
    ] = 0,
    pool_people: Annotated[int, typer.Option(help="People that they are drawn from.")] = 2000,
    workers: Annotated[int, typer.Option(help="Chunks of the pool that are played side by side.")] = 1,
    out: Annotated[str | None, typer.Option(help="Where it goes: F.md; to the screen without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """The synopsis of a bone trial's protocol as Markdown; with --trials the report of its simulation."""
    from bonecast.core import atomic_write, check_file
    from bonecast.trials import trial_synopsis

    target = None if out is None else check_file(out, (".md",), "--out", (Path(design),))
    hear_notices()
    with progress("synopsis") as step:
        text = trial_synopsis(design, trials=trials, pool=pool_people, workers=workers, progress=step)
    if target is not None:
        with atomic_write(target) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        return echo_json({"synopsis": text})
    echo(text.rstrip() if target is None else f"synopsis: {target}")


@trial_app.command()
def enrolment(
    design: Annotated[str, typer.Argument(help="DESIGN.toml with [enrolment].")],
    runs: Annotated[int, typer.Option(help="How often enrolment is simulated.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """How long enrolment takes, month by month, and how many are screened."""
    from bonecast.trials import design_enrolment

    found = design_enrolment(design, runs=runs)
    rows = found.table().rows(named=True)
    if as_json:
        return echo_json(
            {
                "months": found.months,
                "end_months": found.end_months,
                "screened": found.screened,
                "by_month": rows,
            }
        )
    low, middle, high = found.months
    echo(f"last person in after {middle:.1f} months (90 % range {low:.1f} to {high:.1f})")
    echo(
        f"last person out after {found.end_months[1]:.1f} months; {found.screened:.1f} screened for each enrolled\n"
    )
    table(
        ["month", "enrolled", "90 % range", "screened"],
        [
            [
                r["month"],
                f"{r['enrolled_p50']:,.0f}",
                f"{r['enrolled_p05']:,.0f} to {r['enrolled_p95']:,.0f}",
                f"{r['screened_p50']:,.0f}",
            ]
            for r in rows
        ],
    )


@trial_app.command()
def data(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a run on bone.")],
    out: Annotated[str, typer.Option(help="Folder for the datasets and define.xml.")],
    xpt: Annotated[bool, typer.Option("--xpt", help="SAS transport files too (extra adam).")] = False,
    as_json: AsJson = False,
) -> None:
    """The outcomes of a run as ADaM-like datasets: ADSL, ADBMD, ADLB, ADTTE, with define.xml."""
    from bonecast.trials import datasets_of_run

    made = datasets_of_run(folder)
    files = made.write(out, xpt)
    if as_json:
        return echo_json({name: str(path) for name, path in files.items()})
    table(["dataset", "rows", "variables"], [[n, f"{f.height:,}", f.width] for n, f in made.tables.items()])
    echo(f"in {out}, with define.xml. Nobody in them is real.")


trial_app.command()(power)
trial_app.command()(size)
