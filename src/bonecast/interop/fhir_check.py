"""What of a FHIR file was read as what, what was not and why, and what that leaves open: the sheet of an integrator."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from bonecast.care import Check, Question, check, facts_of_test, plain
from bonecast.core import DISCLAIMER, Faults, RecordError, read_bytes
from bonecast.errors import InputError, printable
from bonecast.interop.fhir_bundle import WHOLE, BundleReading, read_bundle
from bonecast.interop.fhir_observation import UnreadError, named, parts_of
from bonecast.interop.fhir_references import Placed
from bonecast.interop.fhir_resources import Observation
from bonecast.interop.patient_files import fhir_contents
from bonecast.records import UNUSABLE, Patient, Skipped, validate

EntryOutcome = Literal["read", "read in part", "not needed", "not usable"]
ENTRY_OUTCOMES: tuple[EntryOutcome, ...] = ("read", "read in part", "not needed", "not usable")
LONGEST_WORDS = 160  # characters of what one entry was read as


@dataclass(frozen=True)
class EntryReading:
    """What was made of one entry of a FHIR file.

    Parameters
    ----------
    place : str
        Where it stands, such as "entry 3 (Observation)".
    outcome : str
        One of `ENTRY_OUTCOMES`: "not needed" says nothing that a record holds, or what another entry says; "not
        usable" may say something that was not understood.
    read_as : tuple of str
        What it says of the person, in words.
    reasons : tuple of str
        Notes, and why it or a part of it was not read.
    facts : tuple of str
        Variables of the rules on which it would have borne; only where it is not usable.
    """

    place: str
    outcome: EntryOutcome
    read_as: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenQuestion:
    """A question of the check of the next injection, with the entries that would have answered it.

    Parameters
    ----------
    text : str
        The question.
    facts : tuple of str
        Variables that answer it.
    rules : tuple of str
        Rules that wait for it.
    entries : tuple of str
        Places of the entries that are not usable and bear on it; empty where nothing in the file does.
    """

    text: str
    facts: tuple[str, ...]
    rules: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class PersonReading:
    """What of a file is about one person.

    Parameters
    ----------
    person : str
        Id.
    record_date : str
        Day of the record.
    entries : tuple of EntryReading
        Every entry in the order of the file.
    notes : tuple of str
        What is said of the Bundle itself, such as where the day of the record is from.
    patient : Patient, optional
        The record; None where it cannot be used.
    faults : tuple of InputError
        Why it cannot be used.
    check : Check, optional
        Check of the next injection by this record.
    """

    person: str
    record_date: str
    entries: tuple[EntryReading, ...]
    notes: tuple[str, ...]
    patient: Patient | None
    faults: tuple[InputError, ...]
    check: Check | None

    def __repr__(self) -> str:
        return f"<PersonReading: {len(self.entries)} entries, {len(self.faults)} faults>"

    @property
    def counts(self) -> dict[EntryOutcome, int]:
        """How many entries have each outcome?"""
        outcomes = [one.outcome for one in self.entries]
        return {name: outcomes.count(name) for name in ENTRY_OUTCOMES}

    @property
    def doses_open(self) -> tuple[str, ...]:
        """Places of the entries that may be an injection and were not understood."""
        skipped = self.patient.skipped if self.patient is not None else ()
        return tuple(dict.fromkeys(one.place for one in skipped if one.is_drug))

    @property
    def questions(self) -> tuple[OpenQuestion, ...]:
        """What the check still asks, first what an entry of the file would have answered."""
        asked = self.check.questions if self.check is not None else ()
        found = [_open_question(one, self.entries) for one in asked]
        return tuple(sorted(found, key=lambda one: not one.entries))


@dataclass(frozen=True)
class FileReading:
    """What was read of a FHIR file.

    Parameters
    ----------
    file : str
        Its name.
    people : tuple of PersonReading
        One for each person: several only in a bulk export.
    """

    file: str
    people: tuple[PersonReading, ...]

    def __repr__(self) -> str:
        return f"<FileReading: {len(self.people)} people>"

    @property
    def faults(self) -> tuple[InputError, ...]:
        """Why a record of it cannot be used; empty where each can."""
        return tuple(fault for person in self.people for fault in person.faults)

    def to_dict(self) -> dict[str, Any]:
        """All of it as data for JSON."""
        return {
            "file": self.file,
            "people": [_person_data(person) for person in self.people],
            "standing": DISCLAIMER,
        }


def check_fhir(path: str | os.PathLike[str], today: dt.date | None = None) -> FileReading:
    """Read a FHIR file and say of each entry what was made of it.

    Parameters
    ----------
    path : str or path
        A FHIR R4 Bundle or resource in JSON, or a bulk export in NDJSON, packed by gzip or not.
    today : date, optional
        Last day that the record may bear; the computer's date by default.

    Returns
    -------
    FileReading
        Each person with each entry; a record that cannot be used has `faults`.

    Raises
    ------
    InputError
        If the file cannot be opened, or is not FHIR R4.

    Examples
    --------
    >>> found = check_fhir("examples/late-dose.fhir.json").people[0]
    >>> found.entries[0].read_as, found.counts["not usable"]
    (('example-late-dose, female, born 1955-03-09',), 0)
    """
    place = printable(os.fspath(path), 120)
    contents = fhir_contents(read_bytes(Path(path), place), place)
    day = today or dt.date.today()
    return FileReading(place, tuple(_person_of(place, one, day) for one in contents))


def _person_of(file: str, content: object, today: dt.date) -> PersonReading:
    faults = Faults()
    found = read_bundle(file, content, faults, today)
    skipped: tuple[Skipped, ...] = found.raw.skipped
    patient: Patient | None = None
    if not faults.found:  # without a person, that is the fault, and not each key that is missing
        with suppress(RecordError):  # the faults are kept
            patient = validate(found.raw, today, faults)
            skipped = patient.skipped
    person = found.raw.person if isinstance(found.raw.person, dict) else {}
    return PersonReading(
        str(person.get("id", "without an id")),
        str(person.get("record_date", "")),
        tuple(_entries(file, found, [one for one in skipped if one.place != WHOLE])),
        tuple(one.reason for one in skipped if one.place == WHOLE),
        patient,
        tuple(faults.kept),
        check(patient) if patient is not None else None,
    )


def _entries(file: str, found: BundleReading, skipped: Iterable[Skipped]) -> Iterator[EntryReading]:
    """Each entry of the Bundle, then what was passed over before it became one."""
    by_place: dict[str, Placed | None] = {entry.place: entry for entry in found.entries}
    read_as: dict[str, list[str]] = {}
    for place, words in _read_as(found):
        read_as.setdefault(_entry_in(place, by_place), []).append(words)
    passed_over: dict[str, list[Skipped]] = {}
    for one in skipped:
        place = one.place.removeprefix(f"{file}, ")
        passed_over.setdefault(_entry_in(place, by_place), []).append(one)
    for place in [*by_place, *(one for one in passed_over if one not in by_place)]:
        words, reasons = read_as.get(place, []), passed_over.get(place, [])
        unusable = any(map(_is_lost, reasons))
        outcome: EntryOutcome = (
            ("read in part" if reasons else "read") if words else ("not usable" if unusable else "not needed")
        )
        yield EntryReading(
            place,
            outcome,
            tuple(dict.fromkeys(words)),
            tuple(dict.fromkeys(one.reason for one in reasons)),
            _facts_lost(by_place.get(place), {one.place for one in reasons if _is_lost(one)}),
        )


def _is_lost(one: Skipped) -> bool:
    return one.is_drug or one.reason.startswith(UNUSABLE)


def _entry_in(place: str, entries: Mapping[str, Placed | None]) -> str:
    """The entry to which a place belongs, such as that of a component; the place itself where there is none."""
    while place not in entries:
        shorter = place.rpartition(", ")[0]
        if not shorter:
            return place
        place = shorter
    return place


def _read_as(found: BundleReading) -> Iterator[tuple[str, str]]:
    """What each place says, in words."""
    raw, person = found.raw, found.raw.person if isinstance(found.raw.person, dict) else {}
    if "id" in person:
        named_as = [person["id"], person.get("sex"), _labelled("born", person.get("birth_date"))]
        named_as.append(_labelled("died", person.get("death_date")))
        yield raw.person_place, printable(", ".join(str(one) for one in named_as if one), LONGEST_WORDS)
    for place, lines in raw.doses:
        yield place, _dose(_lines(lines))
    for place, lines in raw.measurements:
        yield place, _result(_lines(lines))
    for place, key in {**{(of, key): None for key, of in found.places.items()}, **dict.fromkeys(found.also)}:
        if key in person:
            yield place, f"{key} = {_said(person[key])}"
        elif " " in key:
            yield place, key


def _lines(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _labelled(label: str, value: object) -> str:
    return f"{label} {value}" if value else ""


def _said(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else printable(value)


def _dose(lines: dict[str, Any]) -> str:
    what = f"{lines.get('drug')} {lines.get('amount')}"
    if "date" in lines:
        return printable(f"dose: {what} on {lines['date']}", LONGEST_WORDS)
    to = f" to {lines['to']}" if lines.get("to") else ""
    return printable(f"course: {what} every {lines.get('every')} from {lines.get('from')}{to}", LONGEST_WORDS)


def _result(lines: dict[str, Any]) -> str:
    site = f" of the {lines['site']}" if lines.get("site") else ""
    score = f", T-score {lines['t_score']:g}" if lines.get("t_score") is not None else ""
    return printable(
        f"{lines.get('test')}{site}: {lines.get('value')} on {lines.get('date')}{score}", LONGEST_WORDS
    )


def _facts_lost(entry: Placed | None, places: set[str]) -> tuple[str, ...]:
    """The variables that the unusable parts of an entry would have given."""
    if entry is None or entry.kind != "Observation" or not places:
        return ()
    try:
        parts = parts_of(Observation.model_validate(entry.resource))
    except ValidationError:
        return ()
    found: list[str] = []
    for inside, part in parts:
        if not any(place.endswith(entry.place + inside) for place in places):
            continue
        with suppress(UnreadError):
            kind, name = named(part.code)
            tests = {"t_score": "BMD", "at_dialysis": ""}.get(kind, name)
            found += [name] if kind in ("fact", "hcg") else facts_of_test(tests)
    return tuple(dict.fromkeys(found))


def _open_question(question: Question, entries: Iterable[EntryReading]) -> OpenQuestion:
    asked = set(question.facts)
    bearing = tuple(one.place for one in entries if asked & set(one.facts))
    return OpenQuestion(question.text, question.facts, question.rules, bearing)


def _person_data(found: PersonReading) -> dict[str, Any]:
    return {
        "person": found.person,
        "record_date": found.record_date,
        "usable": not found.faults,
        "notes": list(found.notes),
        "faults": [str(fault) for fault in found.faults],
        "counts": {name.replace(" ", "_"): count for name, count in found.counts.items()},
        "entries": [plain(one) for one in found.entries],
        "left_open": {
            "state": found.check.state if found.check is not None else None,
            "jurisdiction": found.check.jurisdiction if found.check is not None else None,
            "doses": list(found.doses_open),
            "questions": [plain(one) for one in found.questions],
        },
    }
