"""What reports share: the style with its fonts inside, and how a template shows tables and pictures."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from bonecast.core import template_environment
from bonecast.fonts import font_rules


def report_style() -> str:
    """Return the style rules for screen and paper; they need no file beside the page.

    Returns
    -------
    str
        CSS.
    """
    return f"{font_rules()}\n{(files('bonecast.reports') / 'style.css').read_text('utf-8')}"


def report_template(file: Traversable) -> Any:
    """Read the template of a report, which has the macros `grid(table)` and `figures(all)` of every report.

    Parameters
    ----------
    file : path
        The template.

    Returns
    -------
    jinja2.Template
        Its `render` makes the page.
    """
    macros = (files("bonecast.reports") / "shown.html.jinja").read_text("utf-8")
    return template_environment().from_string(macros + file.read_text("utf-8"))
