"""A letter: the sender, the person and a filled template; many of them as one PDF file, each on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bonecast.core import DISCLAIMER, current_language, gettext
from bonecast.papers.templates import filled
from bonecast.papers.typesetting import typeset
from bonecast.records import Patient

BLANK = "______________________"  # where the clinic has not said what stands there


@dataclass(frozen=True)
class Sender:
    """The clinic that writes.

    Parameters
    ----------
    name : str
        Name of the clinic.
    phone : str
        Its phone number.
    address : str
        Its address, the lines with commas between them.
    """

    name: str = ""
    phone: str = ""
    address: str = ""

    @property
    def lines(self) -> list[str]:
        """What stands at the head of a letter."""
        return [line for line in (self.name, *address_lines(self.address), self.phone) if line]

    @property
    def fields(self) -> dict[str, str]:
        """What a template may name of it; a line to write on where nothing is known."""
        return {"clinic": self.name or BLANK, "phone": self.phone or BLANK}


@dataclass(frozen=True)
class Letter:
    """One letter, filled.

    Parameters
    ----------
    title : str
        Its title.
    body : str
        The paragraphs, parted by empty lines; lines that begin with "- " are a list.
    about : str
        Who it is about, in a line.
    address : tuple of str
        The lines in the window.
    sender : tuple of str
        The lines of the clinic.
    date : str
        The day, in words.
    state : str
        The state of the check behind it, and who overrode a finding.
    dates : tuple of (str, str)
        Days and what is done on them, in a table below the text.
    """

    title: str
    body: str
    about: str
    address: tuple[str, ...]
    sender: tuple[str, ...]
    date: str
    state: str
    dates: tuple[tuple[str, str], ...] = ()

    def content(self) -> dict[str, Any]:
        """The letter as the sheet takes it."""
        return {
            "title": self.title,
            "about": self.about,
            "address": list(self.address),
            "sender": list(self.sender),
            "date": self.date,
            "state": self.state,
            "blocks": list(_blocks(self.body)),
            "dates": [list(row) for row in self.dates],
            "dates_title": gettext("Next dates"),
            "dates_heads": [gettext("Day"), gettext("What")],
        }


def write_letter(
    template: str,
    values: Mapping[str, Any],
    patient: Patient,
    sender: Sender,
    state: str,
    dates: Iterable[tuple[str, str]] = (),
    to: Iterable[str] | None = None,
) -> Letter:
    """Fill a template for a person.

    Parameters
    ----------
    template : str
        A checked template (`check_template`).
    values : mapping of str to object
        The fields of its kind.
    patient : Patient
        The person.
    sender : Sender
        The clinic.
    state : str
        The state of the check, in words.
    dates : iterable of (str, str)
        Days and what is done on them.
    to : iterable of str, optional
        The lines of the address; those of the person by default.

    Returns
    -------
    Letter
        The letter.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> her = read_patient("examples/late-dose.toml")
    >>> write_letter("Hello\\n\\nDear {{name}}", {"name": "E. M."}, her, Sender("Clinic"), "Clear").body
    'Dear E. M.'
    """
    title, body = filled(template, values)
    tongue = current_language()
    name = patient.name or patient.id
    about = gettext(
        "{name}, born {born}, {id}", name=name, born=tongue.date(patient.birth_date), id=patient.id
    )
    address = to if to is not None else (name, *address_lines(patient.address or ""))
    day = tongue.date(patient.record_date)
    return Letter(title, body, about, tuple(address), tuple(sender.lines), day, state, tuple(dates))


def letters_pdf(letters: Iterable[Letter]) -> bytes:
    """Set letters as one PDF file.

    Parameters
    ----------
    letters : iterable of Letter
        In one language, that of `bonecast.core.speaking`.

    Returns
    -------
    bytes
        The PDF file.

    Raises
    ------
    InputError
        If the extra `pdf` is not installed.

    Examples
    --------
    >>> letters_pdf([Letter("Hello", "Dear E. M.", "", ("E. M.",), (), "", "Clear")])[:5]
    b'%PDF-'
    """
    content = {
        "lang": current_language().code,
        "title": gettext("Letters"),
        "standing": gettext(DISCLAIMER),
        "letters": [letter.content() for letter in letters],
    }
    return typeset("letters", content)


def address_lines(address: str) -> list[str]:
    """The lines of an address that is kept in one.

    >>> address_lines("12 High Street, Oxford,OX1 1AA")
    ['12 High Street', 'Oxford', 'OX1 1AA']
    """
    return [part.strip() for part in address.split(",") if part.strip()]


def _blocks(body: str) -> Iterable[tuple[str, list[str]]]:
    """Paragraphs and lists, in order."""
    for part in body.split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        while lines:
            listed = lines[0].startswith("- ")
            count = next(
                (i for i, line in enumerate(lines) if line.startswith("- ") is not listed), len(lines)
            )
            yield ("list" if listed else "text"), [line.removeprefix("- ") for line in lines[:count]]
            lines = lines[count:]
