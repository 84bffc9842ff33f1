"""A table of somebody's own: a CSV file, a frame or a mapping, as columns of cells."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bonecast.core.limits import MOST_ROWS, csv_rows
from bonecast.core.text_files import read_text
from bonecast.errors import InputError


class Columns(NamedTuple):
    """Columns of a table, all of one length.

    Parameters
    ----------
    place : str
        Name of the table in errors.
    lines : tuple of int
        Line of the file of each row; empty for a frame or a mapping.
    cells : dict of str to tuple of object
        Cells of each column, by its name.
    """

    place: str
    lines: tuple[int, ...]
    cells: dict[str, tuple[Any, ...]]


def is_table(data: Any) -> bool:
    """Tell a table, or the path of one, from a name and from anything else.

    Parameters
    ----------
    data : object
        What somebody gave.

    Returns
    -------
    bool
        Whether it is a path, a text that ends in `.csv`, a mapping or a frame.

    Examples
    --------
    >>> is_table("people.csv"), is_table("men"), is_table({"age": [70]})
    (True, False, True)
    """
    if isinstance(data, str):
        return data.strip().casefold().endswith(".csv")
    return isinstance(data, os.PathLike | Mapping) or hasattr(data, "columns")


def read_columns(data: Any, place: str, expected: str = "is no table") -> Columns:
    """Read a table into columns.

    Parameters
    ----------
    data : path, polars or pandas DataFrame, or mapping of str to sequence
        A CSV file, or the table itself.
    place : str
        Name of a table that is no file, in errors.
    expected : str
        What is said of a value of any other type.

    Returns
    -------
    Columns

    Raises
    ------
    InputError
        If it is no table, has no row or too many, or its columns differ in length or share a name.

    Examples
    --------
    >>> read_columns({"id": ["A", "B"], "age": [70, 71]}, "people").cells["age"]
    (70, 71)
    """
    if isinstance(data, str | os.PathLike):
        found = _of_file(Path(data))
    elif is_table(data):
        cells = {str(name): _plain(data[name]) for name in getattr(data, "columns", data)}
        if len({len(column) for column in cells.values()}) > 1:
            raise InputError(place, "its columns have different lengths", "give each row a cell in each")
        found = Columns(place, (), cells)
    else:
        cause = f"a {type(data).__name__} {expected}"
        raise InputError(place, cause, "give a CSV file, a polars or pandas frame, or columns by name")
    count = len(next(iter(found.cells.values()), ()))
    if not count:
        raise InputError(found.place, "there is no row", "add one under the names of the columns")
    if count > MOST_ROWS:
        raise InputError(found.place, f"there are over {MOST_ROWS:,} rows", "split the table")
    return found


def _of_file(path: Path) -> Columns:
    place = path.name
    found = list(csv_rows(read_text(path, place), place))
    header = [name.strip() for name in found[0][1]] if found else []
    if len(set(header)) < len(header):
        raise InputError(place, "two columns have one name", "rename one")
    for line, row in found[1:]:
        if len(row) != len(header):
            cause = f"it has {len(row)} cells under {len(header)} columns"
            raise InputError(f"{place}, line {line}", cause, "quote cells that hold commas")
    cells = {name: tuple(row[k] for _, row in found[1:]) for k, name in enumerate(header)}
    return Columns(place, tuple(line for line, _ in found[1:]), cells)


def _plain(column: Any) -> tuple[Any, ...]:
    """The cells of a column as plain objects of Python where the frame can give them."""
    for way in ("to_list", "tolist"):
        if hasattr(column, way):
            return tuple(getattr(column, way)())
    return tuple(column)
