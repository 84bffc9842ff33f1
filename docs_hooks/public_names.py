"""The table of the names that `bonecast` itself exports, each with a link to its entry in the reference."""

from __future__ import annotations

import inspect

import bonecast


def entries() -> dict[str, str]:
    """Each exported object with the identifier of its entry: the package that owns it, and its name there.

    >>> entries()["assess_liver"]
    'bonecast.liver.assess'
    """
    return {name: ".".join(bonecast._OWNERS[name]) for name in bonecast.__all__ if name in bonecast._OWNERS}


def names(which: str) -> str:
    """`{{ names public }}`: the names with the first line of their docstrings. `former`: old names with the new ones."""
    return {"public": _public, "former": _former}[which]()


def _public() -> str:
    rows = [
        f"| [`bonecast.{name}`][{entry}] | {_first_line(getattr(bonecast, name))} |"
        for name, entry in entries().items()
    ]
    return "\n".join(["| name | what it is |", "|---|---|", *rows])


def _former() -> str:
    rows = [f"| `bonecast.{old}` | `bonecast.{new}` |" for old, new in sorted(bonecast._FORMER.items())]
    return "\n".join(["| former name | now |", "|---|---|", *rows])


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
