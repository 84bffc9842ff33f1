"""`bonecast trust`: the pack for a hospital, a sponsor and a regulator."""

from __future__ import annotations

from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json


def trust(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder for trust.html and trust.json.")],
    as_json: AsJson = False,
) -> None:
    """Contexts of use, credibility, validation, hazards, data protection and components, from code and tables."""
    from bonecast.trust import pack_content, write_pack

    paths = write_pack(folder)
    if as_json:
        return echo_json(
            {"files": [str(path) for path in paths.values()], "summary": pack_content()["summary"]}
        )
    for line in pack_content()["summary"]:
        echo(line)
    for path in paths.values():
        echo(str(path))
