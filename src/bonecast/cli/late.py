"""`bonecast late`: how late an injection is, what the rules say then, and what each option would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.check import Jurisdiction, source_line
from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import hear_notices, progress, warn_skipped
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.care import Finding, ForecastNumbers, Lateness, LatenessBand


def late(
    patient: Annotated[str, typer.Argument(help="A record: TOML, or a FHIR R4 Bundle in JSON.")],
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day of the question. Default: the record's.")
    ] = None,
    jurisdiction: Jurisdiction = None,
    draws: Annotated[int, typer.Option(help="People like this one in the ensemble.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    as_json: AsJson = False,
) -> None:
    """An injection that is late: the rules at this lateness, and each option with its forecast for two years."""
    from bonecast.care import content, late_content
    from bonecast.core import read_day
    from bonecast.forecasts import late_forecast
    from bonecast.interop import read_patient

    day = None if on is None else read_day(on, "--on")
    person = read_patient(patient)
    warn_skipped(person)
    hear_notices()
    with progress(f"options of {printable(person.id)}") as step:
        found = late_forecast(person, day, jurisdiction, draws, seed, progress=step)
    if found is None:
        cause = "no injection of denosumab is on record"
        raise InputError(printable(patient), cause, "only one who had an injection can be late for the next")
    if as_json:
        return echo_json(
            {
                "patient": person.id,
                **late_content(found),
                "check": content(found.now),
                "draws": draws,
                "seed": seed,
                "standing": DISCLAIMER,
            }
        )
    _show(found, person.id)
    echo(f"\nMedian and 90 % range of people like this one; {draws} draws, seed {seed}.\n{DISCLAIMER}")


def lateness_sentence(found: Lateness) -> str:
    """How late in words.

    >>> import datetime as dt
    >>> from bonecast.care import lateness
    >>> from bonecast.interop import read_patient
    >>> person = read_patient("examples/late-dose.toml")
    >>> lateness_sentence(lateness(person, "UK", dt.date(2026, 12, 1))).partition(", ")[2]
    'due 2026-09-15: 77 days late.'
    """
    days = found.days_late
    how = f"{days} days late" if days > 0 else "due today" if days == 0 else f"in {-days} days"
    return f"Last injection {found.last} ({found.days_since} days before), due {found.due}: {how}."


def _show(found: Lateness, person_id: str) -> None:
    echo(f"{printable(person_id)} on {found.now.case.on}, rules of {found.now.jurisdiction}")
    if found.now.emergency is not None:
        echo(f"Act today. {found.now.emergency.advice} ({found.now.emergency.rule})")
    echo(lateness_sentence(found))
    heading("At this lateness")
    for finding in found.now.findings:
        if finding.rule in found.rules:
            _show_rule(finding)
    heading("The options over two years")
    columns = (
        "option",
        "rules",
        "CTX, months 7 to 12, ng/mL",
        "CTX ever above premenopausal, of 100",
        "spine BMD at 24 months, %",
        "new vertebral fractures, of 1,000",
    )
    rows = [
        [one.title, one.outcome.upper(), *_cells(one.forecast)] for one in found.options if not one.comparison
    ]
    table(columns, [*rows, ["No further dose", "A RISK, NOT AN OPTION", *_cells(found.untreated)]])
    for one in found.options:
        heading(f"{one.title}: {'not possible' if one.outcome == 'blocked' else one.outcome}")
        echo(one.text)
        for finding in one.check.findings:
            if finding.severity != "inform":
                _show_rule(finding)


def _show_rule(finding: Finding) -> None:
    echo(f"{finding.severity.upper()} {finding.rule}: {finding.advice}")
    echo(f"  source  {source_line(finding)}")


def _cells(numbers: ForecastNumbers | None) -> list[str]:
    """The numbers of an option as text; empty where no model gives them."""
    if numbers is None:
        return [""] * 4
    above = "" if numbers.ctx_above is None else f"{100 * numbers.ctx_above:.0f}"
    return [
        _band(numbers.ctx_ng_mL, ".2f"),
        above,
        _band(numbers.spine_bmd_pct, "+.1f"),
        _band(numbers.vertebral_per_1000, ".0f"),
    ]


def _band(found: LatenessBand | None, form: str) -> str:
    return "" if found is None else f"{found.median:{form}} ({found.low:{form}} to {found.high:{form}})"
