"""Names, ids and birth dates as they are searched by: without accents and case, and a date in any usual order."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from contextlib import suppress

# Letters that do not fall apart into a plain one and an accent.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_YEAR_FIRST = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")


def folded(text: str) -> str:
    """A text without case and accents.

    >>> folded("Zoë ŁUKASIEWICZ-Müller")
    'zoe lukasiewicz-muller'
    """
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(one for one in apart if not unicodedata.combining(one))


def words_of(search: str) -> list[str]:
    """The words of a search, at most ten.

    >>> words_of("  José  9.3.1955 ")
    ['jose', '9.3.1955']
    """
    plain = "".join(one if one.isprintable() else " " for one in search)
    return folded(plain).split()[:10]


def days_in(word: str) -> set[dt.date]:
    """The days that a word may mean; day and month in either order where the year is last.

    >>> sorted(map(str, days_in("3/9/1955")))
    ['1955-03-09', '1955-09-03']
    """
    if found := _YEAR_FIRST.fullmatch(word):
        orders = [(found[1], found[2], found[3])]
    elif found := _YEAR_LAST.fullmatch(word):
        orders = [(found[3], found[2], found[1]), (found[3], found[1], found[2])]
    else:
        return set()
    days = set()
    for year, month, day in orders:
        with suppress(ValueError):
            days.add(dt.date(int(year), int(month), int(day)))
    return days
