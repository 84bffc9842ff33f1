"""Tables for spreadsheets: CSV that opens as UTF-8, without a cell that would be taken for a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | float | dt.date | None
_PHONE = re.compile(r"\+[\d ()/-]+")


def spreadsheet_csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a table as CSV for a spreadsheet.

    Parameters
    ----------
    heads : sequence of str
        Names of the columns.
    rows : iterable of sequence of object
        Cells of each row.

    Returns
    -------
    bytes
        UTF-8 with a mark by which a spreadsheet knows it.

    Examples
    --------
    >>> spreadsheet_csv(["name"], [["Ann"], ["=1+1"]]).decode("utf-8-sig").split()
    ['name', 'Ann', "'=1+1"]
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([harmless_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless_cell(cell: Cell) -> Cell:
    """Make a cell that no spreadsheet takes for a formula; a phone number stays as it is.

    Parameters
    ----------
    cell : object
        Text, number or date.

    Returns
    -------
    object
        The same, or a text with an apostrophe before it.

    Examples
    --------
    >>> harmless_cell("=1+1"), harmless_cell(-2.5), harmless_cell("Ann"), harmless_cell("+44 1865 000000")
    ("'=1+1", -2.5, 'Ann', '+44 1865 000000')
    """
    risky = (
        isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _PHONE.fullmatch(cell)
    )
    return f"'{cell}" if risky else cell
