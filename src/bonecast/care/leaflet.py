"""The leaflet: one page for the person, in plain words and large type, with their own dates."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.care.language import Language, language
from bonecast.care.leaflet_size import fitted_size
from bonecast.care.rules import JURISDICTIONS, find_rule
from bonecast.care.schedule import Schedule, schedule
from bonecast.core import DISCLAIMER
from bonecast.errors import UnknownName
from bonecast.fonts import font_rules
from bonecast.records import Patient

CONDITIONS = ("next", "window", "late", "ending", "tests", "woman")


@dataclass(frozen=True)
class Line:
    """One line: the text with places for dates, when it is shown, where (empty: everywhere), and its source."""

    text: str
    when: str
    only: tuple[str, ...]
    rules: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Section:
    """Lines under one title; an empty title for none."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Leaflet:
    """A leaflet ready to be shown: titles and lines in one language, the person's dates filled in."""

    language: str
    title: str
    sections: tuple[tuple[str, str, tuple[str, ...]], ...]
    day: str
    standing: str

    def __repr__(self) -> str:
        return f"<Leaflet in {self.language}: {len(self.sections)} sections>"

    def _repr_html_(self) -> str:
        from bonecast.care.notebook import leaflet_html

        return leaflet_html(self)

    @property
    def text(self) -> str:
        """All of it as plain text, for a reading test or a letter."""
        parts = [self.title]
        for _, title, lines in self.sections:
            parts += [title, *lines]
        return "\n".join(filter(None, parts))


def leaflet(
    patient: Patient,
    jurisdiction: str,
    ending: bool = False,
    tongue: Language | None = None,
) -> Leaflet:
    """The page for this person.

    Parameters
    ----------
    jurisdiction : "US", "EU", "UK" or "CA": it decides what is said on blood tests, lateness and supplements.
    ending : the last injection has been given; the page then names the exit step.
    tongue : the language of the page; English where it is left out.

    >>> from bonecast.interop import read_patient
    >>> page = leaflet(read_patient("examples/long-denosumab.toml"), "UK")
    >>> page.sections[0][2][0]
    'Your next injection: 8 September 2026.'
    """
    if jurisdiction not in JURISDICTIONS:
        raise UnknownName("--jurisdiction", "jurisdiction", jurisdiction, JURISDICTIONS)
    spoken = tongue or language()
    made = schedule(patient, jurisdiction, ending)
    filling = _filling(made, spoken)
    holds = {
        "next": made.injection is not None,
        "window": "first" in filling,
        "late": any(e.part == "next" and e.last and e.last < made.today for e in made.entries),
        "ending": made.ending,
        "tests": "tests" in filling,
        "woman": patient.sex == "female",
    }
    sections = []
    for section in leaflet_sections():
        lines = tuple(
            spoken.text(line.text).format(**filling)
            for line in section.lines
            if (not line.when or holds[line.when]) and (not line.only or jurisdiction in line.only)
        )
        if lines:
            sections.append((section.key, spoken.text(section.title) if section.title else "", lines))
    return Leaflet(
        spoken.code,
        spoken.text(_content()["title"]),
        tuple(sections),
        spoken.date(patient.record_date),
        spoken.text(DISCLAIMER),
    )


def leaflet_page(made: Leaflet) -> str:
    """The leaflet as one HTML page, for screen and paper: A4, in type as large as fits on one page.

    Style and fonts stand inside; nothing is asked of another place.

    >>> from bonecast.interop import read_patient
    >>> "8 September 2026" in leaflet_page(leaflet(read_patient("examples/long-denosumab.toml"), "UK"))
    True
    """
    import jinja2

    room = jinja2.Environment(
        loader=jinja2.PackageLoader("bonecast.care", ""), autoescape=True, undefined=jinja2.StrictUndefined
    )
    fonts = font_rules(("sans-regular", "sans-semibold"))
    return room.get_template("leaflet.html.jinja").render(page=made, size=fitted_size(made), fonts=fonts)


@cache
def leaflet_sections() -> tuple[Section, ...]:
    """Every line that a leaflet may hold, checked."""
    return tuple(
        Section(row["key"], row["title"], tuple(_line(line, row["key"]) for line in row["line"]))
        for row in _content()["section"]
    )


def messages() -> Iterator[str]:
    """Every text that a translation must give."""
    yield from (_content()["title"], DISCLAIMER)
    yield from (*_content()["tests"].values(), *_content()["exit"].values())
    for section in leaflet_sections():
        yield from filter(None, (section.title, *(line.text for line in section.lines)))


def _filling(made: Schedule, spoken: Language) -> dict[str, str]:
    found: dict[str, str] = {}
    if made.injection is not None:
        found["injection"] = spoken.date(made.injection)
    for entry in made.entries:
        if entry.part == "next" and entry.first and entry.last:
            found |= {"first": spoken.date(entry.first), "last": spoken.date(entry.last)}
    names = _content()["tests"]
    tests = [entry.what for entry in made.entries if entry.part == "before" and entry.what in names]
    if tests:
        found["tests"] = ", ".join(spoken.text(names[what]) for what in tests)
    if made.ending:
        steps = _content()["exit"]
        step = next(entry for entry in made.exit_plan if entry.what in steps)
        found |= {"exit": spoken.text(steps[step.what]), "exit_date": spoken.date(step.date)}
    return found


def _line(row: dict[str, Any], key: str) -> Line:
    place = f"leaflet.toml, {key}"
    when = row.get("when", "")
    if when and when not in CONDITIONS:
        raise UnknownName(place, "condition", when, CONDITIONS)
    for one in row.get("only", ()):
        if one not in JURISDICTIONS:
            raise UnknownName(place, "jurisdiction", one, JURISDICTIONS)
    for rule_id in row.get("rules", ()):
        find_rule(rule_id, place)
    return Line(
        row["text"], when, tuple(row.get("only", ())), tuple(row.get("rules", ())), row.get("source", "")
    )


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.care") / "leaflet.toml").read_text("utf-8"))
