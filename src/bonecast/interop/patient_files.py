"""Reading the files that hold a record: TOML, a FHIR R4 Bundle in JSON, or a CSV with a row for each person."""

from __future__ import annotations

import datetime as dt
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from bonecast.core import (
    LARGEST_FILE,
    Faults,
    decoded,
    is_json,
    parse_json,
    parse_toml,
    read_bytes,
    read_text,
)
from bonecast.errors import InputError, printable
from bonecast.interop.fhir_bundle import raw_from_bundle
from bonecast.interop.fhir_input import people_of, resources_of_lines
from bonecast.records import Patient, RawRecord, Skipped, people_rows, raw_record, tables_in_row, validate

Tables = dict[str, Any]


@dataclass(frozen=True)
class ReadTables:
    """One record of a file, unchecked.

    Parameters
    ----------
    place : str
        Its place in the file.
    tables : Tables
        Its tables, as of a TOML record.
    skipped : tuple of Skipped
        What was passed over.
    faults : tuple of InputError
        What could not be read.
    """

    place: str
    tables: Tables
    skipped: tuple[Skipped, ...] = ()
    faults: tuple[InputError, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<ReadTables: {len(self.tables)} tables, {len(self.skipped)} skipped, {len(self.faults)} faults>"
        )


def read_patient(path: str | os.PathLike[str], today: dt.date | None = None) -> Patient:
    """Read and check the record of one person.

    Parameters
    ----------
    path : str or path
        A TOML record, or a FHIR R4 Bundle in JSON; which of the two is seen from its text.
    today : date, optional
        Last day that the record may bear; the computer's date by default.

    Returns
    -------
    Patient
        The checked record.

    Raises
    ------
    InputError
        If the file cannot be read.
    RecordError
        If its content cannot be used, with all `.faults`.

    Examples
    --------
    >>> read_patient("examples/late-dose.toml").last_dose("denosumab").date.isoformat()
    '2026-03-16'
    """
    place, file = printable(os.fspath(path), 120), Path(path)
    if file.suffix.casefold() == ".gz":
        return read_patient_bytes(read_bytes(file, place), place, today)
    return _read(read_text(file, place), file.suffix, place, today)


def read_patient_bytes(data: bytes, place: str, today: dt.date | None = None) -> Patient:
    """Read and check a record from the content of a file.

    Parameters
    ----------
    data : bytes
        The content.
    place : str
        Name of the file in errors.
    today : date, optional
        Last day that the record may bear; the computer's date by default.

    Returns
    -------
    Patient
        The checked record.

    Raises
    ------
    RecordError
        If its content cannot be used, with all `.faults`.
    """
    return _read(_decoded(data, place), Path(place.removesuffix(".gz")).suffix, place, today)


def read_tables(data: bytes, name: str) -> list[ReadTables]:
    """Read the records of a file, unchecked; `patient_of_tables` checks them.

    Parameters
    ----------
    data : bytes
        Content of a TOML file, a FHIR R4 Bundle in JSON, or a CSV of people.
    name : str
        Name of the file.

    Returns
    -------
    list of ReadTables
        One for each person.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    if len(data) > LARGEST_FILE:
        cause = f"the file has {len(data) / 1e6:.0f} MB"
        raise InputError(name, cause, f"a file has at most {LARGEST_FILE / 1e6:.0f} MB")
    text, suffix = _decoded(data, name), PurePath(name.removesuffix(".gz")).suffix.casefold()
    if suffix == ".csv":
        return [_of_row(row, place) for place, row in people_rows(text, name)]
    if _is_fhir(text, suffix):
        return [_of_bundle(name, one) for one in _contents(text, suffix, name)]
    faults = Faults()
    raw = raw_record(name, parse_toml(text, name), faults)
    return [ReadTables(name, _plain(_tables_of(raw)), raw.skipped, tuple(faults.kept))]


def _of_bundle(name: str, content: object) -> ReadTables:
    faults = Faults()
    raw = raw_from_bundle(name, content, faults)
    return ReadTables(name, _plain(_tables_of(raw)), raw.skipped, tuple(faults.kept))


def _read(text: str, suffix: str, place: str, today: dt.date | None) -> Patient:
    if _is_fhir(text, suffix.casefold()):
        people = _contents(text, suffix.casefold(), place)
        if len(people) > 1:
            cause = f"this NDJSON holds {len(people)} people"
            raise InputError(place, cause, "import it (each becomes a record), or split it by person")
        return patient_of_bundle(people[0], place, today)
    faults = Faults()
    raw = raw_record(place, parse_toml(text, place), faults)
    return validate(raw, today or dt.date.today(), faults)


def patient_of_bundle(content: object, place: str, today: dt.date | None = None) -> Patient:
    """The checked record in a parsed FHIR Bundle. Raises RecordError with all that is wrong with it."""
    faults = Faults()
    raw = raw_from_bundle(place, content, faults, today)
    return validate(raw, today or dt.date.today(), faults)


def fhir_contents(data: bytes, name: str) -> list[object]:
    """The parsed Bundles of a FHIR file, packed or not: one for each person of a bulk export, else one."""
    text, suffix = _decoded(data, name), PurePath(name.removesuffix(".gz")).suffix.casefold()
    if not _is_fhir(text, suffix):
        hint = "name a FHIR R4 Bundle in JSON, or a bulk export (.ndjson)"
        raise InputError(name, "this is neither JSON nor NDJSON", hint)
    return _contents(text, suffix, name)


def _is_fhir(text: str, suffix: str) -> bool:
    return suffix == ".ndjson" or is_json(text, suffix)


def _contents(text: str, suffix: str, name: str) -> list[object]:
    if suffix != ".ndjson" and not _is_lines(text, suffix):
        return [parse_json(text, name)]
    return [*people_of(resources_of_lines(text, name))]


def _is_lines(text: str, suffix: str) -> bool:
    """Is this NDJSON under another name: a whole object on the first line, and more after it?"""
    first, _, rest = text.strip().partition("\n")
    return suffix in (".json", ".jsonl") and rest.lstrip().startswith("{") and first.rstrip().endswith("}")


def _decoded(data: bytes, place: str) -> str:
    """The text of a file, unpacked where it is packed by gzip; no larger than a file may be."""
    if not data.startswith(b"\x1f\x8b"):
        return decoded(data, place)
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(data, LARGEST_FILE + 1)
    except zlib.error:
        raise InputError(place, "this is not a gzip file", "pack it again, or send it unpacked") from None
    if len(content) > LARGEST_FILE:
        cause = f"the file has more than {LARGEST_FILE / 1e6:.0f} MB unpacked"
        raise InputError(place, cause, "split it")
    return decoded(content, place)


def _of_row(row: Mapping[str, str], place: str) -> ReadTables:
    faults = Faults()
    tables = tables_in_row(row, place, faults)
    return ReadTables(place, tables, (), tuple(faults.kept))


def _tables_of(raw: RawRecord) -> Tables:
    return {
        "person": raw.person,
        "doses": [lines for _, lines in raw.doses],
        "measurements": [lines for _, lines in raw.measurements],
        "fractures": [lines for _, lines in raw.fractures],
    }


def _plain(value: Any) -> Any:
    """The value as JSON holds it: dates and times as ISO text."""
    if isinstance(value, dict):
        return {str(key): _plain(of) for key, of in value.items()}
    if isinstance(value, list):
        return [_plain(of) for of in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value
