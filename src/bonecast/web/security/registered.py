"""Files in which an administrator registers other systems, and files with secrets: read the same way everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from bonecast.core import parse_toml, read_text
from bonecast.errors import InputError, UnknownName, printable

LARGEST = 200_000  # bytes of a file


def registered_tables(path: Path, entry: str, hint: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The entries of a TOML file that may hold `url` and tables `[[entry]]`, and these tables, at least one."""
    place = path.name
    tables = parse_toml(read_text(path, place, LARGEST), place)
    for name in tables:
        if name not in ("url", entry):
            raise UnknownName(place, "entry", str(name), ("url", entry))
    rows = tables.get(entry)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(place, f"there is no {entry}", hint)
    return tables, rows


def check_entries(row: dict[str, Any], place: str, names: Sequence[str], flags: Collection[str] = ()) -> None:
    """Refuse an entry of another name, and one that is no text; `flags` may be true or false."""
    for name, value in row.items():
        if name not in names:
            raise UnknownName(place, "entry", str(name), names)
        if name in flags and isinstance(value, bool):
            continue
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise InputError(f"{place}, {name}", "it is no text", 'write it in quotes, such as "a"')


def check_distinct(found: Sequence[object], names: Sequence[str], place: str, what: str) -> None:
    """Refuse two that have the same value of one of these names; an empty value is none."""
    for name in names:
        given = [value for one in found if (value := getattr(one, name))]
        if len(set(given)) < len(given):
            raise InputError(place, f"two {what} have the same {name}", "give each its own")


def make_secret(path: Path, content: Callable[[], str], place: str, hint: str) -> None:
    """Make a file with a secret, which its owner alone can read, if there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(content() + "\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise InputError(place, f"it cannot be made ({error.strerror})", hint) from None


def check_private(path: Path, place: str, cause: str = "others can read the file", hint: str = "") -> None:
    """Refuse a file with a secret that others can read."""
    if path.stat().st_mode & 0o077:
        raise InputError(place, cause, hint or f"chmod 600 {printable(path, 120)}")
