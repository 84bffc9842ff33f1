"""What was changed in a record: who, when, what, before and after; read from the versions that are kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bonecast.web.store.merge import ENTRY, Path, Record, fields_of
from bonecast.web.store.tables import VersionTable


@dataclass(frozen=True)
class Change:
    """One change. `what` is the field in words; `before` and `after` are None where there was nothing."""

    who: str
    when: dt.datetime
    version: int
    action: str
    what: str
    before: object
    after: object


def of(s: Session, id: int) -> list[Change]:
    """Every change of this record, the newest first, one for each field."""
    which = select(VersionTable).where(VersionTable.person_id == id).order_by(VersionTable.version)
    changes: list[Change] = []
    before: Record | None = None
    for version in s.scalars(which):
        changes += reversed(_between(before, version))
        before = version.record
    return changes[::-1]


def version_of(s: Session, id: int, version: int) -> Record | None:
    """The record as it was in this version; None where there is no such version."""
    found = s.get(VersionTable, (id, version)) if 0 < version < 2**31 else None
    return None if found is None else found.record


def title(path: Path, record: Record) -> str:
    """A field in words.

    >>> title(("doses", "k1", "date"), {"doses": [{"key": "k1", "drug": "denosumab", "date": "2026-03-16"}]})
    'dose, denosumab 2026-03-16: date'
    """
    table, key, name = path
    if table == "person":
        return name.replace("_", " ")
    entry = next((found for found in record.get(table, []) if found["key"] == key), {})
    named = [
        entry.get("drug") or entry.get("test"),
        entry.get("site"),
        entry.get("date") or entry.get("from"),
    ]
    which = " ".join(str(part) for part in named if part)
    whole = f"{table[:-1]}, {which}" if which else table[:-1]
    return whole if name == ENTRY else f"{whole}: {name.replace('_', ' ')}"


def _between(before: Record | None, version: VersionTable) -> list[Change]:
    def change(what: str, old: object, new: object) -> Change:
        return Change(version.by, version.at, version.version, version.action, what, old, new)

    if before is None or version.record == before:
        return [change("the whole record", None, None)]
    old, new = fields_of(before), fields_of(version.record)
    found = []
    for path in {**old, **new}:
        if old.get(path) == new.get(path):
            continue
        entry = (*path[:2], ENTRY)
        if path[0] != "person" and (entry in old) != (entry in new):
            if path == entry:  # one line for the whole entry, not one for each of its fields
                found.append(
                    change(title(path, before if entry in old else version.record), *_whole(path, old, new))
                )
            continue
        found.append(change(title(path, version.record), old.get(path), new.get(path)))
    return found


def _whole(path: Path, old: dict[Path, object], new: dict[Path, object]) -> tuple[object, object]:
    """The entry before and after, as words."""

    def words(fields: dict[Path, object]) -> str | None:
        values = [str(value) for at, value in fields.items() if at[:2] == path[:2] and at[2] != ENTRY]
        return ", ".join(values) or None

    return words(old), words(new)
