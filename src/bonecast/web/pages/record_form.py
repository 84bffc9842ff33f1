"""From a posted form to the tables of a record and back, and each fault of the record to its field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bonecast.core import RecordError, gettext
from bonecast.errors import InputError
from bonecast.records import known_facts
from bonecast.web.pages import record_grid as grid
from bonecast.web.pages.record_fields import ENTRIES, fields_of_person
from bonecast.web.pages.record_grid import (
    RESULTS,
    SCANS,
    Values,
    decimal_point,
    grid_rows,
    grid_values,
    shown,
)
from bonecast.web.store.merge import KEY, Record

MOST = 5_000  # entries of one list, as a record has at most
EMPTY = {"doses": 2, "courses": 1, SCANS: 2, RESULTS: 3, "fractures": 1}  # rows that wait to be filled in
STEP_MONTHS = 6  # of the button for the next dose
_NAME = re.compile(r"(?P<table>doses|fractures)-(?P<row>\d{1,5})-(?P<key>[a-z_]+)")
_PLACE = re.compile(r"(?P<entry>dose|measurement|fracture) (?P<row>\d+)(?:, (?P<key>\w+))?$")
_WORDS = {"id", "name", *(key for key, fact in known_facts().items() if fact.kind == "text")}


def record_of(values: Values, base: Record | None = None) -> Record:
    """The record that the form states: empty fields say nothing, removed and empty rows are left out.

    base : the record that the form was made from; what the form does not show of a measurement stays as it is there.
    """
    kinds = {field.key: field.kind for field in fields_of_person()}
    person = {
        key: typed(values[f"person-{key}"], "words" if key in _WORDS else kind)
        for key, kind in kinds.items()
        if values.get(f"person-{key}", "").strip()
    }
    lists = {table: [entry for _, entry in _entries(values, table)] for table in ENTRIES}
    return {
        "person": person,
        **lists,
        "measurements": [one.content for one in grid.measurements(values, base)],
    }


def values_of(record: Record, remembered: Mapping[str, str] | None = None) -> Values:
    """What the fields of the form hold for this record."""
    values = {f"person-{key}": shown(value) for key, value in record.get("person", {}).items()}
    for table in ENTRIES:
        for row, entry in enumerate(record.get(table, [])):
            values |= {f"{table}-{row}-{key}": shown(value) for key, value in entry.items()}
    return values | grid_values(record, remembered)


def rows(values: Mapping[str, str], table: str) -> list[int]:
    """The numbers of the rows of this list or grid that the form has, in order.

    "courses" are the rows of the doses that say how often the drug is taken.
    """
    if table in (SCANS, RESULTS):
        return grid_rows(values, table)[:MOST]
    if table == "courses":
        return [row for row in rows(values, "doses") if f"doses-{row}-every" in values]
    found = {int(name["row"]) for name in map(_NAME.fullmatch, values) if name and name["table"] == table}
    return sorted(found)[:MOST]


def single_doses(values: Mapping[str, str]) -> list[int]:
    """The numbers of the rows of the doses that were given on one day."""
    courses = set(rows(values, "courses"))
    return [row for row in rows(values, "doses") if row not in courses]


def with_rows(values: Values, table: str, count: int = 1) -> Values:
    """The form with more empty rows in this list or grid."""
    listed = "doses" if table == "courses" else table
    first = max(rows(values, listed), default=-1) + 1
    field = {SCANS: "date", RESULTS: "date", "courses": "every"}.get(table, KEY)
    return values | {f"{listed}-{row}-{field}": "" for row in range(first, first + count)}


def with_empty_rows(values: Values) -> Values:
    """The form with the rows that wait to be filled in."""
    for table, count in EMPTY.items():
        values = with_rows(values, table, count)
    return values


def with_next_dose(values: Values) -> Values:
    """The form with one dose more: as the last one, six months later; an empty one where there is none with a day."""
    dated = [
        (day, row) for row in single_doses(values) if (day := values.get(f"doses-{row}-date", "").strip())
    ]
    if not dated:
        return with_rows(values, "doses")
    day, last = max(dated)
    filled = [row for row in single_doses(values) if values.get(f"doses-{row}-drug", "").strip()]
    free = [row for row in single_doses(values) if row > max(filled)]
    made = values if free else with_rows(values, "doses")
    row = free[0] if free else max(rows(made, "doses"))
    copied = {
        f"doses-{row}-{key}": values.get(f"doses-{last}-{key}", "") for key in ("drug", "amount", "product")
    }
    return made | copied | {f"doses-{row}-date": months_later(day, STEP_MONTHS)}


def months_later(day: str, months: int) -> str:
    """The same day of the month some months later, or the last one of that month; the text itself where it is no day.

    >>> months_later("2026-03-16", 6), months_later("2025-08-31", 6), months_later("soon", 6)
    ('2026-09-16', '2026-02-28', 'soon')
    """
    try:
        start = dt.date.fromisoformat(day)
    except ValueError:
        return day
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    after = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (after - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(start.day, last)).isoformat()


def faults_of(error: InputError, values: Values, base: Record | None = None) -> dict[str, list[str]]:
    """What is wrong, by the name of the field it belongs to; "" holds what belongs to none."""
    found: dict[str, list[str]] = {}
    for fault in error.faults if isinstance(error, RecordError) else (error,):
        text = fault.cause + (f"; {fault.hint}" if fault.hint else "") + "."
        text = text[0].upper() + text[1:]
        here = found.setdefault(_field(fault, values, base), [])
        if text not in here:  # a day that several cells of a row share
            here.append(text)
    return found


def _field(fault: InputError, values: Values, base: Record | None) -> str:
    """The name of the field at which this fault stands."""
    missing = re.match(gettext("{key} is missing", key=r"(?P<key>\w+)"), fault.cause)
    place = _PLACE.search(fault.place)
    if place is not None:
        key = place["key"] or (missing["key"] if missing else "")
        row = int(place["row"]) - 1
        if place["entry"] == "measurement":
            found = list(grid.measurements(values, base))
            return found[row].places.get(key, found[row].places[""]) if row < len(found) else ""
        table = f"{place['entry']}s"
        kept = [at for at, _ in _entries(values, table)]
        return f"{table}-{kept[row]}-{key or ENTRIES[table][0].key}" if row < len(kept) else ""
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
            field.key: typed(values[prefix + field.key], field.kind if field.key == "amount" else "words")
            for field in fields
            if values.get(prefix + field.key, "").strip()
        }
        if entry and not values.get(f"{prefix}remove"):
            key = values.get(prefix + KEY, "")
            yield row, {KEY: key, **entry} if key else entry


def typed(text: str, kind: str) -> Any:
    """A field as a record file would hold it; what does not fit is passed on, for the record says what is wrong."""
    stripped = text.strip()
    match kind:
        case "yes-no":
            return {"true": True, "false": False}.get(stripped, stripped)
        case "count":
            return int(stripped) if stripped.isdecimal() and len(stripped) < 10 else stripped
        case "number":
            try:
                return float(decimal_point(stripped))
            except ValueError:
                return stripped
        case "text":
            return decimal_point(stripped)
    return stripped
