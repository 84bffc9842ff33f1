"""What reaches stdout: lines, tables and JSON; rich tables on a terminal, aligned plain text in a pipe."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from bonecast.errors import InputError

AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout instead of tables.")]
Cells = Sequence[object]


def echo(text: str = "") -> None:
    """Print one piece of text; a reader who has gone away (`| head`) ends the command in peace."""
    try:
        print(text)
    except OSError as error:
        # What is still buffered would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise typer.Exit from None
        raise InputError("stdout", f"it cannot be written ({error.strerror})", "send it elsewhere") from None


def echo_json(value: Any) -> None:
    """Print JSON that any reader takes: no NaN in it, which would be our failure."""
    echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def heading(text: str) -> None:
    """Print a heading with an empty line above it."""
    echo(f"\n{text}\n{'-' * len(text)}")


def table(columns: Sequence[str], rows: Sequence[Cells]) -> None:
    """Print a table: wrapped to the width of a terminal, or one line for each row in a pipe."""
    cells = [[shown_cell(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(columns, cells)
    else:
        echo(plain_table(columns, cells))


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned with blanks, numbers to the right.

    >>> print(plain_table(["drug", "dose"], [["denosumab", "60"], ["zoledronate", "5"]]))
    drug         dose
    denosumab      60
    zoledronate     5
    """
    listed = [list(columns), *map(list, rows)]
    widths = [max(len(row[i]) for row in listed) for i in range(len(columns))]
    right = [all(_is_number(row[i]) for row in rows) for i in range(len(columns))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in listed
    )


def shown_cell(value: object) -> str:
    """One cell as text: six digits of a number, words joined by commas."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown_cell, value))
    return str(value)


def _is_number(text: str) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(columns):
        numbers = bool(rows) and all(_is_number(row[i]) for row in rows)
        made.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))  # as it is: a bracket in a unit is no markup
    Console().print(made)
