"""`bonecast reproduce`: the same answer again from its manifest, or what has changed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import hear_notices, progress, warn_skipped
from bonecast.errors import printable


def reproduce(
    manifest: Annotated[str, typer.Argument(help="manifest.json, or a forecast.json.")],
    patient: Annotated[str, typer.Argument(help="The record that the forecast was made from.")],
    as_json: AsJson = False,
) -> None:
    """Make a forecast again from its manifest; exit code 1 where the numbers are others."""
    from bonecast.interop import read_patient
    from bonecast.trust import read_manifest
    from bonecast.trust import reproduce as again

    asked = read_manifest(Path(manifest))
    person = read_patient(patient)
    warn_skipped(person)
    hear_notices()
    with progress(f"forecast of {printable(person.id)}, once more") as step:
        found = again(asked, person, step)
    if as_json:
        echo_json({"sentence": found.sentence, **asdict(found)})
    else:
        echo(found.sentence)
        for title, rows in (("Versions", found.versions), ("Answers", found.answers)):
            if rows:
                heading(title)
                table(["what", "then", "now"], [[one.what, one.then, one.now] for one in rows])
    if not found.same:
        raise typer.Exit(1)
