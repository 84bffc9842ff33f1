"""`bonecast schedule`: the plan in dates, as a table, as JSON or as a calendar file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bonecast.cli.check import Jurisdiction
from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.core import DISCLAIMER
from bonecast.errors import printable

if TYPE_CHECKING:
    from bonecast.care import Entry

ExitDrug = Annotated[
    str | None,
    typer.Option(
        "--exit", metavar="DRUG", help="With --last-dose: the drug that follows, such as zoledronate."
    ),
]
StopReason = Annotated[
    str,
    typer.Option("--reason", help="With --last-dose: why no drug follows, as the prescriber recorded it."),
]


def schedule(
    patient: Annotated[str, typer.Argument(help="A record: TOML, or a FHIR R4 Bundle in JSON.")],
    jurisdiction: Jurisdiction = None,
    last_dose: Annotated[
        bool, typer.Option("--last-dose", help="No further injection is planned: date the exit plan.")
    ] = False,
    exit_drug: ExitDrug = None,
    reason: StopReason = "",
    out: Annotated[str | None, typer.Option(help="A calendar file to write, such as plan.ics.")] = None,
    as_json: AsJson = False,
) -> None:
    """The plan in dates: next injection, tests before and after it, long-term checks, and the exit plan.

    What the care rules block is not dated: the reason stands in its place, and there is no calendar file.
    """
    from bonecast.care import calendar, plain
    from bonecast.care import schedule as make
    from bonecast.core import atomic_write, check_file
    from bonecast.interop import read_patient

    target = None if out is None else check_file(out, (".ics",), "--out", (patient,))
    made = make(read_patient(patient), jurisdiction, last_dose, exit_drug, reason)
    if target is not None:
        before = target.read_bytes() if target.is_file() else None
        content = calendar(made, previous=before)
        with atomic_write(target) as beside:
            beside.write_bytes(content)
    if as_json:
        return echo_json({**plain(made), "standing": DISCLAIMER})
    what = "exit plan" if made.ending else f"next injection {made.injection}"
    if made.withheld and not made.ending:
        what = "no injection is dated"
    clock = f" ({made.clock})" if made.clock else ""
    echo(f"{printable(made.patient)} on {made.today}: {what}{clock}")
    for reason_given in made.withheld:
        echo(f"withheld: {reason_given}")
    _table(made.entries)
    if made.exit_plan and not made.ending:
        heading("If the last injection was the last: never without an exit")
        _table(made.exit_plan)
    if target is not None:
        echo(f"\ncalendar: {target}")
    echo(f"\n{DISCLAIMER}")


def _window(entry: Entry) -> str:
    if entry.last is None:
        return ""
    if entry.last < entry.date:
        return f"closed on {entry.last}"
    return f"{entry.first} to {entry.last}" if entry.first else f"until {entry.last}"


def _result(entry: Entry) -> str:
    """The latest result; ticked only where it is new enough and not flagged."""
    if entry.result is None:
        return ""
    state = "✓ " if entry.have else "" if entry.result.fresh else "too old: "
    return f"{state}{entry.result} on {entry.result.date}"


def _table(entries: tuple[Entry, ...]) -> None:
    rows = [
        [
            entry.date,
            _window(entry),
            entry.what,
            _result(entry),
            entry.rules,
            ", ".join(mark for mark in entry.marks if mark != "published"),
        ]
        for entry in entries
    ]
    table(["date", "window", "what", "result", "rules", "unverified"], rows)
