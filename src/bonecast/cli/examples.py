"""`bonecast examples`: the invented records and tutorials that come with the package, and copies to work on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, table


def examples(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Copy them into this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """The example records that come with Bonecast, all invented; with --out, copies of them and the tutorials."""
    from bonecast.core import atomic_write, check_folder
    from bonecast.errors import InputError, printable
    from bonecast.shipped import documentation, examples, notebooks

    files = sorted(path for path in examples().iterdir() if path.suffix in (".toml", ".json"))
    values = sorted((examples() / "value").iterdir())
    if out is not None:
        contents = {out / path.name: path.read_bytes() for path in files}
        contents |= {out / "value" / path.name: path.read_bytes() for path in values}
        contents |= {out / "notebooks" / name: content for name, content in notebooks().items()}
        for folder in (out, out / "value", out / "notebooks"):
            check_folder(folder).mkdir(parents=True, exist_ok=True)
        for copy, content in contents.items():
            if copy.exists() and copy.read_bytes() != content:
                raise InputError(
                    "out", f"'{printable(copy, 120)}' is there, and is another", "name another folder"
                )
        for copy, content in contents.items():
            with atomic_write(copy) as beside:
                beside.write_bytes(content)
        files = list(contents)
    rows = [{"example": path.name, "path": str(path)} for path in files]
    if as_json:
        return echo_json(rows)
    table(["example", "path"], [list(row.values()) for row in rows])
    if out is None:
        echo(
            "\nbonecast examples --out DIR copies them; bonecast forecast takes a path of late-dose or long-denosumab."
        )
    echo(f"documentation: {documentation()}")
