"""The public names in the reference: those of `bonecast` as a table, those of a room each with its entry."""

from __future__ import annotations

import inspect
from importlib import import_module

import bonecast

SHORT = 80  # characters of a value that is shown in full
ENTRY = """::: {identifier}
    options:
      show_root_heading: true
      show_root_toc_entry: true
      heading_level: 3"""


def room(name: str) -> str:
    """`{{ room NAME }}`: what the room owns, and an entry for each name that it exports."""
    module = import_module(f"bonecast.{name}")
    public = getattr(module, "__all__", None) or [
        each for each, thing in vars(module).items() if _is_own(thing, module.__name__)
    ]
    public = sorted(public, key=str.lower)
    written = [each for each in public if _is_own(getattr(module, each), "bonecast")]
    entries = [ENTRY.format(identifier=identifier(module.__name__, each)) for each in written]
    constants = [_constant(each, getattr(module, each)) for each in public if each not in written]
    if constants:
        entries.append("\n".join(["**Constants and types**", "", *constants]))
    return "\n\n".join([f"## bonecast.{name}", inspect.getdoc(module) or "", *entries])


def identifier(module: str, name: str) -> str:
    """Where an exported class or function is written.

    It may have the name of the module that it is written in, so that the exported name alone is not clear.

    >>> identifier("bonecast.care", "check")
    'bonecast.care.check.check'
    """
    thing = getattr(import_module(module), name)
    return f"{thing.__module__}.{thing.__qualname__}"


def names(which: str) -> str:
    """`{{ names public }}`: the names with the first line of their docstrings. `former`: old names and new ones."""
    return {"public": _public, "former": _former}[which]()


def _public() -> str:
    rows = [
        f"| {_linked(name, *owner)} | {_first_line(getattr(bonecast, name))} |"
        for name, owner in bonecast._OWNERS.items()
    ]
    return "\n".join(["| name | what it is |", "|---|---|", *rows])


def _linked(name: str, room: str, inside: str) -> str:
    """The name with a link to its entry; a module has a heading in its room's page instead."""
    shown = f"`bonecast.{name}`"
    return f"[{shown}][{identifier(room, inside)}]" if inside else shown


def _former() -> str:
    rows = [f"| `bonecast.{old}` | `bonecast.{new}` |" for old, new in sorted(bonecast._FORMER.items())]
    return "\n".join(["| former name | now |", "|---|---|", *rows])


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _is_own(thing: object, package: str) -> bool:
    written = getattr(thing, "__module__", "") or ""
    return (inspect.isclass(thing) or inspect.isroutine(thing) or hasattr(thing, "__wrapped__")) and (
        written == package or written.startswith(f"{package}.")
    )


def _constant(name: str, value: object) -> str:
    """A line on what is neither class nor function: its value if that is short.

    >>> _constant("Z95", 1.96)
    '* `Z95`: `1.96`'
    """
    text = repr(value)
    return (
        f"* `{name}`: `{text}`"
        if len(text) <= SHORT and "`" not in text
        else f"* `{name}`: {type(value).__name__}"
    )
