"""The style that every report stands in, with its fonts inside."""

from __future__ import annotations

from importlib.resources import files

from bonecast.fonts import font_rules


def report_style() -> str:
    """Return the style rules for screen and paper; they need no file beside the page.

    Returns
    -------
    str
        CSS.
    """
    return f"{font_rules()}\n{(files('bonecast.reports') / 'style.css').read_text('utf-8')}"
