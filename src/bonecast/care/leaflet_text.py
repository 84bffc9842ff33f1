"""Every line that a leaflet may hold, read from its table and checked: when it is shown, and where it comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.care.exits import exits, find_exit
from bonecast.care.reasons import reasons
from bonecast.care.rules import JURISDICTIONS, find_rule
from bonecast.care.situation import AT_60, AT_120, SITUATIONS
from bonecast.core import DISCLAIMER
from bonecast.errors import UnknownName

CONDITIONS = (
    *("window", "further", "tests", "given", "pregnancy", "no_pregnancy"),
    *("brand", "brand_both", "brand_new"),
    *("exit", "exit_day", "exit_now", "exit_none", "exit_open"),
)
GROUPS = {"60": AT_60, "120": AT_120}
EMPTY_PHONE = "______________________"


@dataclass(frozen=True)
class Line:
    """One line: the text with places for values, when it is shown, and its source.

    Attributes
    ----------
    situations : where it is shown; `exit` : after which exit drugs (empty: whichever).
    only, unless : the jurisdictions in which, and in which not (empty: no limit).
    """

    text: str
    situations: tuple[str, ...]
    when: str
    exit: tuple[str, ...]
    only: tuple[str, ...]
    unless: tuple[str, ...]
    rules: tuple[str, ...]
    source: str

    def shown(self, situation: str, exit_name: str, holds: Mapping[str, bool], place: str) -> bool:
        """Is it on the page of this situation, after this exit drug, in this jurisdiction?"""
        return (
            situation in self.situations
            and (not self.when or holds[self.when])
            and (not self.exit or exit_name in self.exit)
            and (not self.only or place in self.only)
            and place not in self.unless
        )


@dataclass(frozen=True)
class Section:
    """Lines under one title; an empty title for none."""

    key: str
    title: str
    lines: tuple[Line, ...]


@cache
def leaflet_sections() -> tuple[Section, ...]:
    """Every line that a leaflet may hold, checked."""
    return tuple(
        Section(row["key"], row["title"], tuple(_line(line, row) for line in row["line"]))
        for row in content()["section"]
    )


def titles() -> dict[str, str]:
    """The title of a leaflet by situation or by strength."""
    return content()["titles"]


def test_names() -> dict[str, str]:
    """What the tests of the schedule are called on the page."""
    return content()["tests"]


def ticks() -> dict[str, str]:
    """How a test is shown: done, low, high, old or open."""
    return content()["ticks"]


def messages() -> Iterator[str]:
    """Every text that a translation must give."""
    yield DISCLAIMER
    for group in (titles(), test_names(), ticks()):
        yield from group.values()
    yield from (one.label for one in exits().values())
    for reason in reasons().values():
        yield from reason.lines
    for section in leaflet_sections():
        yield from filter(
            None, (section.title, *(line.text for line in section.lines if line.text != "{reasons}"))
        )


def _line(row: dict[str, Any], section: dict[str, Any]) -> Line:
    place = f"leaflet.toml, {section['key']}"
    when = row.get("when", "")
    if when and when not in CONDITIONS:
        raise UnknownName(place, "condition", when, CONDITIONS)
    for one in (*row.get("only", ()), *row.get("unless", ())):
        if one not in JURISDICTIONS:
            raise UnknownName(place, "jurisdiction", one, JURISDICTIONS)
    for rule_id in row.get("rules", ()):
        find_rule(rule_id, place)
    for name in row.get("exit", ()):
        find_exit(name, place)
    return Line(
        row["text"],
        tuple(_situations(row.get("in", section.get("in", SITUATIONS)), place)),
        when,
        tuple(row.get("exit", ())),
        tuple(row.get("only", ())),
        tuple(row.get("unless", ())),
        tuple(row.get("rules", ())),
        row.get("source", ""),
    )


def _situations(names: Iterable[str], place: str) -> Iterator[str]:
    for name in names:
        if name not in (*SITUATIONS, *GROUPS):
            raise UnknownName(place, "situation", name, (*SITUATIONS, *GROUPS))
        yield from GROUPS.get(name, (name,))


@cache
def content() -> dict[str, Any]:
    """The table as it stands."""
    return tomllib.loads((files("bonecast.care") / "leaflet.toml").read_text("utf-8"))
