"""`bonecast fhir`: what of a FHIR file is read, and results as FHIR R4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.core import DISCLAIMER
from bonecast.errors import printable

if TYPE_CHECKING:
    from bonecast.interop import PersonReading

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
