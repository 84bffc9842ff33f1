"""`bonecast check`: may this be done now, and what must be thought of; for one record or a file of cases."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import warn
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.care import Check, Finding

Jurisdiction = Annotated[
    str | None, typer.Option(help="US, EU, UK or CA. Default: the record's, or else the strictest.")
]
On = Annotated[str | None, typer.Option(metavar="DATE", help="The day of the act. Default: the record's.")]
UNVERIFIED = "unverified"


def check(
    patient: Annotated[
        str | None, typer.Argument(help="A record: TOML, or a FHIR R4 Bundle in JSON.")
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(help='Such as "next dose", stop, "dental procedure"; the next injection by default.'),
    ] = None,
    jurisdiction: Jurisdiction = None,
    on: On = None,
    facts: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="NAME=VALUE", help="What the record does not hold; repeatable."),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--override", metavar='"RULE: REASON"', help="Set a finding aside; repeatable."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who sets it aside. Default: the user's name.")] = None,
    log: Annotated[
        str | None, typer.Option(help="File that keeps what was set aside, one JSON a line.")
    ] = None,
    cases: Annotated[str | None, typer.Option(help="A CSV file of cases, in place of a record.")] = None,
    out: Annotated[str | None, typer.Option(help="Where the results of --cases go (CSV).")] = None,
    as_json: AsJson = False,
) -> None:
    """What the care rules say of a planned act: blocked, warned or allowed, with facts, reasons and sources."""
    if cases is not None:
        return _check_cases(cases, out, patient, as_json)
    if patient is None:
        raise InputError(
            "bonecast check", "no record is named", "name one, or give --cases F.csv --out G.csv"
        )
    from bonecast.care import append_overrides, content, plain, read_override
    from bonecast.care import check as make
    from bonecast.interop import read_patient

    now = dt.datetime.now().astimezone().replace(microsecond=0)
    set_aside = tuple(read_override(text, by or _user(), now) for text in overrides or [])
    day = read_day(on, "--on")
    given = dict(read_fact(text) for text in facts or [])
    person = read_patient(patient)
    for passed_over in person.skipped:
        warn(f"not read: {passed_over.place}: {passed_over.reason}")
    made = make(person, action, jurisdiction, day, given, set_aside)
    if log is not None:
        append_overrides(set_aside, person.id, Path(log))
    if as_json:
        return echo_json({"patient": person.id, **content(made), "not_read": plain(person.skipped)})
    _show(made, person.id)


def read_day(text: str | None, place: str) -> dt.date | None:
    """The day that an option names; None where it names none."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(place, f"'{printable(text)}' is not a day", "write it like 2026-09-15") from None


def read_fact(text: str) -> tuple[str, str]:
    """Name and value of "NAME=VALUE".

    >>> read_fact("route=IV")
    ('route', 'IV')
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not value:
        raise InputError("--fact", f"'{printable(text)}' is not a name and a value", "write NAME=VALUE")
    return name, value


def source_line(finding: Finding) -> str:
    """The source of a finding with year, grade and, where it was not read, a word of warning."""
    year = f", {finding.source.year}" if finding.source.year else ", undated"
    doubt = "" if finding.verified else f" [{finding.mark}: {UNVERIFIED}]"
    where = f"; {finding.source.where}" if finding.source.where else ""
    return f"{finding.source.text}{year}{where} ({finding.strength}){doubt}"


def _check_cases(cases: str, out: str | None, patient: str | None, as_json: bool) -> None:
    from bonecast.care import check_cases, read_cases, write_results
    from bonecast.core import check_file

    if patient is not None:
        raise InputError("bonecast check", "a record and --cases are two questions", "leave one of them out")
    if out is None:
        raise InputError("--cases", "there is no place for the results", "add --out G.csv")
    target = check_file(out, (".csv",), "--out")
    rows, ignored = read_cases(cases)
    results = check_cases(rows)
    if ignored:
        warn(f"columns that are no facts: {', '.join(printable(name) for name in ignored)}")
    for result in results:
        for what in result.contradictions:
            warn(f"{printable(result.id)} contradicts itself: {what}")
    write_results(results, target)
    outcomes = [result.outcome for result in results]
    counts = {name: outcomes.count(name) for name in ("blocked", "warned", "allowed")}
    if as_json:
        return echo_json({"out": str(target), "cases": len(results), **counts})
    echo(f"{target}: {len(results)} cases, " + ", ".join(f"{count} {name}" for name, count in counts.items()))


def _show(made: Check, person_id: str) -> None:
    decided = "" if made.chosen else " (none was chosen: the strictest)"
    echo(f"{printable(person_id)}, {made.action} on {made.case.on}, rules of {made.jurisdiction}{decided}")
    doubt = "" if made.complete else " as far as the record goes; facts are missing, see below"
    echo(f"{made.outcome.upper()}{doubt}")
    for one in made.contradictions:
        echo(f"The record contradicts itself ({one.id}): {one.what}. Correct it first.")
    for finding in made.findings:
        if finding.severity != "inform":
            _show_finding(finding)
    for symptom in made.symptoms:
        echo(f"\nSymptom or history ({symptom.fact}): {symptom.title}. Report: {symptom.signs}.")
    informs = [finding for finding in made.findings if finding.severity == "inform"]
    if informs:
        heading("For information")
        rows = [[finding.rule, finding.advice, source_line(finding)] for finding in informs]
        table(["rule", "advice", "source"], rows)
    if made.missing():
        heading("Not in the record: checks that could not be made")
        table(["fact", "rules that need it"], list(made.missing().items()))
    heading("Elsewhere")
    table(
        ["jurisdiction", "outcome", "only there", "only here"],
        [[one.jurisdiction, one.outcome, one.only_there, one.only_here] for one in made.elsewhere],
    )
    echo(f"\n{DISCLAIMER}")


def _show_finding(finding: Finding) -> None:
    heading(f"{finding.severity.upper()} {finding.rule}: {finding.topic}")
    echo(finding.advice)
    echo(f"  why           {'; '.join(finding.why)}")
    echo(f"  facts         {'; '.join(map(str, finding.facts))}")
    echo(f"  source        {source_line(finding)}")
    if finding.would_change:
        echo(f"  would change  {'; or '.join(finding.would_change)}")
    for other in finding.others:
        fires = "fires there" if other.fires else "does not fire for this person"
        echo(f"  disagrees     {other.id} ({', '.join(other.jurisdictions)}; {fires}): {other.advice}")
    for position in finding.positions:
        sides = " ".join(f"{side}: {text}" for side, text in position.positions)
        echo(f"  side by side  {position.question} {sides}")
    if finding.overridden:
        said = finding.overridden
        echo(f"  SET ASIDE     by {said.by} on {said.at:%Y-%m-%d %H:%M}: {said.reason}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return "unknown"
