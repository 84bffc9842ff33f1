"""Tables as files: CSV, and xlsx through openpyxl (`bonecast[xlsx]`)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from importlib.util import find_spec

from starlette.responses import Response

from bonecast.core import Cell, gettext, harmless_cell, spreadsheet_csv
from bonecast.errors import InputError, UnknownName

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")


def sheet(name: str, form: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A file of this table, to be kept by the browser. Raises UnknownName, or InputError where openpyxl is not here."""
    if form not in FORMATS:
        raise UnknownName("format", "format", form, FORMATS)
    content = spreadsheet_csv(heads, rows) if form == "csv" else _xlsx(heads, rows)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    return Response(
        content,
        headers={"content-type": kind, "content-disposition": f'attachment; filename="{name}.{form}"'},
    )


def _xlsx(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    if find_spec("openpyxl") is None:
        hint = gettext("pip install 'bonecast[xlsx]', or take the CSV")
        raise InputError(
            "format", gettext("xlsx files are written by openpyxl, which is not installed"), hint
        )
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
        page.append([harmless_cell(cell) for cell in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
