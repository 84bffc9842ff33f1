"""Chromium without the system's fonts: all it finds is one whose every letter is a box as wide as it is high.

Chromium does not start without any font. A text that is set in a font of the system stands in boxes here, twice as wide
as it should be, so that a page that depends on such a font is seen to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from playwright.sync_api import Error

BOXES = "Nothing But Boxes"
OURS = {"Bonecast Sans", "Bonecast Sans SemiBold", "Bonecast Mono"}  # as the files name themselves
UNSEEN = {"HEAD", "SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "title", "desc"}
TEXT = 3  # the type of a text node
READINGS = 5  # of a page that changes under the reader
GONE = "Could not find node"
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


def families(page: Any) -> dict[str, str]:
    """Each font that the page was really drawn with, and a text in it; a font of the page's own is marked so.

    A page that draws a part of itself again while it is read (a chart at its final size) is read from the start.
    """
    page.evaluate("document.fonts.ready")
    for _ in range(READINGS - 1):
        try:
            return _read(page)
        except Error as error:
            if GONE not in error.message:
                raise
            page.wait_for_timeout(200)
    return _read(page)


def _read(page: Any) -> dict[str, str]:
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    used: dict[str, str] = {}
    try:
        root = devtools.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        for node in _asked(root):
            asked = {"nodeId": node["nodeId"]}
            for font in devtools.send("CSS.getPlatformFontsForNode", asked)["fonts"]:
                name = font["familyName"] if font["isCustomFont"] else f"{font['familyName']} of the system"
                used.setdefault(name, f"<{node['nodeName'].lower()}> {_text(node)[:80]}")
    finally:
        devtools.detach()
    return used


def _asked(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes to ask, so that each text is met: an answer is of the texts in a node and in its children.

    The text of form fields and of style rules is among them.
    """
    inside = [*node.get("children", ()), *node.get("shadowRoots", ())]
    inside = [child for child in inside if child["nodeName"] not in UNSEEN]
    if node.get("pseudoElements") or any(_text(child) for child in inside):
        yield node
    for child in inside:
        yield from _asked(child)


def _text(node: dict[str, Any]) -> str:
    return " ".join(c["nodeValue"].strip() for c in node.get("children", ()) if c["nodeType"] == TEXT).strip()
