"""From a file to people in the database: what became of each record in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from bonecast.core import RecordError
from bonecast.errors import InputError, printable
from bonecast.interop import ReadTables, read_tables
from bonecast.records import LISTS, Skipped
from bonecast.web.store import Store, StoredPerson, audit, people
from bonecast.web.store.merge import KEY, Record, with_keys

MOST_FILES = 20  # of one import
BATCH = 25  # records that are kept in one transaction: below 0.2 s
PAUSE_S = 0.02  # between two of them, in which others take the write lock
Fate = Literal["added", "updated", "unchanged", "known", "refused"]


@dataclass(frozen=True)
class ImportResult:
    """What became of one record of a file. `faults` say why it was refused; `skipped` what in it was not read.

    `unusual` : doses in it that are far from every usual one of their drug, to be asked about.
    """

    place: str
    fate: Fate
    id: int | None = None
    name: str = ""
    faults: tuple[InputError, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unusual: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportShare:
    """How far an import is: so many records of so many."""

    name: str
    done: int
    records: int


class ImportBoard:
    """How far the imports are that run now, the newest of each user."""

    def __init__(self) -> None:
        self._of: dict[str, ImportShare] = {}

    def write(self, by: str, share: ImportShare | None) -> None:
        """Say how far it is; None where it has ended."""
        if share is None:
            self._of.pop(by, None)
        else:
            self._of[by] = share

    def read(self, by: str) -> ImportShare | None:
        """How far is the import of this user? None where none runs."""
        return self._of.get(by)


def bring(
    store: Store, data: bytes, name: str, by: str, update: bool, board: ImportBoard | None = None
) -> list[ImportResult]:
    """Read the records of a file and keep those that can be used, a few at a time, so that others can save meanwhile.

    What was kept stays where a later record, or the server, fails: the same file brought again skips it.

    A record whose id is on the list already is left alone, or with `update` taken in: its [person] lines replace
    those that are there, and doses and measurements that are not there are added. Nothing is removed.
    """
    place = printable(name, 80)
    try:
        found = read_tables(data, place)
    except InputError as error:
        return [ImportResult(place, "refused", faults=(error,))]
    results: list[ImportResult] = []
    shown = board or ImportBoard()
    try:
        for start in range(0, len(found), BATCH):
            shown.write(by, ImportShare(place, start, len(found)))
            if start:
                time.sleep(PAUSE_S)
            with store.session() as s:
                results += [_keep(s, one, by, update) for one in found[start : start + BATCH]]
    finally:
        shown.write(by, None)
    return results


def _keep(s: Session, read: ReadTables, by: str, update: bool) -> ImportResult:
    if read.faults:
        return ImportResult(read.place, "refused", faults=read.faults, skipped=read.skipped)
    try:
        keyed = with_keys(read.tables)
        known = people.with_record_id(s, str(keyed["person"].get("id", "")))
        if known is not None and not update:
            return ImportResult(read.place, "known", known.id, known.name, skipped=read.skipped)
        if known is not None:
            _check_same_person(known.record, keyed, read.place)
        with s.begin_nested():
            stored = _updated(s, known, read, by) if known else people.add(s, read.tables, by, "imported")
            changed = known is None or stored.version > known.version
            if changed:
                audit.note(s, by, "imported", stored.id)
    except InputError as error:
        faults = error.faults if isinstance(error, RecordError) else (error,)
        return ImportResult(read.place, "refused", faults=faults, skipped=read.skipped)
    fate: Fate = "added" if known is None else "updated" if changed else "unchanged"
    return ImportResult(read.place, fate, stored.id, stored.name, (), read.skipped, stored.unusual)


def _check_same_person(known: Record, read: Record, place: str) -> None:
    """Refuse a record that bears the id of somebody else: another birth date or sex is another person."""
    for key, words in (("birth_date", "birth date"), ("sex", "sex")):
        before, now = known["person"].get(key), read["person"].get(key)
        if before is not None and now is not None and str(before) != str(now):
            cause = f"on the list this id has the {words} {printable(before)}, and here {printable(now)}"
            raise InputError(f"{place}, person", cause, "give each person an id, or correct one of the two")


def _updated(s: Session, known: StoredPerson, read: ReadTables, by: str) -> StoredPerson:
    return people.save(s, known.id, united(known.record, read.tables), known.version, by, "imported")


def united(known: Record, read: Record) -> Record:
    """The record that is there, with what a file says of the person in place and its new entries added.

    An entry of the file that is there already (same drug and day; same test, place, day and time) stays as it is.
    """
    keyed = with_keys(read, known)
    united: Record = {"person": {**known["person"], **keyed["person"]}}
    # ISO days: the later of the two; an older file does not make the record older than what it holds.
    days = [str(one["person"]["record_date"]) for one in (known, keyed) if "record_date" in one["person"]]
    united["person"]["record_date"] = max(days)
    for table in LISTS:
        there = {entry[KEY] for entry in known.get(table, [])}
        united[table] = [*known.get(table, []), *(entry for entry in keyed[table] if entry[KEY] not in there)]
    return united
