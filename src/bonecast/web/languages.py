"""The language of the pages: as it was chosen on one of them, else that of the clinic, else as the browser asks.

What programs read (the API, CDS Hooks, FHIR) stays in English.
"""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection
from starlette.types import Scope

from bonecast.core import ENGLISH, languages

COOKIE = "bonecast-language"
_PROGRAMS = ("/api/", "/cds-services", "/health", "/static/")
_ASKED = re.compile(r"\s*([a-z]{2,3})(?:-\w+)*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE)


def asked_language(scope: Scope, clinic: str = "") -> str:
    """The code of the language in which this request is answered: as it was chosen on a page, else that of the clinic,
    else as the browser asks; English where none that is asked for is there.
    """
    if not is_page(scope):
        return ENGLISH
    asked = HTTPConnection(scope)
    chosen = asked.cookies.get(COOKIE, "")
    chosen = chosen if chosen in languages() else clinic
    return chosen if chosen in languages() else accepted(asked.headers.get("accept-language", ""))


def is_page(scope: Scope) -> bool:
    """Is this asked for by people, and not by programs?"""
    return not scope["path"].startswith(_PROGRAMS)


def accepted(header: str) -> str:
    """The language that a browser likes best among those that there are.

    >>> accepted("fr, es-MX;q=0.8, en;q=0.3"), accepted("de, *;q=0.5"), accepted("")
    ('es', 'de', 'en')
    """
    liked = [found for part in header[:1000].split(",") if (found := _ASKED.fullmatch(part))]
    liked.sort(key=lambda found: -float(found[2] or 1))
    codes = (found[1].lower() for found in liked if float(found[2] or 1) > 0)
    return next((code for code in codes if code in languages()), ENGLISH)
