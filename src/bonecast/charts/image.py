"""A picture as an SVG or PNG image, made on this computer; no address outside is asked for anything."""

from __future__ import annotations

import re
from html import escape

from bonecast.charts.drawing import drawing, svg_of
from bonecast.charts.picture import Picture
from bonecast.charts.vega_lite import specification


def svg(picture: Picture, titled: bool = False) -> str:
    """Draw a picture as one `<svg>` element that can stand inside a page.

    Its ids begin with the key of the picture, so that several can stand in one page; title and description are what a
    screen reader says. The same picture gives the same text.

    Parameters
    ----------
    picture : Picture
        The picture.
    titled : bool
        Whether the title stands above it.

    Returns
    -------
    str
        SVG.
    """
    drawn = svg_of(specification(picture, titled))
    key, body = picture.key, drawn[drawn.index("<svg") :]
    # The drawing library counts its ids on from one picture to the next: they are numbered again.
    for count, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', body)), start=1):
        body = body.replace(f'id="{name}"', f'id="{key}-{count}"').replace(f"(#{name})", f"(#{key}-{count})")
    head, rest = body.split(">", 1)
    # A tenth of a pixel is finer than any printer's dot at this size, and shortens the file by a third.
    rest = re.sub(r' (d|transform)="[^"]*"', lambda m: re.sub(r"(\.\d)\d+", r"\1", m[0]), rest)
    # The parts of a picture have roles and no names; the picture as a whole carries the description.
    rest = re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", rest)
    box = re.search(r'viewBox="[^"]+"', head)
    assert box is not None, "an SVG without a view box"
    width, height = box[0].strip('"').split(" ")[-2:]
    named = f'role="img" aria-labelledby="{key}-title {key}-desc" width="{width}" height="{height}"'
    words = f'<title id="{key}-title">{escape(picture.title)}</title>'
    words += f'<desc id="{key}-desc">{escape(picture.description)}</desc>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box[0]} {named}>{words}{rest}'


def png(picture: Picture, scale: float = 2.0) -> bytes:
    """Draw a picture with its title as a PNG image.

    Parameters
    ----------
    picture : Picture
        The picture.
    scale : float
        Pixels for each of its own.

    Returns
    -------
    bytes
        The image.
    """
    return drawing().vegalite_to_png(specification(picture), scale=scale, allowed_base_urls=[])
