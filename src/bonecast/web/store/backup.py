"""Backups: everything that is kept, as one SQLite file, from and into either kind of database.

An SQLite database is read through SQLite's own backup, so that what stands in its write-ahead log counts. A backup
bears a seal, the rows of each table and a digest of them all: a file that was cut off or altered is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from bonecast.core import atomic_write
from bonecast.errors import InputError, printable
from bonecast.web.store.open import MAGIC, Store, migrate, open_store
from bonecast.web.store.tables import (
    ONLY_ADDED_TO,
    AccountTable,
    Base,
    ErasureTable,
    PersonTable,
    SessionTable,
)

ROWS = 500  # rows that are copied at once
PAGES = 4096  # pages of a file that are copied at once; between them a signal is heard
SEAL = "backup_seal"  # the table with the rows of each other one, and their digest
_LEFT_OUT = {SessionTable.__tablename__}  # everyone signs in again


def backup(store: Store, target: Path) -> int:
    """Write a whole database to a file that only its owner can read.

    It may run while the application does: the backup is of one moment. The file takes its name once it is complete and
    checked.

    Parameters
    ----------
    store : dict
        The database.
    target : Path
        The file.

    Returns
    -------
    int
        How many people are in it.

    Raises
    ------
    InputError
        If the file is the database itself, or it cannot be written.
    """
    _refuse_same(store, target, "database backup", "name another file")
    mask = os.umask(0o077)
    try:
        with (
            _in_a_sentence("database backup", "no backup was written", "see whether the disk is full"),
            atomic_write(target) as beside,
            TemporaryDirectory(prefix=".", dir=target.parent) as folder,  # SQLite's side files go with it
        ):
            made = Path(folder) / "backup.db"
            rows = _copied_from_file(store.path, made) if store.path else _copied_from_server(store, made)
            people = _seal(made, rows)
            os.replace(made, beside)
    finally:
        os.umask(mask)
    return people


def restore(store: Store, source: Path, replace: bool) -> int:
    """Put a backup into a database, in one transaction.

    Parameters
    ----------
    store : dict
        The database.
    source : Path
        The backup, or the file of a database that no server uses any more: its write-ahead log counts.
    replace : bool
        Whether what was there before, its audit log too, is replaced.

    Returns
    -------
    int
        How many people were in the backup.

    Raises
    ------
    InputError
        If the file is no backup, was cut off or altered, or is the database itself; if the database is in use, or holds
        people or accounts and `replace` is not given.
    """
    _refuse_same(store, source, "restore", "name a backup of it")
    with (
        TemporaryDirectory() as folder
    ):  # opening brings the tables up to date, which the backup itself is spared
        saved = open_store(f"sqlite:///{_checked_copy(source, Path(folder))}")
        try:
            lacking = {table.name for table in Base.metadata.sorted_tables} - set(
                inspect(saved.engine).get_table_names()
            )
            if lacking:
                raise _refused(source, f"it lacks the table {min(lacking)}", "use another backup")
            _refuse_in_use(store)
            with (
                _in_a_sentence("restore", "nothing was changed", "see whether the disk is full"),
                saved.engine.connect() as origin,
                store.engine.execution_options(writes=True).begin() as sink,
            ):
                if not replace and not _is_empty(sink):
                    hint = "add --replace to put the backup in its place"
                    raise InputError("restore", "the database is not empty", hint)
                _drop_all(sink)
                migrate(sink)
                rows = _copy(origin, sink)
                _set_sequences(sink)
                _check_restored(sink, rows)
                return _count(sink)
        finally:
            saved.close()


def _copied_from_file(source: Path, target: Path) -> dict[str, int]:
    """Copy an SQLite database as it is at this moment; the rows of each table."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.execute("BEGIN")
        rows = _rows(origin)  # the first read: what is copied is of the same moment
        origin.backup(copy, pages=PAGES, progress=_go_on)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without side files
    return rows


def _go_on(status: int, remaining: int, total: int) -> None:
    """Nothing is shown; Python handles a signal when it gets here."""


def _copied_from_server(store: Store, target: Path) -> dict[str, int]:
    """Copy a PostgreSQL database as it is at this moment; the rows of each table."""
    copy = open_store(f"sqlite:///{target}")
    try:
        with store.engine.connect() as source, copy.engine.execution_options(writes=True).begin() as sink:
            rows = _copy(source.execution_options(isolation_level="REPEATABLE READ"), sink)
    finally:
        copy.close()
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return rows


def _seal(file: Path, expected: dict[str, int]) -> int:
    """Check a copy and give it its seal; how many people are in it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            f"DROP TABLE IF EXISTS {SEAL}"
        )  # of the backup that this database was once made from
        for table in _LEFT_OUT:
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
        connection.execute("VACUUM")  # what was deleted is not in the file any more
        rows = _rows(connection)
        lost = [name for name, count in expected.items() if name not in _LEFT_OUT and rows.get(name) != count]
        if lost or _faults(connection):
            raise InputError("database backup", "the copy is not whole; no backup was written", "try again")
        digest = _digest(connection)
        connection.execute(f"CREATE TABLE {SEAL} (rows TEXT NOT NULL, sha256 TEXT NOT NULL)")
        connection.execute(f"INSERT INTO {SEAL} VALUES (?, ?)", (json.dumps(rows), digest))
        connection.commit()
    with file.open("rb") as written:
        os.fsync(written.fileno())
    return rows[PersonTable.__tablename__]


def _checked_copy(source: Path, folder: Path) -> Path:
    """A copy of a backup that is whole and was not altered; the file itself is only read."""
    copy = folder / "backup.db"
    if not source.is_file():
        raise _refused(source, "there is no such file", "check the path")
    foreign = _refused(source, "this is not a backup of ours", "name a file that 'database backup' wrote")
    damaged = _refused(source, "the file is damaged", "use another backup")
    try:
        with source.open("rb") as file:
            if file.read(16) != MAGIC:
                raise foreign
        _copied_from_file(source, copy)
    except sqlite3.OperationalError:  # a folder that cannot be written: its log is read from a copy
        for end in ("", "-wal"):
            beside = source.with_name(source.name + end)
            if beside.is_file():
                shutil.copyfile(beside, f"{copy}{end}")
    except sqlite3.Error:
        raise damaged from None
    except OSError as error:
        raise _refused(source, f"it cannot be read ({error.strerror})", "check the file") from None
    try:
        with closing(sqlite3.connect(copy)) as connection:
            if _faults(connection):
                raise damaged
            names = _table_names(connection)
            if "alembic_version" not in names:
                raise foreign
            if SEAL in names:
                rows, digest = connection.execute(f"SELECT rows, sha256 FROM {SEAL}").fetchone()
                if json.loads(rows) != _rows(connection) or digest != _digest(connection):
                    cause = "its content is not what was backed up: the checksum differs"
                    raise _refused(source, cause, "use another backup")
    except (sqlite3.Error, TypeError, ValueError):  # a seal that cannot be read is none
        raise damaged from None
    return copy


def _refused(source: Path, cause: str, hint: str) -> InputError:
    return InputError(f"restore, {printable(source, 120)}", cause, hint)


def _refuse_same(store: Store, file: Path, place: str, hint: str) -> None:
    """A database is neither backed up onto itself nor restored from itself, under whatever name."""
    if store.path is None:
        return
    for end in ("", "-wal", "-shm"):
        own = store.path.with_name(store.path.name + end)
        if own.exists() and file.exists() and own.samefile(file):
            raise InputError(place, f"'{printable(file, 120)}' is the database itself", hint)


def _refuse_in_use(store: Store) -> None:
    """A server that runs would go on with what it remembers: SQLite tells whether anyone else has the file open."""
    if store.path is None:
        return
    store.engine.dispose()
    try:
        with closing(sqlite3.connect(store.path, timeout=0)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError:
        mode = ""
    if mode != "delete":
        raise InputError("restore", "the database is in use", "stop the server first; nothing was changed")


@contextmanager
def _in_a_sentence(place: str, state: str, hint: str) -> Iterator[None]:
    """What a database refuses (a full disk, a lock) without the statement that it refused."""
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as error:
        reason = printable(str(getattr(error, "orig", None) or error).strip().splitlines()[0], 160)
        raise InputError(place, f"{state} ({reason})", hint) from None


def _table_names(connection: sqlite3.Connection) -> list[str]:
    """Every table but the seal and SQLite's own."""
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY 1"
    return [name for (name,) in connection.execute(asked)]


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = [name for name in _table_names(connection) if name != SEAL]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def _digest(connection: sqlite3.Connection) -> str:
    """SHA-256 of every table's rows."""
    made = hashlib.sha256()
    for name in _rows(connection):
        made.update(f"{name}\n".encode())
        for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY rowid'):
            made.update(repr(row).encode("utf-8", "backslashreplace"))
    return made.hexdigest()


def _faults(connection: sqlite3.Connection) -> bool:
    return connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok"


def _copy(source: Connection, sink: Connection) -> dict[str, int]:
    """Copy every row; how many of each table."""
    copied: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        if table.name in _LEFT_OUT:
            continue
        copied[table.name] = 0
        rows = source.execution_options(yield_per=ROWS).execute(select(table)).mappings()
        for part in rows.partitions(ROWS):
            sink.execute(insert(table), [dict(row) for row in part])
            copied[table.name] += len(part)
    return copied


def _check_restored(sink: Connection, rows: dict[str, int]) -> None:
    """Before the transaction ends: every row is there, and the database is sound."""
    kept = {
        table.name: sink.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }
    sound = sink.dialect.name != "sqlite" or sink.scalar(text("PRAGMA integrity_check")) == "ok"
    if not sound or any(kept[name] != count for name, count in rows.items()):
        raise InputError("restore", "not every row arrived; nothing was changed", "try again")


def _is_empty(sink: Connection) -> bool:
    filled = (PersonTable, AccountTable)
    return not any(sink.scalar(select(func.count()).select_from(table)) for table in filled)


def _count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(PersonTable)) or 0


def _drop_all(sink: Connection) -> None:
    """Every table with its triggers; dropping fires none of them."""
    Base.metadata.drop_all(sink)
    sink.execute(text("DROP TABLE IF EXISTS alembic_version"))
    if sink.dialect.name == "postgresql":
        for name in ONLY_ADDED_TO:
            sink.execute(text(f"DROP FUNCTION IF EXISTS {name}_only_added_to()"))


def _set_sequences(sink: Connection) -> None:
    """PostgreSQL counts its own numbers: the next one comes after those that were copied."""
    if sink.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            newest = f"(SELECT max({column.name}) FROM {table.name})"
            if table.name == PersonTable.__tablename__:  # nobody gets the number of a person who was erased
                newest = f"greatest({newest}, (SELECT max(person_id) FROM {ErasureTable.__tablename__}))"
            sink.execute(text(f"SELECT setval({sequence}, coalesce({newest}, 0) + 1, false)"))
