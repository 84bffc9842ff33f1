"""`bonecast examples`: the invented records that come with the package, and copies of them to work on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, table


def examples(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Copy them into this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """The example records that come with Bonecast, all invented; with --out, copies of them to try things on."""
    from bonecast.core import atomic_write, check_folder
    from bonecast.errors import InputError, printable
    from bonecast.shipped import documentation, examples

    found = sorted(path for path in examples().iterdir() if path.suffix in (".toml", ".json"))
    if out is not None:
        check_folder(out).mkdir(parents=True, exist_ok=True)
        copies = [out / path.name for path in found]
        for path, copy in zip(found, copies, strict=True):
            if copy.exists() and copy.read_bytes() != path.read_bytes():
                raise InputError(
                    "out", f"'{printable(copy, 120)}' is there, and is another", "name another folder"
                )
        for path, copy in zip(found, copies, strict=True):
            with atomic_write(copy) as beside:
                beside.write_bytes(path.read_bytes())
        found = copies
    rows = [{"example": path.name, "path": str(path)} for path in found]
    if as_json:
        return echo_json(rows)
    table(["example", "path"], [list(row.values()) for row in rows])
    if out is None:
        echo(
            "\nbonecast examples --out DIR copies them; bonecast forecast takes a path of late-dose or long-denosumab."
        )
    echo(f"documentation: {documentation()}")
