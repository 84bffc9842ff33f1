"""What a notebook shows of an object: a title, lines, small pictures, one table, and remarks, in less than 10 kB.

The objects themselves say what stands in their card; how a card looks is decided here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bonecast.charts.small import WIDTH, Small, SmallLanes, small_svg, swatch
from bonecast.charts.styles import Style
from bonecast.charts.text_table import Table

LARGEST = 10_000  # bytes of one card
MOST_LINES, LONGEST = 12, 220  # lines, and characters of one; what is left out is counted
LONGEST_CELL, LONGEST_NAME, MOST_NAMES = 160, 60, 6
# How many rows and pictures are tried, in this order, until the card is small enough.
SIZES = ((12, 4), (12, 2), (8, 2), (8, 1), (4, 1), (4, 0))
APART = 16  # pixels between the pictures


@dataclass(frozen=True)
class Card:
    """What stands in the card of an object, in this order.

    Parameters
    ----------
    title : str
        Title.
    lines : tuple of str
        Facts, one a line.
    pictures : tuple of Small or SmallLanes
        Small pictures.
    legend : tuple of tuple of (str, Style)
        Names of curves with their styles.
    table : Table, optional
        A table.
    remarks : tuple of str
        In small print at the end.
    """

    title: str
    lines: tuple[str, ...] = ()
    pictures: tuple[Small | SmallLanes, ...] = ()
    legend: tuple[tuple[str, Style], ...] = ()
    table: Table | None = None
    remarks: tuple[str, ...] = ()


def card_html(card: Card) -> str:
    """Write a card as one `<div>` without script or address, below 10,000 bytes.

    Rows, then pictures, are left out of one that would be larger, and the rows left out are counted.

    Parameters
    ----------
    card : Card
        The card.

    Returns
    -------
    str
        HTML in the colours of the page that it stands in.
    """
    drafts = (_html(card, rows, pictures) for rows, pictures in SIZES)
    title = f"<div><strong>{_text(card.title)}</strong></div>"
    return next((text for text in drafts if len(text.encode()) < LARGEST), title)


def _html(card: Card, rows: int, pictures: int) -> str:
    parts = [f"<strong>{_text(card.title)}</strong>"]
    parts.append(_lines(card.lines, ""))
    if pictures and card.pictures:
        parts.append(_pictures(card, pictures))
    if card.table is not None and card.table.rows:
        parts.append(_table(card.table, rows))
    parts.append(_lines(card.remarks, ' style="opacity:.75"'))
    return f'<div style="font-size:13px;line-height:1.45">{"".join(parts)}</div>'


def _lines(lines: Sequence[str], style: str) -> str:
    shown = "".join(f"<div{style}>{_text(line)}</div>" for line in lines[:MOST_LINES])
    return shown + _more(len(lines) - MOST_LINES)


def _more(left: int) -> str:
    return f"<div>and {left:,} more</div>" if left > 0 else ""


def _pictures(card: Card, most: int) -> str:
    drawn = "".join(
        f'<div style="width:{WIDTH}px;margin:6px {APART}px 2px 0">{_text(one.title)}{small_svg(one)}</div>'
        for one in card.pictures[:most]
    )
    legend = "".join(
        f'<span style="margin-right:{APART}px">{swatch(look)} {_text(name, LONGEST_NAME)}</span>'
        for name, look in card.legend[:MOST_NAMES]
    )
    return f'<div style="display:flex;flex-wrap:wrap;align-items:flex-end">{drawn}</div>' + (
        f"<div>{legend}</div>" if legend else ""
    )


def _table(table: Table, most: int) -> str:
    style = 'style="text-align:left;padding:1px 12px 1px 0"'
    head = "".join(f'<th scope="col" {style}>{_text(name, LONGEST_NAME)}</th>' for name in table.columns)
    body = "".join(
        "<tr>" + "".join(f"<td {style}>{_text(cell, LONGEST_CELL)}</td>" for cell in row) + "</tr>"
        for row in table.rows[:most]
    )
    rows = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<table style="margin:6px 0">{rows}</table>{_more(len(table.rows) - most)}'


def _text(text: str, longest: int = LONGEST) -> str:
    return escape(text if len(text) <= longest else text[: longest - 1].rstrip() + "…")
