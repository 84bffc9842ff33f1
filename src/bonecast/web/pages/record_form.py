"""From a posted form to the tables of a record and back, and each fault of the record to its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bonecast.core import RecordError
from bonecast.errors import InputError
from bonecast.web.pages.record_fields import ENTRIES, fields_of_person
from bonecast.web.store.merge import KEY, Record

Values = dict[str, str]  # what each field of the form holds, by its name ("doses-0-date")
MOST = 5_000  # entries of one list, as a record has at most
_NAME = re.compile(r"(?P<table>doses|measurements|fractures)-(?P<row>\d{1,5})-(?P<key>[a-z_]+)")
_PLACE = re.compile(r"(?P<entry>dose|measurement|fracture) (?P<row>\d+)(?:, (?P<key>\w+))?$")
_MISSING = re.compile(r"(?P<key>\w+) is missing")


def record_of(values: Mapping[str, str]) -> Record:
    """The record that the form states: empty fields say nothing, removed and empty rows are left out."""
    kinds = {field.key: field.kind for field in fields_of_person()}
    person = {
        key: typed(values[f"person-{key}"], kind)
        for key, kind in kinds.items()
        if values.get(f"person-{key}", "").strip()
    }
    return {"person": person, **{table: [entry for _, entry in _entries(values, table)] for table in ENTRIES}}


def values_of(record: Record) -> Values:
    """What the fields of the form hold for this record."""
    values = {f"person-{key}": _shown(value) for key, value in record.get("person", {}).items()}
    for table in ENTRIES:
        for row, entry in enumerate(record.get(table, [])):
            values |= {f"{table}-{row}-{key}": _shown(value) for key, value in entry.items()}
    return values


def rows(values: Mapping[str, str], table: str) -> list[int]:
    """The numbers of the rows of this list that the form has, in order."""
    found = {int(name["row"]) for name in map(_NAME.fullmatch, values) if name and name["table"] == table}
    return sorted(found)[:MOST]


def with_row(values: Values, table: str) -> Values:
    """The form with one more empty row in this list."""
    row = max(rows(values, table), default=-1) + 1
    return {**values, f"{table}-{row}-{KEY}": ""}


def faults_of(error: InputError, values: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong, by the name of the field it belongs to; "" holds what belongs to none."""
    found: dict[str, list[str]] = {}
    for fault in error.faults if isinstance(error, RecordError) else (error,):
        said = fault.cause + (f"; {fault.hint}" if fault.hint else "") + "."
        found.setdefault(_field(fault, values), []).append(said[0].upper() + said[1:])
    return found


def _field(fault: InputError, values: Mapping[str, str]) -> str:
    """The name of the field at which this fault stands."""
    missing = _MISSING.match(fault.cause)
    place = _PLACE.search(fault.place)
    if place is not None:
        table = f"{place['entry']}s"
        kept = [row for row, _ in _entries(values, table)]
        if int(place["row"]) > len(kept):
            return ""
        key = place["key"] or (missing["key"] if missing else ENTRIES[table][0].key)
        return f"{table}-{kept[int(place['row']) - 1]}-{key}"
    if ", person" in fault.place:
        key = fault.place.rpartition(", ")[2]
        key = missing["key"] if key == "person" and missing else key
        return f"person-{key}" if key in {field.key for field in fields_of_person()} else ""
    return ""


def _entries(values: Mapping[str, str], table: str) -> Iterable[tuple[int, dict[str, Any]]]:
    """The rows that say something and are not removed, with their numbers."""
    fields = ENTRIES[table]
    for row in rows(values, table):
        prefix = f"{table}-{row}-"
        entry: dict[str, Any] = {
            field.key: typed(values[prefix + field.key], field.kind)
            for field in fields
            if values.get(prefix + field.key, "").strip()
        }
        if entry and not values.get(f"{prefix}remove"):
            key = values.get(prefix + KEY, "")
            yield row, {KEY: key, **entry} if key else entry


def typed(text: str, kind: str) -> Any:
    """A field as a record file would hold it; what does not fit is passed on, for the record says what is wrong."""
    said = text.strip()
    match kind:
        case "yes-no":
            return {"true": True, "false": False}.get(said, said)
        case "count":
            return int(said) if said.isdecimal() and len(said) < 10 else said
        case "number":
            try:
                return float(said)
            except ValueError:
                return said
    return said


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
