"""Chromium without the system's fonts: all it finds is one whose every letter is a box as wide as it is high.

Chromium does not start without any font. A text that is set in a font of the system stands in boxes here, twice as wide
as it should be, so that a page that depends on such a font is seen to.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

BOXES = "Nothing But Boxes"
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""


def environment(folder: Path) -> dict[str, Any]:
    """The environment of a browser that finds no font but boxes; `folder` is filled with what that needs."""
    (folder / "fonts").mkdir(parents=True)
    boxes().save(folder / "fonts" / "boxes.ttf")
    configuration = folder / "fonts.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder), encoding="utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(configuration)}


def boxes() -> Any:
    """The font of boxes, for Latin letters, figures and signs of ASCII."""
    pen = TTGlyphPen(None)
    for step, point in enumerate(((60, -200), (60, 800), (940, 800), (940, -200))):
        (pen.lineTo if step else pen.moveTo)(point)
    pen.closePath()
    box = pen.glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder([".notdef", "box"])
    made.setupCharacterMap(dict.fromkeys(range(0x20, 0x7F), "box"))
    made.setupGlyf({".notdef": box, "box": box})
    made.setupHorizontalMetrics(dict.fromkeys((".notdef", "box"), (1000, 60)))
    made.setupHorizontalHeader(ascent=1000, descent=-300)
    made.setupNameTable({"familyName": BOXES, "styleName": "Regular"})
    made.setupOS2(sTypoAscender=1000, sTypoDescender=-300, usWinAscent=1000, usWinDescent=300)
    made.setupPost()
    return made
