"""`bonecast check`: may this be done now, and what must be thought of; for one record or a file of cases."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import warn, warn_skipped
from bonecast.core import DISCLAIMER
from bonecast.errors import InputError, printable

if TYPE_CHECKING:
    from bonecast.care import Check, Finding, Known

Jurisdiction = Annotated[
    str | None, typer.Option(help="US, EU, UK, CA or AU. Default: the record's, or else the strictest.")
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
        typer.Option(
            "--override", metavar='"RULE: REASON"', help="Override a finding for this act; repeatable."
        ),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who overrides. Default: the user's name.")] = None,
    log: Annotated[str | None, typer.Option(help="File that keeps the overrides, one JSON a line.")] = None,
    cases: Annotated[str | None, typer.Option(help="A CSV file of cases, in place of a record.")] = None,
    out: Annotated[str | None, typer.Option(help="Where the results of --cases go (CSV).")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a planned act: do not give, not complete, caution, clear or given, with facts, reasons and sources.

    "Not complete" lists the questions that could still block. An emergency stands first, whatever act was asked for. An
    override holds for this act and its values, until the next injection and for a week at most; an emergency and a
    product that does not match its strength cannot be overridden.
    """
    if cases is not None:
        return _check_cases(cases, out, patient, as_json)
    if patient is None:
        raise InputError(
            "bonecast check", "no record is named", "name one, or give --cases F.csv --out G.csv"
        )
    from bonecast.care import append_overrides, content, plain, read_override
    from bonecast.care import check as make
    from bonecast.core import check_file, read_day
    from bonecast.interop import read_patient

    if log is not None:
        check_file(log, (Path(log).suffix.casefold(),), "--log", (patient,))
    now = dt.datetime.now().astimezone().replace(microsecond=0)
    overridden = tuple(read_override(text, by or _user(), now) for text in overrides or [])
    day = None if on is None else read_day(on, "--on")
    given = dict(read_fact(text) for text in facts or [])
    person = read_patient(patient)
    warn_skipped(person)
    made = make(person, action, jurisdiction, day, given, overridden)
    if log is not None:
        bound = tuple(one.overridden for one in made.overridden if one.overridden is not None)
        append_overrides(bound, person.id, Path(log))
    if as_json:
        return echo_json({"patient": person.id, **content(made), "not_read": plain(person.skipped)})
    _show(made, person.id)


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
    from bonecast.care import OUTCOMES, STATES, check_cases, read_cases, write_results
    from bonecast.core import check_file

    if patient is not None:
        raise InputError("bonecast check", "a record and --cases are two questions", "leave one of them out")
    if out is None:
        raise InputError("--cases", "there is no place for the results", "add --out G.csv")
    target = check_file(out, (".csv",), "--out", (cases,))
    rows, ignored = read_cases(cases)
    results = check_cases(rows)
    if ignored:
        warn(f"columns that are no facts: {', '.join(printable(name) for name in ignored)}")
    for result in results:
        for what in result.contradictions:
            warn(f"{printable(result.id)} contradicts itself: {what}")
    write_results(results, target)
    outcomes, states = [result.outcome for result in results], [result.state for result in results]
    counts = {name: outcomes.count(name) for name in OUTCOMES}
    by_state = {name: states.count(name) for name in STATES if name in states}
    if as_json:
        return echo_json({"out": str(target), "cases": len(results), **counts, "states": by_state})
    echo(f"{target}: {len(results)} cases, " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    echo("States: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in by_state.items()))


def _show(made: Check, person_id: str) -> None:
    from bonecast.care import STATE_WORDS, state_heading, state_name, state_sentence

    decided = "" if made.chosen else " (none was chosen: the strictest)"
    act = made.action.replace("_", " ")
    echo(f"{printable(person_id)}, {act} on {made.case.on}, rules of {made.jurisdiction}{decided}")
    if made.emergency is not None:
        echo(f"\nEMERGENCY, today: {made.emergency.advice}")
    heading(f"{STATE_WORDS[made.state][0]} {state_heading(made)}")
    echo(state_sentence(made))
    for one in made.contradictions:
        echo(f"The record contradicts itself ({one.id}): {one.what}. Correct it first.")
    for cause in made.causes:
        _show_finding(cause.head)
        for finding in cause.also:
            echo(
                f"  also          {finding.severity} {finding.rule}: {finding.advice} {source_line(finding)}"
            )
    if made.state == "do_not_give":
        _show_alternatives(made)
    _show_overrides(made)
    if made.conflicts:
        heading("Results of one day that contradict each other")
        for conflict in made.conflicts:
            echo(f"- {conflict}")
    if made.questions:
        heading(f"Still to be asked ({len(made.questions)})")
        for number, question in enumerate(made.questions, 1):
            echo(f"{number}. {question.text} (needed for {', '.join(question.rules)})")
    _show_kidney(made)
    for symptom in made.symptoms:
        echo(f"\nSymptom or history ({symptom.fact}): {symptom.title}. Report: {symptom.signs}.")
    _show_advice(made)
    heading("Elsewhere")
    table(
        ["jurisdiction", "state", "only there", "only here"],
        [
            [one.jurisdiction, state_name(one.state, made.action), one.only_there, one.only_here]
            for one in made.elsewhere
        ],
    )
    echo(f"\n{DISCLAIMER}")


def _show_finding(finding: Finding) -> None:
    heading(f"{finding.severity.upper()} {finding.rule}: {finding.topic}")
    echo(finding.advice)
    echo(f"  why           {'; '.join(finding.why)}")
    echo(f"  facts         {'; '.join(map(str, finding.facts))}")
    echo(f"  source        {source_line(finding)}")
    from bonecast.care import lifted_by

    lifted = lifted_by(finding)
    if lifted:
        echo(f"  lifted by     {'; or '.join(lifted)}")
    for other in finding.others:
        fires = "fires there" if other.fires else "does not fire for this person"
        echo(f"  disagrees     {other.id} ({', '.join(other.jurisdictions)}; {fires}): {other.advice}")
    for position in finding.positions:
        sides = " ".join(f"{side}: {text}" for side, text in position.positions)
        echo(f"  side by side  {position.question} {sides}")


def _show_alternatives(made: Check) -> None:
    found = made.alternatives
    heading("Possible now instead")
    if found.obtain:
        echo(
            f"First obtain: {', '.join(found.obtain)}. With the result, this act is judged again the same day."
        )
    if found.referral is not None:
        echo(f"Refer {found.referral.when} to {found.referral.to} ({', '.join(found.referral.rules)}).")
    for act in found.acts:
        echo(f"- {act.text}")


def _show_overrides(made: Check) -> None:
    if made.overridden or made.lapsed:
        heading("Overridden")
    for finding in made.overridden:
        said = finding.overridden
        assert said is not None
        echo(f"{finding.severity.upper()} {finding.rule}: {finding.advice}")
        echo(f"  overridden by {said.by} on {said.at:%Y-%m-%d} until {said.until}: {said.reason}")
    for one, why in made.lapsed:
        echo(
            f"{one.rule}: the override by {one.by} on {one.at:%Y-%m-%d} has ended: {why}. It said: {one.reason}"
        )


def _show_kidney(made: Check) -> None:
    from bonecast.care import estimate_shown, kidney_estimates, variables

    heading("Kidney function")
    rows = [
        [variables()[name].label, estimate_shown(name, known), *_dated(known)]
        for name, known in kidney_estimates(made).items()
    ]
    table(["estimate", "value", "of", "origin"], rows)


def _dated(known: Known | None) -> list[str]:
    if known is None:
        return ["", ""]
    return [str(known.date) if known.date else "", known.origin]


def _show_advice(made: Check) -> None:
    """What is new since the last injection line by line; what was known then, and what is said always, by its rules."""
    from bonecast.care import advice_shown

    advice = advice_shown(made)
    if not advice.lines:
        return
    heading("For information")
    if advice.new:
        rows = [[finding.rule, finding.advice, source_line(finding)] for finding in advice.new]
        table(["rule", "advice", "source"], rows)
    for what, findings in (("Known since before", advice.known), ("At every dose", advice.routine)):
        if findings:
            echo(f"{what}: {'; '.join(f'{finding.advice} ({finding.rule})' for finding in findings)}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return "unknown"
