"""A table of published results, read and checked once: CSV in, rows out, or every fault reported together."""

from __future__ import annotations

import os
from pathlib import Path

from bonecast.core import csv_rows, read_text
from bonecast.errors import InputError, InputErrors, close_matches, printable
from bonecast.evidence.file_format import REQUIRED, Cells, read_cells
from bonecast.evidence.row import Row
from bonecast.regimens import Regimen, parse_regimen

MOST_FAULTS = 100


class TableError(InputErrors):
    """A table that cannot be used, with every fault in order of the file.

    Parameters
    ----------
    faults : sequence of InputError
        The faults, at most about 100.
    found : int, optional
        How many there are, if more than were kept.
    """

    what = "table"


def read_rows(path: str | os.PathLike[str], keep_odd: bool = False) -> tuple[Row, ...]:
    """Read a table of published figures from a file.

    Parameters
    ----------
    path : str or path
        CSV in UTF-8 with the columns of `calibration.csv`, in any order. `id` and `endpoint` are needed; others may be
        missing or blank, and columns with other names are passed over.
    keep_odd : bool
        Keep a row that cannot be read, with the reason in `unread`, and do not refuse the table for it.

    Returns
    -------
    tuple of Row
        One for each line.

    Raises
    ------
    TableError
        If the table cannot be used, with every fault, its line, id and column.
    InputError
        If the file cannot be read.
    """
    name = printable(path, 120)
    return rows_in(read_text(Path(path), name), name, keep_odd)


def rows_in(text: str, name: str, keep_odd: bool = False) -> tuple[Row, ...]:
    r"""Read a table of published figures from its text.

    Parameters
    ----------
    text : str
        CSV.
    name : str
        Name of the table in errors.
    keep_odd : bool
        Keep a row that cannot be read, with the reason in `unread`, and do not refuse the table for it.

    Returns
    -------
    tuple of Row
        One for each line.

    Raises
    ------
    TableError
        If the table cannot be used, with every fault.

    Examples
    --------
    >>> row = rows_in("endpoint,id,plan,month\nLS_BMD_pct,a,nothing for 1 year,12\n", "t.csv")[0]
    >>> row.id, row.month, row.statistic, row.age_years
    ('a', 12.0, 'mean', None)
    """
    table = csv_rows(text, name)
    faults: list[InputError] = []
    rows: list[Row] = []
    lines: dict[str, int] = {}
    try:
        header = [cell.strip().lstrip("\ufeff") for cell in next(table, (1, []))[1]]
        _check_header(header, name)
        for line, cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            found = _row(header, cells, name, line, lines)
            if keep_odd and isinstance(found, list):
                found = _odd(header, cells, line, found)
            faults += found if isinstance(found, list) else []
            rows += [found] if isinstance(found, Row) else []
            if len(faults) >= MOST_FAULTS:
                break
    except InputError as fault:  # of the header, or of the table as a whole
        faults.append(fault)
    if faults:
        raise TableError(faults)
    return tuple(rows)


def _odd(header: list[str], cells: list[str], line: int, faults: list[InputError]) -> Row:
    """A row that cannot be read, under its own id and line, with the reasons."""
    at = dict(zip(header, cells, strict=False))
    name = f"{at.get('id', '').strip() or 'row'} (line {line})"
    return Row(
        name, at.get("endpoint", "").strip() or "unknown", unread="; ".join(map(str, faults)), line=line
    )


def _check_header(header: list[str], name: str) -> None:
    """The columns that are needed, each once."""
    place = f"{name}, line 1"
    twice = next((column for column in header if column and header.count(column) > 1), None)
    if twice is not None:
        raise InputError(place, f"there are two columns called {printable(twice)}", "leave one out")
    for column in REQUIRED:
        if column not in header:
            close = close_matches(column, [c for c in header if c not in Cells.model_fields], 1)
            hint = f"is it the one called {printable(close[0])}" if close else "add it"
            raise InputError(place, f"there is no column called {column}", hint)


def _row(
    header: list[str], cells: list[str], name: str, line: int, lines: dict[str, int]
) -> Row | list[InputError]:
    """One line as a row, or its faults; `lines` remembers where each id stood."""
    place = f"{name}, line {line}"
    if len(cells) != len(header):
        cause = f"it has {len(cells)} cells under {len(header)} columns"
        return [InputError(place, cause, "put texts that hold a comma in double quotes")]
    answer = dict(zip(header, cells, strict=True))
    if answer["id"].strip():
        place += f", id {printable(answer['id'].strip())}"
    read = read_cells(answer, place)
    faults = read if isinstance(read, list) else []
    first = lines.setdefault(answer["id"].strip(), line)
    if first != line and answer["id"].strip():
        cause = f"the id stands on line {first} too"
        faults.append(InputError(f"{place}, column id", cause, "give each row an id of its own"))
    if faults or isinstance(read, list):
        return faults
    plans: dict[str, Regimen | None] = {}
    unread = []
    for column in ("plan", "comparator_plan"):
        text = answer.get(column, "").strip()
        try:
            plans[column] = parse_regimen(text, column) if text else None
        except (
            InputError
        ) as fault:  # other people's tables hold drugs that are not ours: the row stays, with why
            plans[column] = None
            unread.append(str(fault))
    return Row(**{**dict(read), **plans, "unread": " ".join(unread), "line": line})
