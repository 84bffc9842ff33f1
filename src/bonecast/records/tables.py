"""A record as tables of plain values, whatever file it came in: what a database keeps and a form shows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bonecast.core import LARGEST_FILE, Faults, decoded, is_json, parse_json, parse_toml
from bonecast.errors import InputError
from bonecast.interop.fhir_bundle import raw_from_bundle
from bonecast.records.file_format import RawRecord, raw_record
from bonecast.records.patient import Patient, Skipped
from bonecast.records.people_table import people_rows, tables_in_row
from bonecast.records.validation import validate

Tables = dict[str, Any]


@dataclass(frozen=True)
class ReadTables:
    """One record of a file: its place there, its tables, and what was passed over or could not be read."""

    place: str
    tables: Tables
    skipped: tuple[Skipped, ...] = ()
    faults: tuple[InputError, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<ReadTables: {len(self.tables)} tables, {len(self.skipped)} skipped, {len(self.faults)} faults>"
        )


def patient_of_tables(
    tables: Mapping[str, Any], place: str = "record", today: dt.date | None = None
) -> Patient:
    """Who is in these tables, which are laid out as a TOML record? Dates may be ISO text.

    Raises RecordError with all `.faults` where they cannot be used.

    >>> her = {"id": "A", "sex": "female", "birth_date": "1955-03-09", "record_date": "2026-09-15", "weight": "61 kg"}
    >>> patient_of_tables({"person": her}).age
    71
    """
    faults = Faults()
    return validate(raw_record(place, dict(tables), faults), today or dt.date.today(), faults)


def read_tables(data: bytes, name: str) -> list[ReadTables]:
    """The records of a file with this content and name: TOML, a FHIR R4 Bundle in JSON, or a CSV of people.

    The records are not checked yet: `patient_of_tables` does. Raises InputError where the file cannot be read.
    """
    if len(data) > LARGEST_FILE:
        cause = f"the file has {len(data) / 1e6:.0f} MB"
        raise InputError(name, cause, f"a file has at most {LARGEST_FILE / 1e6:.0f} MB")
    text, suffix = decoded(data, name), PurePath(name).suffix.casefold()
    if suffix == ".csv":
        return [_of_row(row, place) for place, row in people_rows(text, name)]
    faults = Faults()
    if is_json(text, suffix):
        raw = raw_from_bundle(name, parse_json(text, name), faults)
    else:
        raw = raw_record(name, parse_toml(text, name), faults)
    return [ReadTables(name, _plain(_tables_of(raw)), raw.skipped, tuple(faults.kept))]


def toml_of(tables: Mapping[str, Any]) -> str:
    """The tables as the text of a record file, which `read_patient` reads.

    >>> print(toml_of({"person": {"id": "A", "record_date": "2026-09-15"}, "doses": [{"drug": "denosumab"}]}))
    [person]
    id = "A"
    record_date = "2026-09-15"
    <BLANKLINE>
    [[doses]]
    drug = "denosumab"
    <BLANKLINE>
    """
    parts = ["[person]\n" + _lines(tables.get("person", {}))]
    for name in ("doses", "measurements"):
        parts += [f"[[{name}]]\n" + _lines(entry) for entry in tables.get(name, [])]
    return "\n".join(parts)


def _lines(table: Mapping[str, Any]) -> str:
    # JSON writes text, numbers, true and false as TOML does; a control character in text is escaped alike.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items())


def _of_row(row: Mapping[str, str], place: str) -> ReadTables:
    faults = Faults()
    tables = tables_in_row(row, place, faults)
    return ReadTables(place, tables, (), tuple(faults.kept))


def _tables_of(raw: RawRecord) -> Tables:
    return {
        "person": raw.person,
        "doses": [lines for _, lines in raw.doses],
        "measurements": [lines for _, lines in raw.measurements],
    }


def _plain(value: Any) -> Any:
    """The value as JSON holds it: dates and times as ISO text."""
    if isinstance(value, dict):
        return {str(key): _plain(of) for key, of in value.items()}
    if isinstance(value, list):
        return [_plain(of) for of in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value
