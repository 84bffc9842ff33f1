"""How large the leaflet is set: as large as fits on one page, measured with the widths of its own font."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bonecast.fonts import text_width, wrapped

if TYPE_CHECKING:
    from bonecast.care.leaflet import Leaflet

MM = 72 / 25.4  # points
WIDTH, HEIGHT = 190 * MM, 280 * MM  # inside the margins of A4; 1 mm stays free
LARGEST, SMALLEST, STEP = 17.0, 7.0, 0.25  # points
# As in leaflet.html.jinja, in multiples of the size: type, leading, and the space above or around each part.
LEADING = 1.15
TITLE, HEADING, DATE, FOOTER_PT = 1.35, 1.05, 1.15, 9.0
BOXES = ("date", "emergency")


def fitted_size(leaflet: Leaflet) -> float:
    """The size of the text in points: the largest at which all of it stands on one page of A4.

    The smallest where no size is small enough: the text then goes on to a second page.
    """
    size = LARGEST
    while size > SMALLEST and height(leaflet, size) > HEIGHT:
        size -= STEP
    return size


def height(leaflet: Leaflet, size: float) -> float:
    """How high the leaflet is on paper at this size, both in points; the page itself is never higher."""
    total = _lines([leaflet.title], WIDTH, TITLE * size, bold=True) + 0.1 * TITLE * size
    for key, title, lines in leaflet.sections:
        if title:
            total += 0.28 * HEADING * size + _lines([title], WIDTH, HEADING * size, bold=True)
            total += _lines(lines, WIDTH - 1.1 * size, size)
        elif key in BOXES:
            room, head = WIDTH - 1.2 * size - 4, DATE if key == "date" else 1.0
            total += 4 + 0.8 * size + 0.1 * head * size + 0.1 * size * len(lines)
            total += _lines(lines[:1], room, head * size, bold=True) + _lines(lines[1:], room, size)
        else:
            total += 0.3 * size * len(lines) + _lines(lines, WIDTH, size)
    return total + 0.2 * FOOTER_PT + _lines([leaflet.footer], WIDTH, FOOTER_PT)


def _lines(texts: Iterable[str], room: float, size: float, bold: bool = False) -> float:
    """The height of these paragraphs; a word that is longer than a line is broken."""
    lines = (line for text in texts for line in wrapped(text, room, size, bold))
    return LEADING * size * sum(max(1, math.ceil(text_width(line, size, bold) / room)) for line in lines)
