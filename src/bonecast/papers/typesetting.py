"""PDF files without a browser: a sheet of Typst in this folder, filled with plain data, in the type of the package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import as_file, files
from importlib.util import find_spec
from typing import Any

from bonecast.errors import InputError
from bonecast.fonts import drawing_folder

ACCESSIBLE = "ua-1"  # PDF/UA-1: tagged, with a title, a language and a text for each picture


def check_typst(place: str = "PDF") -> None:
    """Check that PDF files can be made, before anything is computed for one.

    Parameters
    ----------
    place : str
        What asked for it, for the error.

    Raises
    ------
    InputError
        If Typst is not installed; the error names the extra.
    """
    if find_spec("typst") is None:
        hint = "pip install 'bonecast[pdf]'"
        raise InputError(place, "PDF files are set by typst, which is not installed", hint)


def typeset(sheet: str, content: Mapping[str, Any]) -> bytes:
    """Set a sheet as a PDF file; the same content gives the same bytes.

    Parameters
    ----------
    sheet : str
        Name of a sheet: "clinician", "letters", "labels" or "leaflet".
    content : mapping of str to object
        What stands on it, as JSON holds it. It is data: nothing in it is read as a command.

    Returns
    -------
    bytes
        The PDF file; tagged for screen readers, except where a text has characters that no font here has.

    Raises
    ------
    InputError
        If the extra `pdf` is not installed.

    Examples
    --------
    >>> from bonecast.papers import label_sheets
    >>> typeset("labels", {"lang": "en", "title": "Labels", "sheet": label_sheets()["A4, 21 labels"], "labels": []})[:5]
    b'%PDF-'
    """
    check_typst()
    import typst

    how: dict[str, Any] = {
        "font_paths": [drawing_folder()],
        "ignore_system_fonts": True,
        "sys_inputs": {"content": json.dumps(content, ensure_ascii=False)},
    }
    with as_file(files("bonecast.papers") / "sheets") as folder:
        how |= {"root": str(folder)}
        try:
            return typst.compile(str(folder / f"{sheet}.typ"), pdf_standards=ACCESSIBLE, **how)
        except typst.TypstError:  # a name in a script that the fonts lack: the paper is still needed
            return typst.compile(str(folder / f"{sheet}.typ"), **how)
