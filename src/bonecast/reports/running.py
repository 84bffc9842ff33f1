"""What runs through every printed page: who, which numbers, which page; and how high each chart is on paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bonecast.core import DISCLAIMER, gettext
from bonecast.forecasts import Forecast
from bonecast.reports.versions import bonecast_version, model_versions

PAGE_MM = 180.0  # the width of text on A4
LONGEST = 40  # letters of a name in the head of a page


def running_style(forecast: Forecast, figures: Iterable[Mapping[str, Any]]) -> str:
    """Style rules for paper that depend on the forecast: head and foot of each page, and the height of each chart.

    They name the person, the version of Bonecast and of the parameters, the day of the record and of its last value,
    and the page of how many.
    """
    patient = forecast.patient
    name = f"{short(patient.name)} ({short(patient.id)})" if patient.name else short(patient.id)
    who = f"{name}, {patient.sex}, {patient.age} years"
    when = gettext("Record of {now}", now=forecast.now)
    last = max((m.date for m in patient.measurements), default=None)
    if last is not None:
        when += gettext(", last value {last}", last=last)
    made = ", ".join(f"{model} ({version})" for model, version in model_versions(forecast.models))
    standing = DISCLAIMER.partition(".")[0]
    page = 'counter(page) " of " counter(pages)'
    heads = (
        f"@top-left {{ content: {css_text(who)}; }} "
        f"@top-right {{ content: {css_text(f'Bonecast {bonecast_version()}, {made}')}; }} "
        f"@bottom-left {{ content: {css_text(standing)}; }} "
        f"@bottom-right {{ content: {css_text(f'{when}. Page ')} {page}; }}"
    )
    rules = [f"@page {{ {heads} }}"]
    rules += [f"#figure-{f['key']} .drawn {{ flex-basis: {_height(f['svg']):.1f}mm; }}" for f in figures]
    return "\n".join(rules)


def short(text: str) -> str:
    """A name as it fits into the head of a page.

    >>> len(short("x" * 200))
    40
    """
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def css_text(text: str) -> str:
    r"""A CSS string that says this text and nothing else, whatever stands in it.

    >>> css_text('A "1"</style>')
    '"A \\22 1\\22 \\3c \\2f style\\3e "'
    """
    return '"' + "".join(c if c.isalnum() or c in " .,:()_-+" else f"\\{ord(c):x} " for c in text) + '"'


def _height(svg: str) -> float:
    """Millimetres that a chart needs at the full width of the page."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None, "an SVG without a view box"
    return PAGE_MM * float(found[2]) / float(found[1])
