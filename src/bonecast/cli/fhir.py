"""`bonecast fhir`: what of a FHIR file is read, and results as FHIR R4."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, cast

import typer

from bonecast.cli.check import Jurisdiction
from bonecast.cli.forecast import Draws, Horizon, ModelName, Seed, Strategies, read_strategies
from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import progress, warn_skipped
from bonecast.core import DISCLAIMER
from bonecast.errors import UnknownName, printable

if TYPE_CHECKING:
    from bonecast.interop import PersonReading
    from bonecast.reports import ReportAs

fhir_app = typer.Typer(help="FHIR R4: what of a file is read, and results as FHIR.", no_args_is_help=True)


@fhir_app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="A FHIR R4 Bundle in JSON, or a bulk export (NDJSON); gzip too.")
    ],
    as_json: AsJson = False,
) -> None:
    """What of a FHIR file was read as what, what was not and why, entry by entry, and what that leaves open.

    Ends with 2 where the record of a person cannot be used; entries that are not read do not change that.
    """
    from bonecast.core import RecordError
    from bonecast.interop import check_fhir

    found = check_fhir(file)
    if as_json:
        echo_json(found.to_dict())
    else:
        for person in found.people:
            _show(person)
        echo(f"\n{DISCLAIMER}")
    if found.faults:
        raise RecordError(found.faults)


def _show(person: PersonReading) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in person.counts.items() if count)
    heading(f"{printable(person.person)} on {printable(person.record_date)}: {counts}")
    rows = [[one.place, one.outcome, "; ".join((*one.read_as, *one.reasons))] for one in person.entries]
    table(["entry", "outcome", "read as, or why not"], rows)
    for note in person.notes:
        echo(f"note: {note}")
    for fault in person.faults:
        echo(f"cannot be used as a record: {fault}")
    if person.check is None:
        return
    from bonecast.care import state_name

    heading("Left open for the next injection")
    state = state_name(person.check.state, person.check.action)
    echo(f"{state}, by the rules of {person.check.jurisdiction} (none was chosen: the strictest)")
    for place in person.doses_open:
        echo(f"an injection could not be read: {place}")
    for question in person.questions:
        because = f"; not usable: {', '.join(question.entries)}" if question.entries else ""
        echo(f"- {question.text} (needed for {', '.join(question.rules)}{because})")


@fhir_app.command()
def export(
    patient: Annotated[str, typer.Argument(help="A record: TOML, or a FHIR R4 Bundle in JSON.")],
    strategies: Strategies = None,
    horizon: Horizon = "5 years",
    draws: Draws = 500,
    seed: Seed = 1,
    model: ModelName = None,
    jurisdiction: Jurisdiction = None,
    report: Annotated[
        str, typer.Option(help="The report of the forecast: embed it, name it by its hash, or none.")
    ] = "embed",
    no_forecast: Annotated[
        bool, typer.Option("--no-forecast", help="Findings and dates only, without a forecast.")
    ] = False,
    out: Annotated[str | None, typer.Option(help="A file to write (.json); stdout by default.")] = None,
) -> None:
    """Findings, dates and forecast as a FHIR R4 Bundle, for the record system.

    The check of the next injection as GuidanceResponse, the schedule as ServiceRequest proposals, each strategy as
    RiskAssessment, the report as DocumentReference. What the care rules block is not proposed, dated or forecast.
    """
    from bonecast.core import atomic_write, check_file
    from bonecast.forecasts import forecast as make
    from bonecast.interop import read_patient
    from bonecast.models import DEFAULT_MODEL
    from bonecast.reports import REPORT_AS, as_fhir

    if report not in REPORT_AS:
        raise UnknownName("--report", "choice", report, REPORT_AS)
    target = None if out is None else check_file(out, (".json",), "--out", (patient,))
    person = read_patient(patient)
    warn_skipped(person)
    made = None
    if not no_forecast:
        plans = read_strategies(strategies or [])
        with progress(f"forecast of {printable(person.id)}") as step:
            made = make(
                patient=person,
                strategies=plans or None,
                horizon=horizon,
                draws=draws,
                seed=seed,
                model=model or DEFAULT_MODEL,
                progress=step,
                jurisdiction=jurisdiction,
            )
    bundle = as_fhir(person, made, jurisdiction, cast("ReportAs", report))
    if target is None:
        return echo_json(bundle)
    with atomic_write(target) as beside:
        beside.write_text(json.dumps(bundle, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    echo(f"{target}: {len(bundle['entry'])} resources")
