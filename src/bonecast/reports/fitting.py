"""Two pages stay two pages: the words of each are measured with the widths of their font, and set smaller if need be.

The charts of a page take the height that its words leave, and can be read down to `CHART_MM`. Where the words leave
less, the page is drawn on a smaller scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import zip_longest

from bonecast.fonts import text_width, wrapped

MM = 72 / 25.4  # points
REM = 9.0  # points: the size of print in style.css, whose numbers stand here again
ROOM, HEIGHT = 180 * MM, 263 * MM  # of a page; 2 mm stay free
CHART_MM = 28.0
LEADING = 1.32
SCALES = [1 - 0.025 * step for step in range(25)]
BLOCKS = {"h1", "h2", "h3", "p", "li", "caption", "th", "td"}
UNSEEN = {"svg", "details"}
EMPTY = {"br", "img", "meta", "link", "input", "hr", "line", "path"}


@dataclass
class TextBlock:
    """A paragraph, or a cell of a table: its tag, the classes and tags around it, and its text line by line."""

    tag: str
    around: frozenset[str]
    span: int = 1
    text: str = ""


@dataclass
class TextPart:
    """What stands together on a sheet: its blocks, and each row of its table as one list of cells."""

    tag: str
    blocks: list[TextBlock | list[TextBlock]] = field(default_factory=list)
    charts: int = 0


def fitted(page: str) -> str:
    """The page with style rules that draw each of its two sheets on the largest scale at which it is one page."""
    scales = dict(zip(("first", "second"), map(scale_of, sheets(page)), strict=True))
    rules = "".join(
        f"@media print {{ .sheet.{name} {{ zoom: {scale:.3f}; height: calc(265mm / {scale:.3f}); }} }}\n"
        for name, scale in scales.items()
        if scale < 1
    )
    return page.replace("</style>", f"{rules}</style>", 1)


def scale_of(parts: list[TextPart]) -> float:
    """The largest scale at which words and charts of a sheet find room; the smallest if none is small enough."""
    charts = sum(part.charts for part in parts) * CHART_MM * MM
    return next((s for s in SCALES if words_height(parts, s) + charts <= HEIGHT), SCALES[-1])


def words_height(parts: Iterable[TextPart], scale: float) -> float:
    """How high everything but the charts is on paper, in points; in truth it is never higher."""
    return sum(_part_height(part, ROOM / scale) for part in parts) * scale


def sheets(page: str) -> list[list[TextPart]]:
    """The parts of each sheet of a page."""
    return _Reader(page).sheets


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.sheets: list[list[TextPart]] = []
        self._open: list[tuple[str, str]] = []  # (tag, classes) of the sheet and of what stands in it
        self._blocks: list[TextBlock] = []
        self._unseen = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = dict(attrs).get("class") or ""
        if tag in EMPTY or not (self._open or "sheet" in classes.split()):
            return
        if not self._open:
            self.sheets.append([])
        elif len(self._open) == 1:
            self.sheets[-1].append(TextPart(tag))
        self._open.append((tag, classes))
        self._unseen += tag in UNSEEN
        if self._unseen:
            return
        part = self.sheets[-1][-1] if self.sheets[-1] else TextPart("")
        if tag == "tr":
            part.blocks.append([])
        if tag in BLOCKS:
            around = {name for tag, classes in self._open for name in (tag, *classes.split())}
            block = TextBlock(tag, frozenset(around), int(dict(attrs).get("colspan") or 1))
            self._blocks.append(block)
            if tag in ("th", "td"):
                row = part.blocks[-1]
                assert isinstance(row, list)
                row.append(block)
            else:
                part.blocks.append(block)
        part.charts += "drawn" in classes.split()
        if "range" in classes.split() and self._blocks:
            self._blocks[-1].text += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY or not self._open:
            return
        self._open.pop()
        self._unseen -= tag in UNSEEN
        if tag in BLOCKS and self._blocks and not self._unseen:
            self._blocks.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._blocks and not self._unseen:
            self._blocks[-1].text += data.replace("\n", " ")


@dataclass(frozen=True)
class _Look:
    """Size in rem, leading, space above and below, what is added within, and taken from the width (all in rem)."""

    size: float
    above: float
    below: float
    within: float = 0.0
    beside: float = 0.0
    leading: float = LEADING
    bold: bool = False


_LINE = 1.5 / REM  # two pixels
_HEADS = {
    "h1": _Look(1.5, 0, 0.3, leading=1.2, bold=True),
    "h2": _Look(1.15, 0.5, 0.4, 0.15 + _LINE, bold=True),
    "h3": _Look(1, 0.1, 0.1, bold=True),
    "caption": _Look(0.82, 0, 0, 0.6, bold=True),
}
_PARAGRAPHS = {
    "person": _Look(1.05, 0, 0),
    "values": _Look(0.9, 0.2, 0.2),
    "standing": _Look(1, 0.4, 0, 0.4 + 1.5 * _LINE, 1 + 1.5 * _LINE, bold=True),
    "figcaption": _Look(0.85, 0.1, 0.1),
    "account": _Look(0.88, 0.25, 0.45),
    "small": _Look(0.8, 0.3, 0.6),
}


def _look(block: TextBlock) -> _Look:
    around = block.around
    boxed = 1.2 + _LINE if "box" in around else 0.0
    if boxed:
        return (
            _Look(1.15, 0.3, 0.3, 0, boxed, bold=True)
            if block.tag == "h2"
            else _Look(0.82, 0.15, 0.3, 0, boxed)
        )
    if block.tag in _HEADS:
        return _HEADS[block.tag]
    many = "many" in around
    if block.tag == "li":
        if "notes" in around:
            return _Look(0.85, 0, 0, 0, 1.3)
        if "small" in around:
            return _Look(0.8, 0, 0.15, 0, 1.3, 1.25) if many else _Look(0.88, 0, 0.15, 0, 1.3)
        return _Look(1, 0, 0, 0, 1.3)
    if many and "account" in around:
        return _Look(0.8, 0.12, 0.25, leading=1.25)
    return next((look for name, look in _PARAGRAPHS.items() if name in around), _Look(1, 0.3, 0.6))


def _part_height(part: TextPart, room: float) -> float:
    """The height of one child of a sheet without its charts."""
    total, last = 0.0, None
    rows = [row for row in part.blocks if isinstance(row, list)]
    total += _table(rows, room) + (0.2 * REM if rows else 0)
    columns = []
    captioned = 0
    for block in part.blocks:
        if isinstance(block, list) or "made" in block.around:
            continue
        if "figcaption" in block.around and block.tag == "p":
            captioned += 1
            if captioned > 1:  # what is said under one chart is not said again
                continue
        if "sources" in block.around and block.tag == "li":
            columns.append(block)
            continue
        if last is not None and last.tag != "li" and block.tag == "li":
            total += 0.2 * REM
        if last is not None and last.tag == "li" and block.tag != "li":
            total += 0.3 * REM
        total += _height(block, room)
        if last is not None and last.tag == block.tag == "p" and not part.charts and part.tag == "section":
            total -= min(_look(last).below, _look(block).above) * REM  # margins that meet count once
        last = block
    if last is not None and last.tag == "li":
        total += 0.3 * REM
    if columns:
        narrow = (room - 1.3 * REM) / 3 - 1.2 * REM
        heights = [_text_height(one.text, narrow, 0.78 * REM) + 0.15 * REM for one in columns]
        total += sum(heights) / 3 + max(heights) * 2 / 3 + 0.5 * REM
    if part.tag == "aside":
        total += 0.5 * REM + 2 * 0.75
    return total + 0.35 * REM * part.charts


def _height(block: TextBlock, room: float) -> float:
    look = _look(block)
    inner = room - look.beside * REM
    text = _text_height(block.text, inner, look.size * REM, look.leading, look.bold)
    return text + (look.above + look.below + look.within) * REM


def _text_height(text: str, room: float, size: float, leading: float = LEADING, bold: bool = False) -> float:
    """A paragraph may hold bold words: without being bold it is taken as a little wider than its letters."""
    wide = size if bold else 1.02 * size
    lines = (line for line in wrapped(text, room, wide, bold))
    return leading * size * sum(max(1, math.ceil(text_width(line, wide, bold) / room)) for line in lines)


def _table(rows: list[list[TextBlock]], room: float) -> float:
    """The height of the rows of a table whose columns share the room as browsers do it."""
    size = 0.82 * REM
    if not rows:
        return 0.0
    least, most = _columns(rows, size)
    spare, asked = room - sum(least), sum(most) - sum(least)
    share = 1.0 if asked <= spare else max(spare, 0.0) / asked
    widths = [low + share * (high - low) for low, high in zip(least, most, strict=True)]
    total = 0.0
    for row in rows:
        heights, at = [0], 0
        for cell in row:
            width = sum(widths[at : at + cell.span]) - 0.45 * REM
            heights.append(
                sum(len(wrapped(line, width + 0.1, size, cell.tag == "th")) for line in _lines(cell))
            )
            at += cell.span
        total += max(heights) * LEADING * size + 0.28 * REM + 0.75
    return total


def _columns(rows: list[list[TextBlock]], size: float) -> tuple[list[float], list[float]]:
    """The least and the greatest width that each column asks for."""
    least, most = [], []
    for column in zip_longest(*(list(_placed(row)) for row in rows)):
        cells = [cell for cell in column if cell is not None]
        lines = [(line, c) for c in cells for line in _lines(c)]
        words = [(word, c) for line, c in lines for word in ([line] if c.tag == "td" else line.split())]
        gap = 0.45 * REM
        least.append(gap + max((text_width(w, size, c.tag == "th") / c.span for w, c in words), default=0))
        most.append(gap + max((text_width(t, size, c.tag == "th") / c.span for t, c in lines), default=0))
    least[0] = max(least[0], 7.2 * REM)
    most[0] = max(most[0] + 1.9 * REM, 7.2 * REM)
    return least, most


def _placed(row: list[TextBlock]) -> Iterator[TextBlock]:
    for cell in row:
        yield from [cell] * cell.span


def _lines(cell: TextBlock) -> list[str]:
    return [line.strip() for line in cell.text.split("\n") if line.strip()]
