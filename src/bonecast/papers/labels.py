"""Address labels on sheets as they are sold."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.core import current_language, gettext
from bonecast.errors import UnknownName
from bonecast.papers.typesetting import typeset

USUAL_SHEET = "A4, 21 labels"


@cache
def label_sheets() -> dict[str, dict[str, Any]]:
    """List the sheets of labels.

    Returns
    -------
    dict of str to dict
        Name to paper, columns, rows and the sizes of a label in millimetres.

    Examples
    --------
    >>> list(label_sheets())
    ['A4, 21 labels', 'A4, 14 labels', 'A4, 24 labels', 'Letter, 30 labels']
    """
    return tomllib.loads((files("bonecast.papers") / "labels.toml").read_text("utf-8"))


def labels_pdf(labels: Iterable[Sequence[str]], sheet: str = USUAL_SHEET) -> bytes:
    """Set labels on sheets, in order.

    Parameters
    ----------
    labels : iterable of sequence of str
        The lines of each label.
    sheet : str
        Name of a sheet (`label_sheets`).

    Returns
    -------
    bytes
        The PDF file.

    Raises
    ------
    UnknownName
        If there is no such sheet.
    InputError
        If the extra `pdf` is not installed.

    Examples
    --------
    >>> labels_pdf([["E. M.", "12 High Street", "Oxford"]])[:5]
    b'%PDF-'
    """
    if sheet not in label_sheets():
        raise UnknownName("labels", "sheet", sheet, label_sheets())
    content = {
        "lang": current_language().code,
        "title": gettext("Address labels"),
        "sheet": label_sheets()[sheet],
        "labels": [list(lines) for lines in labels],
    }
    return typeset("labels", content)
