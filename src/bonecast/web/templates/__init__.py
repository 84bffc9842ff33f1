"""The templates of the pages, and what each of them can use."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from bonecast.models import DEFAULT_MODEL
from bonecast.reports.versions import bonecast_version, model_versions
from bonecast.words import STANDING


def render(template: str, /, **content: Any) -> str:
    """The text of a page."""
    return _environment().get_template(template).render(**content)


@cache
def static(name: str) -> str:
    """The address of a file of `static/`, with a mark that changes with its content: it may be kept for ever."""
    content = (files("bonecast.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def long_day(day: dt.date | None) -> Markup:
    """A day for people, with the ISO form for machines and in the tooltip.

    >>> print(long_day(dt.date(2026, 3, 16)))
    <time datetime="2026-03-16">16 March 2026</time>
    """
    if day is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), f"{day.day} {day:%B %Y}")


def moment(at: dt.datetime) -> Markup:
    """A moment for people, in the time of this computer."""
    local = at.astimezone()
    return Markup('<time datetime="{}">{:%Y-%m-%d %H:%M}</time>').format(
        local.isoformat(timespec="seconds"), local
    )


def csrf_field(token: str) -> Markup:
    """What every form holds: the token that no other site knows."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


@cache
def model_version() -> str:
    """The model behind the forecasts, and the version of its cards."""
    return ", ".join(f"{name}, {cards}" for name, cards in model_versions([DEFAULT_MODEL]))


@cache
def sections() -> frozenset[str]:
    """The pages that there are; a tab without its page is not shown."""
    from bonecast.web.pages import ROUTERS

    return frozenset(
        getattr(route, "path", "").replace(":int", "") for router in ROUTERS for route in router.routes
    )


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("bonecast.web", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    made.globals.update(static=static, csrf_field=csrf_field, sections=sections, model_version=model_version)
    made.globals.update(standing=STANDING, bonecast_version=bonecast_version(), today=dt.date.today)
    made.filters.update(day=long_day, moment=moment)
    return made
