"""Tables as files: CSV, and xlsx through openpyxl (`bonecast[xlsx]`)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from importlib.util import find_spec

from starlette.responses import Response

from bonecast.errors import InputError, UnknownName

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")
Cell = str | int | float | dt.date | None


def sheet(name: str, form: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A file of this table, to be kept by the browser. Raises UnknownName, or InputError where openpyxl is not here."""
    if form not in FORMATS:
        raise UnknownName("format", "format", form, FORMATS)
    content = _csv(heads, rows) if form == "csv" else _xlsx(heads, rows)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    return Response(
        content,
        headers={"content-type": kind, "content-disposition": f'attachment; filename="{name}.{form}"'},
    )


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet that it is UTF-8


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    if find_spec("openpyxl") is None:
        hint = "pip install 'bonecast[xlsx]', or take the CSV"
        raise InputError("format", "xlsx files are written by openpyxl, which is not installed", hint)
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    page = book.create_sheet("Bonecast")
    page.freeze_panes = "A2"
    bold = []
    for head in heads:
        bold.append(WriteOnlyCell(page, value=head))
        bold[-1].font = Font(bold=True)
    page.append(bold)
    for row in rows:
        page.append([_plain(cell) for cell in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _plain(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula.

    >>> _plain("=1+1"), _plain(-2.5), _plain("Ann")
    ("'=1+1", -2.5, 'Ann')
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
