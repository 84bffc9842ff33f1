"""The leaflet: one page for the person, in plain words and large type, by their situation and with their own dates.

The rules choose the situation (`situation_of`). Where they block what the page would be about, it names no date.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bonecast.care.leaflet_size import fitted_size
from bonecast.care.leaflet_text import EMPTY_PHONE, leaflet_sections, test_names, ticks, titles
from bonecast.care.overrides import Override
from bonecast.care.reasons import PURPOSE, reasons
from bonecast.care.rules import JURISDICTIONS
from bonecast.care.schedule import Entry, Schedule, dates_of
from bonecast.care.situation import (
    UNSPECIFIED,
    Situation,
    SituationName,
    could_become_pregnant,
    injection_case,
    situation_of,
)
from bonecast.core import (
    DISCLAIMER,
    Language,
    bounds_of,
    current_language,
    gettext,
    language,
    template_environment,
)
from bonecast.errors import InputError, UnknownName
from bonecast.fonts import font_rules
from bonecast.records import Patient

LONGEST_PHONE = 60  # characters


@dataclass(frozen=True)
class Leaflet:
    """A leaflet: titles and lines in one language, with the person's dates.

    Parameters
    ----------
    language : str
        Language code.
    title : str
        Title.
    sections : tuple of (str, str, tuple of str)
        Key, title and lines of each section; a title may be empty.
    day : str
        Day of the record, in words; empty where the leaflet may show no date.
    standing : str
        What the leaflet is and is not.
    situation : str
        Situation, as `bonecast.care.situation_of` names it.
    withheld : tuple of str
        Keys of the reasons for which dates are withheld; empty where they are not.
    overridden : str
        Who overrode a finding of the check behind it, in a sentence; empty where nobody did.
    """

    language: str
    title: str
    sections: tuple[tuple[str, str, tuple[str, ...]], ...]
    day: str
    standing: str
    situation: SituationName = "blocked"
    withheld: tuple[str, ...] = ()
    overridden: str = ""

    def __repr__(self) -> str:
        return f"<Leaflet in {self.language}: {len(self.sections)} sections>"

    def _repr_html_(self) -> str:
        from bonecast.care.notebook import leaflet_html

        return leaflet_html(self)

    @property
    def footer(self) -> str:
        """The last line: the day, and what the page is and is not."""
        return " ".join(filter(None, (f"{self.day}." if self.day else "", self.overridden, self.standing)))

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
    *,
    exit: str | None = None,
    reason: str = "",
    brand: str | None = None,
    phone: str | None = None,
    overrides: Iterable[Override] = (),
) -> Leaflet:
    """Write the leaflet for this person.

    Where the record does not say what 120 mg are given for, the leaflet shows no dates.

    Parameters
    ----------
    patient : Patient
        The record.
    jurisdiction : str
        "US", "EU", "UK", "CA" or "AU": it decides the advice on blood tests, late injections and supplements.
    ending : bool
        Whether the last injection has been given; the leaflet is then about stopping.
    tongue : Language, optional
        Language; English by default.
    exit : str, optional
        Drug that follows, by agent or product name. It is named only where the rules do not block it.
    reason : str
        Why no drug follows, as the prescriber recorded it.
    brand : str, optional
        Product that the next injection changes to.
    phone : str, optional
        Phone number of the clinic; by default a line to fill in by hand.
    overrides : iterable of Override
        Findings that a clinician overrode, each with a reason.

    Returns
    -------
    Leaflet
        The leaflet.

    Raises
    ------
    InputError
        If options cannot be combined, the reason or the phone number is too long, or `ending` is set without any
        injection in the record.
    UnknownName
        If the jurisdiction, the exit drug or the product is not known.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> page = leaflet(read_patient("examples/long-denosumab.toml"), "UK")
    >>> page.situation, page.sections[0][2][0]
    ('on_time', 'Your next injection: 8 September 2026.')
    """
    if jurisdiction not in JURISDICTIONS:
        raise UnknownName("--jurisdiction", "jurisdiction", jurisdiction, JURISDICTIONS)
    if phone is not None and (len(phone) > LONGEST_PHONE or not phone.isprintable()):
        raise InputError("--phone", "it is not a phone number in one line", f"use {LONGEST_PHONE} characters")
    spoken, overridden = tongue or language(), tuple(overrides)
    found = situation_of(patient, jurisdiction, ending, exit, reason, brand, overridden)
    if found.name == UNSPECIFIED:  # the texts at 120 mg depend on what it is given for
        found = replace(found, name="blocked", reasons=(PURPOSE,))
    made = dates_of(patient, jurisdiction, found, overridden)
    filling = _filling(made, found, spoken) | {"phone": (phone or "").strip() or EMPTY_PHONE}
    pregnancy = could_become_pregnant(injection_case(patient, jurisdiction))
    holds = _holds(found, filling) | {"pregnancy": pregnancy, "no_pregnancy": not pregnancy}
    name = found.exit.name if found.exit else ""
    sections = []
    for section in leaflet_sections():
        lines: list[str] = []
        for line in section.lines:
            if not line.shown(found.name, name, holds, jurisdiction):
                continue
            if line.text == "{reasons}":
                lines += _reason_lines(found, patient, jurisdiction, spoken)
            else:
                lines.append(spoken.text(line.text).format(**filling))
        if lines:
            sections.append((section.key, spoken.text(section.title) if section.title else "", tuple(lines)))
    return Leaflet(
        spoken.code,
        spoken.text(_title(found)).format(strength=found.strength_mg),
        tuple(sections),
        "" if found.withheld else spoken.date(patient.record_date),
        spoken.text(DISCLAIMER),
        found.name,
        found.reasons,
        spoken.text(titles()["overridden"]).format(names=", ".join(names))
        if (names := _overriders(found))
        else "",
    )


def leaflet_page(made: Leaflet) -> str:
    """Render the leaflet as one HTML page for screen and paper: A4, in the largest type that fits one page.

    Style and fonts are embedded; the page loads nothing from elsewhere.

    Parameters
    ----------
    made : Leaflet
        The leaflet.

    Returns
    -------
    str
        HTML page.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> "8 September 2026" in leaflet_page(leaflet(read_patient("examples/long-denosumab.toml"), "UK"))
    True
    """
    import jinja2

    room = template_environment(jinja2.PackageLoader("bonecast.care", ""))
    fonts = font_rules(("sans-regular", "sans-semibold"))
    return room.get_template("leaflet.html.jinja").render(page=made, size=fitted_size(made), fonts=fonts)


def plain_tests(made: Schedule) -> list[str]:
    """Name the tests that are still to do before the next injection, in the words of the leaflet.

    Parameters
    ----------
    made : Schedule
        The plan in dates.

    Returns
    -------
    list of str
        In the language of `bonecast.core.speaking`.
    """
    open_ = [e.what for e in made.entries if e.part == "before" and not (e.result and e.result.done)]
    return [gettext(test_names()[what]) for what in dict.fromkeys(open_) if what in test_names()]


def plain_reasons(found: Situation, patient: Patient, jurisdiction: str | None) -> list[str]:
    """Say why nothing is dated, in the words of the leaflet.

    Parameters
    ----------
    found : Situation
        The situation of the person.
    patient : Patient
        The record.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record.

    Returns
    -------
    list of str
        Lines, in the language of `bonecast.core.speaking`; empty where nothing is withheld.
    """
    return list(_reason_lines(found, patient, jurisdiction, current_language()))


def _overriders(found: Situation) -> list[str]:
    said = (one.overridden for check in found.checks for one in check.overridden)
    return list(dict.fromkeys(one.by for one in said if one is not None))


def _title(found: Situation) -> str:
    unsure = {"strength", "two_products"} & set(found.reasons)
    return (
        titles().get(f"{found.name}_strength" if unsure else found.name) or titles()[str(found.strength_mg)]
    )


def _holds(found: Situation, filling: dict[str, str]) -> dict[str, bool]:
    brand = found.brands is not None
    return {
        "window": "first" in filling,
        "further": "further" in filling,
        "tests": "tests" in filling,
        "given": found.days_since is not None,
        "brand": brand,
        "brand_both": brand and bool(filling.get("old")),
        "brand_new": brand and not filling.get("old"),
        "exit": found.exit is not None,
        "exit_day": "exit_date" in filling,
        "exit_now": "exit" in filling and "exit_date" not in filling,
        "exit_none": bool(found.exit_reason),
        "exit_open": found.exit is None and not found.exit_reason,
    }


def _filling(made: Schedule, found: Situation, spoken: Language) -> dict[str, str]:
    """The person's own values; no date where the rules withhold what the page is about."""
    if found.withheld:
        return {}
    filling: dict[str, str] = {}
    if made.injection is not None:
        filling["injection"] = spoken.date(made.injection)
    coming = [entry for entry in made.entries if entry.part == "next"]
    for entry in coming[:1]:
        if entry.first and entry.last:
            filling |= {"first": spoken.date(entry.first), "last": spoken.date(entry.last)}
    if len(coming) > 1:
        filling["further"] = ", ".join(spoken.date(entry.date) for entry in coming[1:])
    tests = [_tick(e, spoken) for e in made.entries if e.part == "before" and e.what in test_names()]
    if tests:
        filling["tests"] = "; ".join(tests)
    if found.brands is not None:
        filling |= {"old": found.brands[0], "new": found.brands[1]}
    if found.exit is not None:
        filling["exit"] = spoken.text(found.exit.label)
        if found.on > made.today:
            filling["exit_date"] = spoken.date(found.on)
    return filling


def _tick(entry: Entry, spoken: Language) -> str:
    """One test with its value: ticked only where the result is new enough and not flagged."""
    result, state, value, day = entry.result, "open", "", ""
    if result is not None:
        state = "old" if not result.fresh else result.flag or "done"
        state = "open" if state == "unclear" else state
        value, day = f"{_shown(result.value, spoken)} {result.unit}", spoken.date(result.date)
    return spoken.text(ticks()[state]).format(
        test=spoken.text(test_names()[entry.what]), value=value, day=day
    )


def _shown(value: float, spoken: Language) -> str:
    """A number as this language writes it; of one known by bounds, the bounds."""
    low, high = bounds_of(value)
    if low == high:
        return spoken.number(value)
    parts = ((low, ">"), (high, "<"))
    return " ".join(f"{sign}{spoken.number(bound)}" for bound, sign in parts if math.isfinite(bound))


def _reason_lines(
    found: Situation, patient: Patient, jurisdiction: str | None, spoken: Language
) -> Iterator[str]:
    known = injection_case(patient, jurisdiction).values.get("albumin_corrected_calcium_mmol_L")
    calcium = f" ({_shown(known, spoken)} mmol/L)" if isinstance(known, float) else ""
    for key in found.reasons:
        for text in reasons()[key].lines:
            yield spoken.text(text).format(calcium=calcium)
