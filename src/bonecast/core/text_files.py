"""A text file of the user: found, small enough, text, and of which kind, before anything is parsed."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from bonecast.core.limits import (
    LARGEST_FILE,
    LARGEST_TOML,
    LONGEST_LINE,
    MOST_BRACKETS,
    MOST_KEY_PARTS,
    MOST_NODES,
    MOST_VALUES,
    check_numbers,
    check_text,
    check_values,
)
from bonecast.errors import InputError, printable

_FLOAT = re.compile(r"(?<![.\w])[0-9]+\.[0-9]+(?![.\w])")


def read_text(path: Path, place: str, largest: int = LARGEST_FILE) -> str:
    """Read a text file.

    Parameters
    ----------
    path : Path
        The file.
    place : str
        Its name in errors.
    largest : int
        Most bytes; 10 MB by default.

    Returns
    -------
    str
        The text.

    Raises
    ------
    InputError
        If it is missing, no plain file, too large, empty or not UTF-8.
    """
    return decoded(read_bytes(path, place, largest), place)


def read_bytes(path: Path, place: str, largest: int = LARGEST_FILE) -> bytes:
    """Read the bytes of a file.

    Parameters
    ----------
    path : Path
        The file.
    place : str
        Its name in errors.
    largest : int
        Most bytes; 10 MB by default.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    InputError
        If it is missing, no plain file or too large.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(place, "this is a directory", "name the file in it")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(place, "this is not a plain file", "save it as a file first")
        if status.st_size > largest:
            cause = f"the file has {status.st_size / 1e6:.0f} MB"
            raise InputError(place, cause, f"keep it to {largest / 1e6:.0f} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(place, "there is no such file", "check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or "the path is not one"
        raise InputError(place, f"the file cannot be opened ({reason})", "check the path") from None


def decoded(data: bytes, place: str) -> str:
    """Decode the bytes of a text file; a byte order mark is passed over.

    Parameters
    ----------
    data : bytes
        The content.
    place : str
        Name of the file in errors.

    Returns
    -------
    str
        The text.

    Raises
    ------
    InputError
        If it is empty or not UTF-8 text, or holds a control character or a number of over 100 digits.
    """
    if b"\0" in data:
        raise InputError(place, "this is not a text file", "save it as UTF-8 text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(place, f"line {line} is not UTF-8 text", "save it as UTF-8 text") from None
    if not text.strip():
        raise InputError(place, "the file is empty", "start from an example")
    check_text(text, place)
    check_numbers(text, place)
    return text


def is_json(text: str, suffix: str) -> bool:
    """Tell JSON from TOML: a TOML record cannot begin with a brace.

    Parameters
    ----------
    text : str
        The text.
    suffix : str
        Suffix of the file.

    Returns
    -------
    bool
        True for JSON.
    """
    return text.lstrip().startswith("{") or suffix.casefold() == ".json"


def parse_json(text: str | bytes, place: str) -> object:
    """Parse JSON.

    Parameters
    ----------
    text : str or bytes
        The text; numbers that are not finite are refused.
    place : str
        Name of the file in errors.

    Returns
    -------
    object
        What it holds.

    Raises
    ------
    InputError
        If it is not JSON, with line and column, or exceeds a limit of `core.limits`.
    """
    if isinstance(text, bytes):
        text = decoded(text, place)
    else:
        check_numbers(text, place)
    if text.count("[") + text.count("{") > MOST_NODES or text.count(",") > MOST_VALUES:
        raise InputError(place, f"there are over {MOST_NODES:,} lists and objects", "split it")
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise InputError(
            place, f"this is not JSON: {printable(error, 120)}", "correct the file there"
        ) from None
    check_values(found, place)
    return found


def parse_toml(text: str, place: str) -> dict[str, Any]:
    """Parse TOML.

    Parameters
    ----------
    text : str
        The text.
    place : str
        Name of the file in errors.

    Returns
    -------
    dict of str to object
        Its tables.

    Raises
    ------
    InputError
        If it is not TOML, with line and column, or exceeds a limit of `core.limits`.
    """
    if len(text) > LARGEST_TOML:
        raise InputError(
            place, f"the text has {len(text) / 1e6:.1f} MB", f"keep TOML to {LARGEST_TOML / 1e6:g} MB"
        )
    check_numbers(text, place)
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            cause = f"line {number} has {len(line)} characters"
            raise InputError(place, cause, f"keep lines to {LONGEST_LINE} characters")
    parts = text.count(".") - sum(1 for _ in _FLOAT.finditer(text))
    if parts > MOST_KEY_PARTS or text.count("[") + text.count("{") > MOST_BRACKETS:
        raise InputError(place, "there are too many tables in it", "keep to the layout of a record")
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise InputError(place, "the tables are nested too deep", "keep to the layout of a record") from None
    except ValueError as error:  # also a whole number of thousands of digits
        raise InputError(
            place, f"this is not TOML: {printable(error, 120)}", "correct the file there"
        ) from None
    check_values(found, place)
    return found
