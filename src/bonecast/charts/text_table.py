"""A table of text, as it stands behind a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Columns and rows of text.

    Parameters
    ----------
    columns : tuple of str
        Titles.
    rows : tuple of tuple of str
        Rows; the first cell names the row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
