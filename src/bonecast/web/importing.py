"""From a file to people in the database: what became of each record in it, and what has to be asked."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.orm import Session

from bonecast.core import RecordError, gettext
from bonecast.errors import InputError, printable
from bonecast.interop import ReadTables, read_tables
from bonecast.records import LISTS, Skipped
from bonecast.web.store import Store, StoredPerson, audit, people
from bonecast.web.store.merge import KEY, Record, with_keys
from bonecast.web.store.uniting import ImportConflict, unite

MOST_FILES = 20  # of one import
BATCH = 25  # records that are kept in one transaction: below 0.2 s
PAUSE_S = 0.02  # between two of them, in which others take the write lock
HELD_S, MOST_HELD = 1800.0, 20  # for how long a file waits for its mapping, and how many do
Fate = Literal["added", "updated", "unchanged", "known", "refused", "asks"]
PersonKey = Literal["birth_date", "sex"]
WORDS: dict[PersonKey, str] = {"birth_date": "birth date", "sex": "sex"}


@dataclass(frozen=True)
class ImportResult:
    """What became of one record of a file. `faults` say why it was refused; `skipped` what in it was not read.

    `unusual` : doses in it that are far from every usual one of their drug, to be asked about. `conflicts` : what the
    record and the file say differently; the record stays until somebody decides. `taken` : lines of the person that the
    file replaced. `tables` : of a record whose id is somebody else's ("asks"); nothing of it is kept, and `version` is
    the number of the one on the list.
    """

    place: str
    fate: Fate
    id: int | None = None
    name: str = ""
    faults: tuple[InputError, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unusual: tuple[str, ...] = ()
    conflicts: tuple[ImportConflict, ...] = ()
    taken: tuple[tuple[str, str, str], ...] = ()
    version: int = 0
    tables: Record | None = None


@dataclass(frozen=True)
class ImportShare:
    """How far an import is: so many records of so many."""

    name: str
    done: int
    records: int


class ImportBoard:
    """How far the imports are that run now, the newest of each user; and files whose columns are being named."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._of: dict[str, ImportShare] = {}
        self._held: dict[str, tuple[float, str, str, bytes]] = {}
        self._clock, self._lock = clock, threading.Lock()

    def write(self, by: str, share: ImportShare | None) -> None:
        """Say how far it is; None where it has ended."""
        if share is None:
            self._of.pop(by, None)
        else:
            self._of[by] = share

    def read(self, by: str) -> ImportShare | None:
        """How far is the import of this user? None where none runs."""
        return self._of.get(by)

    def hold(self, by: str, name: str, data: bytes) -> str:
        """Keep a file in memory until its columns are named: the word by which its owner gets it."""
        with self._lock:
            limit = self._clock() - HELD_S
            kept = sorted(
                (word for word, one in self._held.items() if one[0] > limit), key=lambda w: self._held[w][0]
            )
            self._held = {word: self._held[word] for word in kept[-(MOST_HELD - 1) :]}
            word = secrets.token_urlsafe(18)
            self._held[word] = (self._clock(), by, name, data)
            return word

    def held(self, by: str, word: str) -> tuple[str, bytes] | None:
        """Name and content of a file that this user has sent; None where it has waited too long."""
        with self._lock:
            at, owner, name, data = self._held.get(word, (0.0, "", "", b""))
            return (name, data) if owner == by and self._clock() - at < HELD_S else None

    def drop(self, word: str) -> None:
        """The file was brought in."""
        with self._lock:
            self._held.pop(word, None)


def bring(
    store: Store, data: bytes, name: str, by: str, update: bool, board: ImportBoard | None = None
) -> list[ImportResult]:
    """Read the records of a file and keep those that can be used, a few at a time, so that others can save meanwhile.

    What was kept stays where a later record, or the server, fails: the same file brought again skips it.

    A record whose id is on the list already is left alone, or with `update` taken in (`unite`). Nothing is removed.
    """
    place = printable(name, 80)
    try:
        found = read_tables(data, place)
    except InputError as error:
        return [ImportResult(place, "refused", faults=(error,))]
    return bring_records(store, found, place, by, update, board)


def bring_records(
    store: Store,
    found: Sequence[ReadTables],
    place: str,
    by: str,
    update: bool,
    board: ImportBoard | None = None,
) -> list[ImportResult]:
    """Keep the records that were read, as `bring` does."""
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


def decide(s: Session, id: int, version: int, taken: Sequence[ImportConflict], by: str) -> StoredPerson:
    """Take the file's side of these conflicts into the record that they were found in.

    Raises InputError where one of the entries is gone, and Conflict where somebody else changed the same meanwhile.
    """
    stored = people.get(s, id)
    if stored is None or stored.deleted:
        raise InputError(
            "import", gettext("the person is not on the list any more"), gettext("import the file again")
        )
    record: Record = {"person": dict(stored.record["person"])}
    record |= {table: [dict(entry) for entry in stored.record.get(table, [])] for table in LISTS}
    for one in taken:
        entry = next((e for e in record.get(one.table, []) if e[KEY] == one.key), None)
        if entry is None or str(entry.get(one.field)) != one.here:
            raise InputError(
                "import",
                gettext("{what} was changed meanwhile", what=one.what),
                gettext("import the file again"),
            )
        entry[one.field] = float(one.file) if one.field == "t_score" else one.file
    saved = people.save(s, id, record, stored.version, by, "imported")
    if saved.version > stored.version:
        audit.note(s, by, "imported", id, "conflicts decided")
    return saved


def _keep(s: Session, read: ReadTables, by: str, update: bool) -> ImportResult:
    if read.faults:
        return ImportResult(read.place, "refused", faults=read.faults, skipped=read.skipped)
    made = ImportResult(read.place, "refused", skipped=read.skipped)
    try:
        keyed = with_keys(read.tables)
        known = people.with_record_id(s, str(keyed["person"].get("id", "")))
        if known is None:
            tables = _of_somebody(keyed, read.place)
            with s.begin_nested():
                stored = people.add(s, tables, by, "imported")
                audit.note(s, by, "imported", stored.id)
            return replace(made, fate="added", id=stored.id, name=stored.name, unusual=stored.unusual)
        made = replace(made, id=known.id, name=known.name)
        if not update:
            return replace(made, fate="known")
        other = _other_person(known.record, keyed, read.place)
        if other:
            return replace(made, fate="asks", id=None, faults=other, tables=keyed, version=known.id)
        united = unite(known.record, _dated(keyed))
        with s.begin_nested():
            stored = people.save(s, known.id, united.record, known.version, by, "imported")
            changed = stored.version > known.version
            if changed:
                audit.note(s, by, "imported", stored.id)
    except InputError as error:
        faults = error.faults if isinstance(error, RecordError) else (error,)
        return replace(made, fate="refused", id=None, faults=faults)
    return replace(
        made,
        fate="updated" if changed else "unchanged",
        name=stored.name,
        unusual=stored.unusual,
        conflicts=united.conflicts,
        taken=united.taken,
        version=stored.version,
    )


def _of_somebody(read: Record, place: str) -> Record:
    """The record of somebody new. A table of doses or results alone does not say who somebody is: it is refused."""
    nobody = not any(read["person"].get(key) for key in WORDS)
    if nobody and any(read.get(table) for table in LISTS):
        cause = gettext(
            "nobody on the list has the id {value}", value=printable(read["person"].get("id", ""))
        )
        raise InputError(place, cause, gettext("add the person first, or columns with birth date and sex"))
    return _dated(read)


def _dated(read: Record) -> Record:
    """The record as of the last day that it tells of, where it names none."""
    days = [str(e[k]) for table in LISTS for e in read.get(table, []) for k in ("date", "from") if e.get(k)]
    if read["person"].get("record_date") or not days:
        return read
    return {**read, "person": {**read["person"], "record_date": max(days)}}


def _other_person(known: Record, read: Record, place: str) -> tuple[InputError, ...]:
    """Why a record that bears the id of somebody on the list is of another person: another birth date or sex."""
    faults = []
    for key, words in WORDS.items():
        before, now = known["person"].get(key), read["person"].get(key)
        if before is not None and now is not None and str(before) != str(now):
            cause = gettext(
                "on the list this id has the {words} {before}, and here {now}",
                words=words,
                before=printable(before),
                now=printable(now),
            )
            hint = gettext("give each person an id, or correct one of the two")
            faults.append(InputError(f"{place}, person", cause, hint))
    return tuple(faults)


def as_another(tables: Record, id: str) -> Record:
    """The same record under another id, as that of another person."""
    return _dated({**tables, "person": {**tables.get("person", {}), "id": id}})
