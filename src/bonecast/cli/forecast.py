"""`bonecast forecast`: the main job, from a record to a folder with the report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.check import Jurisdiction
from bonecast.cli.output import AsJson, echo, echo_json, table
from bonecast.cli.progress import hear_notices, progress, warn_skipped
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.forecasts import Forecast
    from bonecast.outcomes import QuantileRange, Summary


FRACTURE_MONTHS = 24
WRITTEN = ("report.html", "forecast.csv", "forecast.json", "manifest.json", "calendar.ics", "page.pdf")
Strategies = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy",
        metavar='"NAME: PLAN"',
        help="A strategy from today; repeatable. Default: usual ones.",
    ),
]
Horizon = Annotated[str, typer.Option(help="How far from the day of the record.")]
Draws = Annotated[int, typer.Option(help="People like this one in the ensemble.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same forecast.")]
ModelName = Annotated[
    str | None, typer.Option(help="Library name of the model, ours by default; see `bonecast models`.")
]


def forecast(
    context: typer.Context,
    patients: Annotated[
        list[str],
        typer.Argument(
            metavar="PATIENT...",
            help="A record: TOML, or a FHIR R4 Bundle in JSON. Several, or a CSV of people: a cohort.",
        ),
    ],
    strategies: Strategies = None,
    horizon: Horizon = "5 years",
    draws: Draws = 500,
    seed: Seed = 1,
    model: ModelName = None,
    out: Annotated[
        str | None, typer.Option(help="Folder for the report; forecast-ID in this folder by default.")
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write page.pdf too: one page for the clinician.")
    ] = False,
    all_ways: Annotated[
        bool,
        typer.Option("--all-ways", help="Without --strategy: every strategy that fits, not the usual ones."),
    ] = False,
    jurisdiction: Jurisdiction = None,
    best_by: Annotated[
        str,
        typer.Option(
            help="What strategies are ranked by: vertebral, multiple-vertebral, hip or nonvertebral fractures,"
            " spine-bmd, hip-bmd."
        ),
    ] = "vertebral",
    optimise: Annotated[
        bool,
        typer.Option(
            "--optimise", help="Search when denosumab ends and what follows, within the care rules."
        ),
    ] = False,
    loss: Annotated[
        float, typer.Option(help="Loss of spine BMD, in %, by which the latest date of the next dose is set.")
    ] = 3.0,
    workers: Annotated[
        int | None, typer.Option(help="Of a cohort: processes side by side; the cores by default.", min=1)
    ] = None,
    code: Annotated[
        str,
        typer.Option("--language", help="Of the report: en, de or es; what is not translated is in English."),
    ] = "en",
    exact: Annotated[
        bool,
        typer.Option("--exact", help="Learn from measurements by the exact method only, which takes longer."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """What may become of a person's bone, turnover and calcium under each strategy, with its report."""
    from bonecast.cli.cohort import cohort, is_cohort
    from bonecast.core import atomic_write, check_folder, speaking
    from bonecast.forecasts import CohortSettings
    from bonecast.forecasts import forecast as make
    from bonecast.interop import read_patient
    from bonecast.models import DEFAULT_MODEL

    context.with_resource(speaking(code))
    plans = read_strategies(strategies or [])
    if is_cohort(patients):
        if optimise:
            cause = "a search is made for one person at a time"
            raise InputError("--optimise", cause, "leave it out, or name one record")
        settings = CohortSettings(
            strategies=tuple(plans.items()),
            horizon=horizon,
            draws=draws,
            seed=seed,
            model=model or DEFAULT_MODEL,
            best_by=best_by,
            every_way=all_ways,
            jurisdiction=jurisdiction,
        )
        return cohort(patients, settings, out, workers, as_json)
    if pdf:
        from bonecast.papers import check_typst

        check_typst("--pdf")
    person = read_patient(patients[0])
    folder = check_folder(out or default_folder(person.id), "--out", patients, WRITTEN)
    warn_skipped(person)
    hear_notices()
    with progress(f"forecast of {printable(person.id)}") as step:
        made = make(
            patient=person,
            strategies=plans or None,
            horizon=horizon,
            draws=draws,
            seed=seed,
            model=model or DEFAULT_MODEL,
            progress=step,
            best_by=best_by,
            every_way=all_ways,
            optimise=optimise,
            loss_pct=loss,
            jurisdiction=jurisdiction,
            late=True,
            method="exact" if exact else "fast",
        )
    from bonecast.reports import (  # charts take a while to load: after all that may be refused
        checked_ways,
        content,
        emergency_sentence,
        not_offered,
        write_all,
    )

    paths = write_all(made, folder)
    if pdf:
        from bonecast.papers import clinician_pdf

        paths["page.pdf"] = folder / "page.pdf"
        with atomic_write(paths["page.pdf"]) as beside:
            beside.write_bytes(clinician_pdf(made))
    if as_json:
        files = [str(path) for path in paths.values()]
        return echo_json({"folder": str(folder), "files": files, **content(made)})
    echo(f"report: {paths['report.html']}\n" + (f"one page: {paths['page.pdf']}\n" if pdf else ""))
    if made.emergency is not None:
        echo(f"{emergency_sentence(made.emergency)}\n")
    columns = [short_column(one) for one in made.summaries]
    titles = dict.fromkeys(title for column in columns for title in column)
    table(
        ["change from today, or level", *(one.strategy for one in made.summaries)],
        [[title, *(column.get(title, "") for column in columns)] for title in titles],
    )
    for line in (*gap_lines(made), *choice_lines(made)):
        echo(line)
    for name, way in checked_ways(made).items():
        if way.outcome == "warned":
            echo(f"Caution with {name}: {way.why}")
    for line in (*not_offered(made), *(rate.sentence for rate in made.published)):
        echo(line)
    echo(
        f"\nMedian and 90 % range of people like this one; {made.draws} draws, seed {made.seed}.\n{DISCLAIMER}"
    )


def read_strategies(texts: list[str]) -> dict[str, str]:
    """Name to plan text; each text is "NAME: PLAN". The plans themselves are read by the forecast.

    >>> read_strategies(["stop: nothing for 2 years"])
    {'stop': 'nothing for 2 years'}
    """
    strategies: dict[str, str] = {}
    for text in texts:
        name, sign, plan = (part.strip() for part in text.partition(":"))
        if not sign or not name or not plan:
            cause = f"'{printable(text)}' is not a name and a plan"
            raise InputError("--strategy", cause, 'write "NAME: PLAN", such as "stop: nothing for 2 years"')
        if name in strategies:
            raise InputError("--strategy", f"there are two called '{printable(name)}'", "rename one")
        strategies[name] = plan
    return strategies


def default_folder(person_id: str) -> Path:
    """The folder of a person's forecast; the id may hold signs that no folder name should.

    >>> default_folder("../A 17").name
    'forecast-A-17'
    """
    return Path("forecast-" + (re.sub(r"[^\w-]+", "-", person_id).strip("-") or "person"))


def short_column(one: Summary) -> dict[str, str]:
    """The short table of one strategy, title to cell: BMD at the nearest and the farthest month, CTX, losses."""
    from bonecast.outcomes import endpoint

    cells = {}
    for key in dict.fromkeys(key for key, _ in one.change):
        months = [month for of, month in one.change if of == key]
        for month in sorted({min(months), max(months)}):
            cells[f"{endpoint(key).title}, {month} months, %"] = _range(one.change[key, month], "+.1f")
    for (key, month), level in one.marker.items():
        if key == "CTX":
            cells[f"CTX, mean of months {month - 6} to {month}, ng/mL"] = _range(level, ".2f")
    for key, chance in one.loss_chance.items():
        cells[f"{endpoint(key).title}, chance of a measurable loss at 24 months"] = f"{100 * chance:.0f} %"
    for (kind, month), per_1000 in one.fractures.items():
        if month == FRACTURE_MONTHS:
            cells[f"New {kind} fractures by {month} months, of 1,000"] = _range(per_1000, ".0f")
    for limit, chance in one.calcium_below.items():
        cells[f"Calcium below {limit:g} mmol/L after the next dose"] = f"{100 * chance:.0f} %"
    return cells


def choice_lines(made: Forecast) -> list[str]:
    """What the forecast says of the choice: the ranking, how long it may wait, the next test, the exits searched."""
    from bonecast.reports import ALL_BLOCKED, latest_sentence, measurement_sentence, search_sentence

    lines = [latest_sentence(one, made.now) for one in made.latest]
    ranking = made.ranking
    if ranking is not None:
        first = ranking.first
        near = f"; the model cannot tell it apart from {', '.join(ranking.tied)}" if ranking.tied else ""
        lines.insert(
            0,
            f"Best by '{ranking.aim.name}' within {ranking.months} months: {first.option}, for"
            f" {first.best_of_100} of 100 people like this one{near}.",
        )
        lines.append(measurement_sentence(made.next_tests, ranking.aim))
    if made.search is not None:
        lines.append(search_sentence(made.search))
    if made.risk_only:
        lines.insert(0, ALL_BLOCKED)
    return ["", *(line for line in lines if line)] if lines else []


def gap_lines(made: Forecast) -> list[str]:
    """What no model could give, one line for each strategy and reason."""
    missing: dict[tuple[str, str], list[str]] = {}
    for gap in made.gaps:
        missing.setdefault((gap.strategy, gap.reason), []).append(gap.endpoint.title)
    return [
        f"No {'; '.join(titles)} under '{strategy}': {reason}"
        for (strategy, reason), titles in missing.items()
    ]


def _range(found: QuantileRange, form: str) -> str:
    return f"{found.median:{form}} ({found.low:{form}} to {found.high:{form}})"
