"""Backups: everything that is kept, as one SQLite file, from and into either kind of database."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, func, insert, select, text

from bonecast.core import atomic_write
from bonecast.errors import InputError, printable
from bonecast.web.store.open import Store, migrate, open_store
from bonecast.web.store.tables import ONLY_ADDED_TO, AccountTable, Base, PersonTable, SessionTable

ROWS = 500  # rows that are copied at once
_LEFT_OUT = {SessionTable.__tablename__}  # whoever is signed in signs in again


def backup(store: Store, target: Path) -> int:
    """Write a whole database to a file that only its owner can read.

    It may run while the application does: the backup is of one moment.

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
    """
    mask = os.umask(0o077)
    try:
        with atomic_write(target) as beside:
            copy = open_store(f"sqlite:///{beside}")
            with store.engine.connect() as source, copy.engine.execution_options(writes=True).begin() as sink:
                if source.dialect.name == "postgresql":
                    source = source.execution_options(isolation_level="REPEATABLE READ")
                _copy(source, sink)
                people = _count(sink)
            _into_one_file(copy)
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
        The backup.
    replace : bool
        Whether what was there before, its audit log too, is replaced.

    Returns
    -------
    int
        How many people were in the backup.

    Raises
    ------
    InputError
        If the file is no backup, or the database holds people or accounts and `replace` is not given.
    """
    _check_backup(source)
    with (
        TemporaryDirectory() as folder
    ):  # opening brings the tables up to date, which the backup itself is spared
        saved = open_store(f"sqlite:///{shutil.copy(source, folder)}")
        try:
            with (
                saved.engine.connect() as origin,
                store.engine.execution_options(writes=True).begin() as sink,
            ):
                if not replace and not _is_empty(sink):
                    hint = "add --replace to put the backup in its place"
                    raise InputError("restore", "the database is not empty", hint)
                _drop_all(sink)
                migrate(sink)
                _copy(origin, sink)
                _set_sequences(sink)
                return _count(sink)
        finally:
            saved.close()


def _copy(source: Connection, sink: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if table.name in _LEFT_OUT:
            continue
        rows = source.execution_options(yield_per=ROWS).execute(select(table)).mappings()
        for part in rows.partitions(ROWS):
            sink.execute(insert(table), [dict(row) for row in part])


def _check_backup(source: Path) -> None:
    """Is this a whole database of ours? It is looked at read-only."""
    place = f"restore, {printable(source, 120)}"
    if not source.is_file():
        raise InputError(place, "there is no such file", "check the path")
    try:
        with sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        raise InputError(
            place, "this is not a backup of ours", "name a file that 'database backup' wrote"
        ) from None
    if whole != "ok":
        raise InputError(place, "the file is damaged", "use another backup")


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
            sink.execute(text(f"SELECT setval({sequence}, coalesce({newest}, 0) + 1, false)"))


def _into_one_file(copy: Store) -> None:
    """Close the copy without its side files: a backup is one file."""
    path = copy.path
    copy.close()
    with sqlite3.connect(str(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
