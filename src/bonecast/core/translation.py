"""One catalogue of messages for each language (`languages/CODE.po`), for pages, reports and leaflets.

English is the source text itself. A text that a catalogue lacks stays English: nothing fails before a patient.
`tools/catalogues.py` gathers the texts into the catalogues.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from bonecast.core.practice import current_practice
from bonecast.errors import UnknownName

ENGLISH = "en"
_code: ContextVar[str] = ContextVar("language", default=ENGLISH)
_on_pages: ContextVar[bool] = ContextVar("on pages", default=False)


@dataclass(frozen=True)
class Language:
    """One language: its code, and what gives each text, each plural, each date and each number in it.

    Parameters
    ----------
    code : str
        Language code.
    text : callable
        A translated text, by the English one.
    date : callable
        A day in words.
    number : callable
        A number to three digits.
    plural : callable
        A translated text by number, from the English ones for one and for more.
    decimal : str
        Decimal sign.
    short_date : callable
        A day as a cell of a table has it.
    """

    code: str
    text: Callable[[str], str]
    date: Callable[[dt.date], str]
    number: Callable[[float], str] = "{:.3g}".format
    plural: Callable[[str, str, int], str] = lambda one, many, count: one if count == 1 else many
    decimal: str = "."
    short_date: Callable[[dt.date], str] = lambda day: f"{day.day} {day:%b %Y}"


@cache
def languages() -> tuple[str, ...]:
    """List the languages that there is a catalogue of.

    Returns
    -------
    tuple of str
        Language codes, English first.

    Examples
    --------
    >>> languages()
    ('en', 'de', 'es')
    """
    catalogues = (file.name for file in (files("bonecast") / "languages").iterdir())
    return (ENGLISH, *sorted(name.removesuffix(".po") for name in catalogues if name.endswith(".po")))


@cache
def language(code: str = ENGLISH) -> Language:
    """Load a language.

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
        If there is no catalogue of it; the error lists the codes.

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
    from babel.numbers import format_decimal, get_decimal_symbol

    with (files("bonecast") / "languages" / f"{code}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=code)
    texts: dict[str, str] = {}
    plurals: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in catalogue:
        if isinstance(message.id, list | tuple):
            if all(message.string or ("",)):
                plurals[message.id[0], message.id[1]] = tuple(map(str, message.string or ()))
        elif message.id and message.string:
            texts[message.id] = str(message.string)

    def plural(one: str, many: str, count: int) -> str:
        forms = plurals.get((one, many), (one, many))
        return forms[min(len(forms) - 1, 0 if count == 1 else 1)]

    return Language(
        code,
        lambda text: texts.get(text, text),
        lambda day: format_date(day, "long", code),
        lambda number: format_decimal(float(f"{number:.3g}"), locale=code, group_separator=False),
        plural,
        get_decimal_symbol(code),
        lambda day: format_date(day, "medium", code),
    )


def current_language() -> Language:
    """Give the language in which texts are written at present.

    Returns
    -------
    Language
        That of `speaking`; English outside it.
    """
    practice = current_practice()
    return _in_format(_code.get(), practice.date_format, practice.decimal)


_DAYS = {"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y", "dots": "%d.%m.%Y", "iso": "%Y-%m-%d"}


@cache
def _in_format(code: str, date_format: str, decimal: str) -> Language:
    """The language with the formats that a clinic has set."""
    found = language(code)
    if date_format in _DAYS:

        def written(day: dt.date) -> str:
            return day.strftime(_DAYS[date_format])

        found = replace(found, date=written, short_date=written)
    if decimal and decimal != found.decimal:
        number, other = found.number, found.decimal
        found = replace(found, decimal=decimal, number=lambda value: number(value).replace(other, decimal))
    return found


@contextmanager
def speaking(code: str, on_pages: bool = False) -> Iterator[None]:
    """Write texts in this language.

    Parameters
    ----------
    code : str
        Language code.
    on_pages : bool
        Whether people read them on pages: English days are then in words too.

    Yields
    ------
    None

    Raises
    ------
    UnknownName
        If there is no catalogue of it.

    Examples
    --------
    >>> with speaking("es"):
    ...     print(gettext("kidneys"))
    riñones
    """
    token, pages = _code.set(language(code).code), _on_pages.set(on_pages)
    try:
        yield
    finally:
        _code.reset(token)
        _on_pages.reset(pages)


def gettext(text: str, /, **values: Any) -> str:
    """Translate a text of the catalogue, then fill its places in braces.

    Parameters
    ----------
    text : str
        English text, the same as in the source: what is not in the catalogue stays English.
    **values : object
        What stands in its places, by name; without any, braces stay as they are.

    Returns
    -------
    str
        Text in the language of `speaking`.

    Examples
    --------
    >>> gettext("{count} days", count=3)
    '3 days'
    """
    said = current_language().text(text)
    return _filled.format(said, **values) if values else said


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """Translate a text by number, then fill its places; `{count}` is the number.

    Parameters
    ----------
    one, many : str
        English text for one, and for more or none.
    count : int
        The number.
    **values : object
        What stands in its other places, by name.

    Returns
    -------
    str
        Text in the language of `speaking`.

    Examples
    --------
    >>> ngettext("{count} day", "{count} days", 1)
    '1 day'
    """
    return _filled.format(current_language().plural(one, many, count), count=count, **values)


class _Filled(Formatter):
    """Fills places: a fraction with the decimal sign of the language, a day as it is written there.

    English keeps the ISO form of a day, which sorts, and which programs read from forecast.json, but on pages.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        spoken = current_language()
        if isinstance(value, float):
            return super().format_field(value, format_spec).replace(".", spoken.decimal)
        if isinstance(value, dt.date) and not format_spec and (spoken.code != ENGLISH or _on_pages.get()):
            return spoken.date(value)
        return super().format_field(value, format_spec)


_filled = _Filled()


def template_environment(loader: Any = None) -> Any:
    """Make the Jinja environment of pages and papers, whose texts are said in the language of `speaking`.

    Templates have `_()` and `{% trans %}` for texts of their own, whose markup is kept, the filter `tr` for a text that
    comes from a table, and `language()`. All values are escaped, and a name that is not there is an error.

    Parameters
    ----------
    loader : jinja2.BaseLoader, optional
        Where templates are looked up by name.

    Returns
    -------
    jinja2.Environment
        The environment.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        lambda text: current_language().text(text),
        lambda one, many, count: current_language().plural(one, many, count),
        newstyle=True,
    )
    environment.globals["language"] = current_language
    environment.filters["tr"] = lambda text: gettext(text) if isinstance(text, str) else text
    return environment
