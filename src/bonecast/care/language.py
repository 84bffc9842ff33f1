"""The languages of the leaflet: one gettext catalogue each (`languages/CODE.po`); English is the text itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.errors import UnknownName

ENGLISH = "en"


@dataclass(frozen=True)
class Language:
    """One language: its code, and what gives each text, each date and each number in it."""

    code: str
    text: Callable[[str], str]
    date: Callable[[dt.date], str]
    number: Callable[[float], str] = "{:.3g}".format


def languages() -> tuple[str, ...]:
    """List the languages that the leaflet is available in.

    Returns
    -------
    tuple of str
        Language codes, English first.

    Examples
    --------
    >>> languages()
    ('en', 'es')
    """
    catalogues = (file.name for file in (files("bonecast.care") / "languages").iterdir())
    return (ENGLISH, *sorted(name.removesuffix(".po") for name in catalogues if name.endswith(".po")))


@cache
def language(code: str = ENGLISH) -> Language:
    """Load a language of the leaflet.

    Parameters
    ----------
    code : str
        Language code.

    Returns
    -------
    Language
        Texts, dates and numbers in this language.

    Raises
    ------
    UnknownName
        If the leaflet is not available in it; the error lists the codes.

    Examples
    --------
    >>> language("es").date(dt.date(2026, 9, 8))
    '8 de septiembre de 2026'
    """
    if code not in languages():
        raise UnknownName("--language", "language", code, languages())
    if code == ENGLISH:
        return Language(ENGLISH, str, lambda day: f"{day.day} {day:%B %Y}")
    from babel.dates import format_date
    from babel.messages.pofile import read_po
    from babel.numbers import format_decimal

    with (files("bonecast.care") / "languages" / f"{code}.po").open("rb") as stream:
        found = {str(m.id): str(m.string) for m in read_po(stream, locale=code) if m.id and m.string}
    # a text that the catalogue lacks stays English rather than fail before a patient; the tests find it
    return Language(
        code,
        lambda text: found.get(text, text),
        lambda day: format_date(day, "long", code),
        lambda number: format_decimal(float(f"{number:.3g}"), locale=code, group_separator=False),
    )
