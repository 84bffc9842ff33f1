"""The drawing library, which knows our fonts: a Vega-Lite specification to an image on this computer."""

from __future__ import annotations

from functools import cache
from typing import Any

from bonecast.charts.encodings import Spec
from bonecast.fonts import drawing_folder


def svg_of(specification: Spec) -> str:
    """A Vega-Lite specification as an SVG document; no address outside may be asked for anything."""
    return drawing().vegalite_to_svg(specification, allowed_base_urls=[])


@cache
def drawing() -> Any:
    """The drawing library, which knows our fonts."""
    import vl_convert

    vl_convert.register_font_directory(drawing_folder())
    return vl_convert
