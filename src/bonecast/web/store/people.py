"""People: found, read, saved and deleted; nothing is overwritten without its earlier version being kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError, printable
from bonecast.records import Patient, patient_of_tables, unusual_doses
from bonecast.regimens import history_of
from bonecast.web.store.folding import days_in, folded, words_of
from bonecast.web.store.merge import Conflict, Record, merge, with_keys, without_keys
from bonecast.web.store.tables import LARGEST_ID, ErasureTable, PersonTable, VersionTable

Row = TypeVar("Row")
MOST_PEOPLE = 200  # rows of one page of the list


@dataclass(frozen=True)
class PersonRow:
    """One line of the list. `days_overdue` is None where nothing is due or the day has not come."""

    id: int
    record_id: str
    name: str
    sex: str
    age: int
    next_due: dt.date | None
    days_overdue: int | None
    last_seen: dt.date


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a longer list: those from `offset`, of `total`."""

    rows: tuple[Row, ...]
    total: int
    offset: int
    limit: int


@dataclass(frozen=True)
class StoredPerson:
    """A record as it is kept: TOML-shaped tables, each entry of a list with its `key`.

    `due` is the day on which the next denosumab injection is due, None where none is. `unusual` : doses far from every
    usual one of their drug, each in a sentence; only of a record that was just kept.
    """

    id: int
    version: int
    record: Record
    due: dt.date | None
    deleted: bool
    name: str
    last_seen: dt.date
    unusual: tuple[str, ...] = ()


def find(
    s: Session,
    search: str = "",
    due_first: bool = True,
    offset: int = 0,
    limit: int = 50,
    today: dt.date | None = None,
    deleted: bool = False,
) -> Page[PersonRow]:
    """Who is there? People whose name, id or birth date has every word of `search`, those longest overdue first.

    With `due_first` false, in order of name. `deleted` lists those who were deleted instead.
    """
    day = today or dt.date.today()
    which: list[ColumnElement[bool]] = [PersonTable.deleted.is_(deleted)]
    which += searched(search)
    by_name = (PersonTable.name, PersonTable.id)
    order = (PersonTable.next_due.is_(None), PersonTable.next_due, *by_name) if due_first else by_name
    columns = (
        PersonTable.id,
        PersonTable.record_id,
        PersonTable.name,
        PersonTable.sex,
        PersonTable.birth_date,
        PersonTable.next_due,
        PersonTable.last_seen,
    )
    limit = max(1, min(limit, MOST_PEOPLE))
    found = s.execute(select(*columns).where(*which).order_by(*order).offset(offset).limit(limit))
    total = s.scalar(select(func.count()).select_from(PersonTable).where(*which)) or 0
    return Page(tuple(_row(line, day) for line in found), total, offset, limit)


def searched(search: str) -> list[ColumnElement[bool]]:
    """What a search asks for: each word in the name or id, without accents, or the birth date that it is."""
    return [
        PersonTable.birth_date.in_(days)
        if (days := days_in(word))
        else PersonTable.sought.contains(word, autoescape=True)
        for word in words_of(search)
    ]


def overdue(s: Session, today: dt.date | None = None) -> int:
    """How many people have an injection that is overdue?"""
    which = (PersonTable.deleted.is_(False), PersonTable.next_due < (today or dt.date.today()))
    return s.scalar(select(func.count()).select_from(PersonTable).where(*which)) or 0


def get(s: Session, id: int) -> StoredPerson | None:
    """The person with this number, also a deleted one; None where there is none."""
    found = s.get(PersonTable, id) if 0 < id <= LARGEST_ID else None
    return None if found is None else _stored(found)


def with_record_id(s: Session, record_id: str) -> StoredPerson | None:
    """The person, not deleted, whose record bears this id; None where there is none."""
    which = (PersonTable.record_id == record_id, PersonTable.deleted.is_(False))
    found = s.scalars(select(PersonTable).where(*which)).first()
    return None if found is None else _stored(found)


def patient(stored: StoredPerson, today: dt.date | None = None) -> Patient:
    """The stored record, parsed and checked. Raises RecordError where it cannot be used."""
    return checked(stored.record, today)


def checked(record: Record, today: dt.date | None = None) -> Patient:
    """A record in the layout of the store, parsed and checked. Raises RecordError where it cannot be used."""
    return patient_of_tables(without_keys(record), "record", today)


def add(s: Session, record: Record, by: str, action: str = "added") -> StoredPerson:
    """Keep a new person. Raises RecordError where the record cannot be used, InputError where the id is taken."""
    kept = with_keys(record)
    person = checked(kept)
    _refuse_taken(s, person.id, None)
    row = PersonTable(id=next_number(s), version=0, deleted=False, **_columns(kept, person))
    s.add(row)
    _advance(s, row, kept, by, action)
    return replace(_stored(row), unusual=unusual_doses(person))


def save(s: Session, id: int, record: Record, version: int, by: str, action: str = "changed") -> StoredPerson:
    """Keep a changed record, merged with whatever was saved since `version`, the version that the form showed.

    Raises Conflict where the same field was changed twice, to different things: nothing is saved then, and the
    conflict holds both. Raises RecordError where the merged record cannot be used.
    """
    row = _locked(s, id)
    base = s.get(VersionTable, (id, version)) if 0 < version <= LARGEST_ID else None
    if base is None:
        cause = gettext("there is no version {version} of this record", version=version)
        raise InputError("version", cause, gettext("open the record again"))
    mine = with_keys(record, base.record)
    if version == row.version:
        merged = mine
    else:
        merged, clashes = merge(base.record, mine, row.record)
        if clashes:
            raise Conflict(clashes, merged, row.record, mine, row.version)
    person = checked(merged)
    _refuse_taken(s, person.id, id)
    if merged != row.record:
        for name, value in _columns(merged, person).items():
            setattr(row, name, value)
        _advance(s, row, merged, by, action)
    return replace(_stored(row), unusual=unusual_doses(person))


def delete(s: Session, id: int, by: str) -> StoredPerson:
    """Take a person off the list; `restore` undoes it."""
    return _mark(s, id, True, by, "deleted")


def restore(s: Session, id: int, by: str) -> StoredPerson:
    """Put a deleted person back. Raises InputError where another record bears the id by now."""
    return _mark(s, id, False, by, "restored")


def due_day(person: Patient) -> dt.date | None:
    """When is the next denosumab injection due: the end of the cover of the last one?

    None where none was given, where something else was given since, or where the person has died.
    """
    history = history_of(person)
    if person.death_date is not None or not history.doses or history.doses[-1].drug != "denosumab":
        return None
    return history.date(history.cover_end_d)


def last_seen(person: Patient) -> dt.date:
    """The day of the last dose or value; the day of the record where there is neither."""
    days = [dose.date for dose in person.doses] + [value.date for value in person.measurements]
    return max(days, default=person.record_date)


def next_number(s: Session) -> int | None:
    """The number of the next person in SQLite, which by itself would give that of an erased one again; None in
    PostgreSQL, which gives none twice.
    """
    if s.get_bind().dialect.name != "sqlite":
        return None
    newest = (s.scalar(select(func.max(number))) or 0 for number in (PersonTable.id, ErasureTable.person_id))
    return max(newest) + 1


def _mark(s: Session, id: int, deleted: bool, by: str, action: str) -> StoredPerson:
    row = _locked(s, id)
    if row.deleted != deleted:
        if not deleted:
            _refuse_taken(s, row.record_id, id)
        row.deleted = deleted
        _advance(s, row, row.record, by, action)
    return _stored(row)


def _locked(s: Session, id: int) -> PersonTable:
    row = (
        s.get(PersonTable, id, with_for_update=True, populate_existing=True) if 0 < id <= LARGEST_ID else None
    )
    if row is None:
        raise InputError(
            "person",
            gettext("there is no person with the number {id}", id=id),
            gettext("go back to the list"),
        )
    return row


def _advance(s: Session, row: PersonTable, record: Record, by: str, action: str) -> None:
    """The next version of this row, and its copy among the versions."""
    row.version += 1
    s.flush()
    s.add(VersionTable(person_id=row.id, version=row.version, action=action, by=by, at=_now(), record=record))
    s.flush()


def _refuse_taken(s: Session, record_id: str, id: int | None) -> None:
    other = with_record_id(s, record_id)
    if other is not None and other.id != id:
        cause = gettext(
            "'{record_id}' is the id of another person on the list", record_id=printable(record_id)
        )
        raise InputError("record, person, id", cause, gettext("give each person an id of their own"))


def _columns(record: Record, person: Patient) -> dict[str, Any]:
    return {
        "record": record,
        "record_id": person.id,
        "name": person.name or person.id,
        "sought": folded(f"{person.name or ''} {person.id}"),
        "sex": person.sex,
        "birth_date": person.birth_date,
        "last_seen": last_seen(person),
        "next_due": due_day(person),
    }


def _row(line: Any, day: dt.date) -> PersonRow:
    born, due = line.birth_date, line.next_due
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    overdue_d = (day - due).days if due is not None and due < day else None
    return PersonRow(line.id, line.record_id, line.name, line.sex, age, due, overdue_d, line.last_seen)


def _stored(row: PersonTable) -> StoredPerson:
    return StoredPerson(row.id, row.version, row.record, row.next_due, row.deleted, row.name, row.last_seen)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
