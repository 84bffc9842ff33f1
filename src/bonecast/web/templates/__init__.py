"""The templates of the pages, and what each of them can use."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from bonecast.charts import format_number, format_unit
from bonecast.core import DISCLAIMER, current_language, languages, template_environment
from bonecast.fonts import web_folder
from bonecast.models import DEFAULT_MODEL
from bonecast.reports import bonecast_version, model_versions
from bonecast.web.clinic import here


def render(template: str, /, **content: Any) -> str:
    """The text of a page."""
    return _environment().get_template(template).render(**content)


@cache
def static(name: str) -> str:
    """The address of a file of `static/`, with a mark that changes with its content: it may be kept for ever.

    Those of `static/fonts/` are the files of the fonts.
    """
    own, font = files("bonecast.web") / "static", name.removeprefix("fonts/")
    content = (own / name if font == name else Path(web_folder()) / font).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


_SPOKEN = {"en": "English", "de": "Deutsch", "es": "Español"}
_STATEMENT = re.compile(r"\b([A-Z]{2}-\d{2}): ")


def long_day(day: dt.date | str | None) -> Markup:
    """A day for people, with the ISO form for machines and in the tooltip.

    >>> print(long_day(dt.date(2026, 3, 16)))
    <time datetime="2026-03-16">16 March 2026</time>
    """
    if day is None:
        return Markup("")
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), current_language().date(day))


def short_day(day: dt.date | None) -> Markup:
    """A day for the cell of a table, in the short form of the language, or as the clinic has set it.

    >>> print(short_day(dt.date(2026, 3, 16)))
    <time datetime="2026-03-16">16 Mar 2026</time>
    """
    if day is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), current_language().short_date(day))


def moment(at: dt.datetime) -> Markup:
    """A moment for people, in the time of the clinic, or of this computer; the day as the clinic has set it."""
    local = here(at)
    day = current_language().short_date(local.date())
    return Markup('<time datetime="{}">{} {:%H:%M}</time>').format(
        local.isoformat(timespec="seconds"), day, local
    )


def number(value: float, form: str) -> str:
    """A number in the form that is asked for, with the decimal sign of the language."""
    return format_number(value, form).replace(".", current_language().decimal)


def with_unit(given: str) -> str:
    """A value with its unit, as it is printed.

    >>> with_unit("0.742 g/cm2"), with_unit("<22 ug/L")
    ('0.742 g/cm²', '<22 µg/L')
    """
    value, gap, said = given.partition(" ")
    return value + gap + format_unit(said)


def statements(said: str) -> list[tuple[str, str]]:
    """What the care rules say of a plan, rule by rule.

    >>> statements("SU-01: Calcium 1000 mg. DC-08: Measure CTX; then DC-13.")
    [('SU-01', 'Calcium 1000 mg.'), ('DC-08', 'Measure CTX; then DC-13.')]
    """
    parts = _STATEMENT.split(said)
    return [(rule, text.strip()) for rule, text in zip(parts[1::2], parts[2::2], strict=True)]


def spoken_languages() -> list[tuple[str, str]]:
    """The languages of the pages: code, and name in itself."""
    return [(code, _SPOKEN.get(code, code)) for code in languages()]


def csrf_field(token: str) -> Markup:
    """What every form holds: the token that no other site knows."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


@cache
def model_version() -> str:
    """The model behind the forecasts, and the version of its cards."""
    return ", ".join(f"{name}, {cards}" for name, cards in model_versions([DEFAULT_MODEL]))


@cache
def _environment() -> jinja2.Environment:
    places = (("bonecast.web", "templates"), ("bonecast.reports", ""))
    made = template_environment(jinja2.ChoiceLoader([jinja2.PackageLoader(*place) for place in places]))
    made.globals.update(static=static, csrf_field=csrf_field, model_version=model_version)
    made.globals.update(bonecast_version=bonecast_version(), today=dt.date.today)
    made.globals.update(standing=DISCLAIMER, languages=spoken_languages())
    made.filters.update(
        day=long_day,
        short_day=short_day,
        moment=moment,
        number=number,
        with_unit=with_unit,
        unit=format_unit,
        statements=statements,
    )
    return made
