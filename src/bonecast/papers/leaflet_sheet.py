"""The leaflet as a PDF file."""

from __future__ import annotations

from bonecast.care import Leaflet
from bonecast.papers.typesetting import typeset

LARGEST_PT = 17.0  # as on the page for a browser


def leaflet_pdf(made: Leaflet) -> bytes:
    """Set a leaflet on one page of A4, in the largest type that fits.

    Parameters
    ----------
    made : Leaflet
        The leaflet.

    Returns
    -------
    bytes
        The PDF file.

    Raises
    ------
    InputError
        If the extra `pdf` is not installed.

    Examples
    --------
    >>> from bonecast.care import leaflet
    >>> from bonecast.interop import read_patient
    >>> leaflet_pdf(leaflet(read_patient("examples/long-denosumab.toml"), "UK"))[:5]
    b'%PDF-'
    """
    sections = [{"key": key, "title": title, "lines": list(lines)} for key, title, lines in made.sections]
    content = {
        "lang": made.language, "title": made.title, "sections": sections, "footer": made.footer, "size": LARGEST_PT
    }  # fmt: skip
    return typeset("leaflet", content)
