"""Tables that come with the package: read once, and every entry held to a known evidence grade and a source.

A fault in one is our own, so it is a ValueError that names the file and the entry.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from bonecast.core.provenance import EVIDENCE_GRADES

T = TypeVar("T")


def sourced(
    row: Mapping[str, Any], kind: type[T], place: str, name: str = "", sources: Collection[str] | None = None
) -> T:
    """Make one entry of a table, after a check of its evidence grade and source.

    Parameters
    ----------
    row : mapping of str to object
        The entry, with `mark` and `source`.
    kind : type
        A dataclass whose fields the entry has, or `dict`; lists become tuples in a dataclass.
    place : str
        File and entry, for errors.
    name : str
        Name of the entry, for a dataclass that has a field `name`.
    sources : collection of str, optional
        Keys that `source` may name; any text by default.

    Returns
    -------
    object of this kind

    Raises
    ------
    ValueError
        If the grade is not known, the source is missing or not among the keys, or the fields are others.

    Examples
    --------
    >>> sourced({"mark": "published", "source": "a label", "value": 1.0}, dict, "t.toml, x")["value"]
    1.0
    >>> sourced({"mark": "published", "source": ""}, dict, "t.toml, x")
    Traceback (most recent call last):
    ValueError: t.toml, x: a known mark and a source must be given
    """
    source = row.get("source")
    if (
        row.get("mark") not in EVIDENCE_GRADES
        or not source
        or (sources is not None and source not in sources)
    ):
        raise ValueError(f"{place}: a known mark and a source must be given")
    if not is_dataclass(kind):
        return kind(row)  # type: ignore[call-arg]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    if name and "name" in (field.name for field in fields(kind)):
        values["name"] = name
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"{place}: {error}") from None


def table(path: Traversable | Path, kind: type[T], key: str = "") -> dict[str, T]:
    """Read a TOML file of named entries.

    Parameters
    ----------
    path : path
        The file.
    kind : type
        A dataclass whose fields each entry has, or `dict`.
    key : str
        Table of the file that holds the entries; the whole file by default.

    Returns
    -------
    dict of str to object of this kind
        Entries by name, in the order of the file.

    Raises
    ------
    ValueError
        If an entry has no known evidence grade, no source, or other fields.

    Examples
    --------
    >>> from importlib.resources import files
    >>> table(files("bonecast.records") / "molar_masses.toml", dict)["calcium"]["value"]
    40.078
    """
    data = toml(path)
    entries = data[key] if key else data
    return {name: sourced(row, kind, f"{path.name}, {name}", name) for name, row in entries.items()}


def rows(path: Traversable | Path, kind: type[T], key: str = "") -> tuple[T, ...]:
    """Read a CSV file, or a list of a TOML file.

    Parameters
    ----------
    path : path
        The file.
    kind : type
        A dataclass whose fields each row has, or `dict`.
    key : str
        List of the TOML file that holds the rows.

    Returns
    -------
    tuple of objects of this kind
        Rows in the order of the file.

    Raises
    ------
    ValueError
        If a row has no known evidence grade, no source, or other fields.

    Examples
    --------
    >>> from importlib.resources import files
    >>> len(rows(files("bonecast.cohorts") / "correlations.toml", dict, "pair")) > 0
    True
    """
    found = toml(path)[key] if key else csv.DictReader(path.read_text("utf-8").splitlines())
    return tuple(sourced(row, kind, f"{path.name}, row {i}") for i, row in enumerate(found, start=1))


def toml(path: Traversable | Path) -> dict[str, Any]:
    """Read a TOML file that comes with the package, and has no evidence grades of its own.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict of str to object

    Examples
    --------
    >>> from importlib.resources import files
    >>> "age" in toml(files("bonecast.cohorts") / "columns.toml")
    True
    """
    return tomllib.loads(path.read_text("utf-8"))
