"""`bonecast sources`: what rests on which source, and what to read next."""

from __future__ import annotations

import csv
from dataclasses import asdict
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table

COLUMNS = ("source", "decides", "entries", "what is missing")


def sources(
    grade: Annotated[str | None, typer.Option(help="Entries of one grade only, such as recalled.")] = None,
    count: Annotated[int, typer.Option("--next", min=0, help="Sources of the reading list.")] = 20,
    out: Annotated[str | None, typer.Option(metavar="FILE", help="All entries as a table, .csv.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every rule, limit, rate, parameter and published row with its source; counts by grade; what to read next."""
    from bonecast.core import EVIDENCE_GRADES, atomic_write, check_file
    from bonecast.errors import UnknownName
    from bonecast.trust import SourceLine, grade_counts, lack_counts, reading_list, source_lines

    if grade is not None and grade not in EVIDENCE_GRADES:
        raise UnknownName("--grade", "evidence grade", grade, EVIDENCE_GRADES)
    path = None if out is None else check_file(out, (".csv",), "--out")
    lines = [
        {**asdict(line), "lacks": "; ".join(line.lacks)}
        for line in source_lines()
        if grade in (None, line.grade)
    ]
    if path is not None:
        with atomic_write(path) as beside, open(beside, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*SourceLine.__dataclass_fields__, "lacks"], lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    if as_json:
        to_read = [asdict(one) for one in reading_list()]
        return echo_json(
            {"grades": grade_counts(), "missing": lack_counts(), "to_read": to_read, "entries": lines}
        )
    grades = grade_counts()
    table(["entries", *EVIDENCE_GRADES], [[kind, *own.values()] for kind, own in grades.items()])
    heading("Missing")
    table(["what", "entries"], list(lack_counts().items()))
    listed = reading_list()[:count]
    if listed:
        heading("What to read next, worst first")
        table(COLUMNS, [[one.citation, one.decides, len(one.ids), "; ".join(one.lacks)] for one in listed])
    if path is not None:
        echo(f"\n{len(lines)} entries: {path}")
