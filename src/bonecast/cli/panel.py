"""`bonecast panel` and `bonecast diff-release`: which answers change from one release to the next."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import hear_notices, progress

SHOWN = 40  # changes that are listed; --json has all


def panel(out: Annotated[str, typer.Argument(metavar="FILE", help="Where the answers go, .json.")]) -> None:
    """Answers of this release on the fixed panel of 200 records: check, forecast and ranks; takes some minutes."""
    from bonecast.core import atomic_write, check_file
    from bonecast.trust import panel_answers

    path = check_file(out, (".json",), "FILE")
    hear_notices()
    with progress("200 records") as step:
        made = panel_answers(progress=step)
    with atomic_write(path) as beside:
        text = json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1)
        beside.write_text(text + "\n", encoding="utf-8", newline="\n")
    echo(str(path))


def diff_release(
    old: Annotated[str, typer.Argument(help="Answers of the earlier release (`bonecast panel FILE`).")],
    new: Annotated[str, typer.Argument(help="Answers of the later one.")],
    as_json: AsJson = False,
) -> None:
    """Which answers change on the panel between two releases, for the notes of a release."""
    from bonecast.trust import compare_answers, count_changes, read_answers

    files = [read_answers(Path(path)) for path in (old, new)]
    changes = compare_answers(*files)
    counts = count_changes(changes)
    if as_json:
        return echo_json({"counts": counts, "changes": [asdict(one) for one in changes]})
    echo(f"{len({one.record for one in changes})} of {len(files[1]['answers'])} records have another answer.")
    if counts:
        table(["what", "records"], list(counts.items()))
        # What decides comes first: a range that moved is counted above.
        listed = sorted(changes, key=lambda one: one.what.startswith("range"))[:SHOWN]
        heading(f"The first {len(listed)} of {len(changes)} changes" if len(changes) > SHOWN else "Changes")
        table(["record", "what", "old", "new"], [[one.record, one.what, one.old, one.new] for one in listed])
