"""The type that everything is set in: the font files, their style rules for pages, and how wide a text is.

This room owns Bonecast Sans and Bonecast Mono (see README.md beside this file). Pages, leaflet, reports and charts
are set in them and in nothing of the system, so that a text has the same width everywhere. It knows no page, no chart.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

FAMILY = "Bonecast Sans"
FACES = {
    "sans-regular": "font-weight: 400",
    "sans-italic": "font-weight: 400; font-style: italic",
    "sans-semibold": "font-weight: 600 700",
}
EM = 1000  # units of the widths
UNKNOWN = EM  # a character that these fonts lack is at most about as wide as its size


def font_rules(faces: Iterable[str] = FACES) -> str:
    """Write the `@font-face` rules of faces, the fonts inside, for a file that must need nothing beside it.

    Parameters
    ----------
    faces : iterable of str
        Names of faces.

    Returns
    -------
    str
        CSS.

    Examples
    --------
    >>> font_rules(["sans-regular"])[:51]
    '@font-face { font-family: "Bonecast Sans"; font-wei'
    """
    return "\n".join(_rule(face) for face in faces)


def drawing_folder() -> str:
    """Return the folder of the fonts that images are drawn with.

    Returns
    -------
    str
        Its path.
    """
    return str(files(__name__) / "drawing")


def web_folder() -> str:
    """Return the folder of the fonts that the web application serves.

    Returns
    -------
    str
        Its path.
    """
    return str(files(__name__) / "web")


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Measure the width of a text in one line, before kerning, which takes a little away.

    Parameters
    ----------
    text : str
        The text.
    size : float
        Size of the font.
    bold : bool
        Whether it is bold.

    Returns
    -------
    float
        In the unit of `size`.

    Examples
    --------
    >>> text_width("0000", 10), text_width("0000", 10, bold=True)
    (19.88, 20.52)
    """
    widths = _widths()["sans-semibold" if bold else "sans-regular"]
    return sum(widths.get(character, UNKNOWN) for character in text) * size / EM


def wrapped(text: str, room: float, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines; a word that is too long has a line of its own.

    Parameters
    ----------
    text : str
        The text.
    room : float
        Width of a line, in the unit of `size`.
    size : float
        Size of the font.
    bold : bool
        Whether it is bold.

    Returns
    -------
    list of str
        The lines.

    Examples
    --------
    >>> wrapped("denosumab once more, then zoledronate", 80, 10)
    ['denosumab once', 'more, then', 'zoledronate']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def lacking(text: str) -> str:
    """List the characters of a text that the fonts lack.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        Each once.

    Examples
    --------
    >>> lacking("≥ 1 µg/L, ½ of Łódź")
    ''
    """
    widths = _widths()["sans-regular"]
    return "".join(dict.fromkeys(character for character in text if character not in widths))


@cache
def _rule(face: str) -> str:
    font = base64.b64encode((files(__name__) / "web" / f"{face}.woff2").read_bytes()).decode()
    source = f'url("data:font/woff2;base64,{font}") format("woff2")'
    return f'@font-face {{ font-family: "{FAMILY}"; {FACES[face]}; src: {source}; }}'


@cache
def _widths() -> dict[str, dict[str, int]]:
    return json.loads((files(__name__) / "widths.json").read_text("utf-8"))
