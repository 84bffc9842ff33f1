"""Charts in a page: their specifications as a block of data that no browser runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.records import Patient
from bonecast.web.jobs.content import spec_texts
from bonecast.web.store import StoredPerson, people


def inline(charts: Iterable[Mapping[str, Any]]) -> Markup:
    """The specifications of these charts by key, as text that is safe inside a script element.

    >>> inline([{"key": "a", "spec": '{"title":"</script>"}'}])
    Markup('{"a":{"title":"\\\\u003c/script>"}}')
    """
    return Markup(spec_texts(charts).replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def patient_of(stored: StoredPerson) -> Patient:
    """The record, checked. Raises RecordError where it cannot be used."""
    return people.patient(stored)


def number_of(text: str, place: str) -> int:
    """A whole number in an address. Raises InputError."""
    if not text.isdecimal() or len(text) > 6:
        raise InputError(place, gettext("it is not a number"), gettext("open the page again"))
    return int(text)
