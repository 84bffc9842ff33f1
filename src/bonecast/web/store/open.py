"""Opening the database: its address, its owner's permissions, its migrations, and sessions."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from bonecast.errors import InputError, printable
from bonecast.web.store.turns import Turns

POOL = 45  # connections that stay open, and as many more: 40 requests in work hold two at most
KINDS = ("sqlite", "postgresql")
WAIT_MS = 10_000  # milliseconds that one writer waits for another in SQLite
MAGIC = b"SQLite format 3\0"  # with which every SQLite file begins
# A quota and a limit on files are a failed write to SQLite, and not a full disk.
_NOT_WRITTEN = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHMSIZE")
_WRITES = {"writes": True}
_LOCK = 4_217_001  # any number: two servers that start on one PostgreSQL migrate one after the other


@dataclass(frozen=True)
class Store:
    """An open database.

    `session()` reads and writes; `reading()` reads only and blocks nobody. Both commit at the end of the block and roll
    back where it raises.

    Parameters
    ----------
    url : URL
        Address.
    engine : Engine
        The SQLAlchemy engine.
    turns : Turns
        In which order writers take the lock of SQLite.
    """

    url: URL
    engine: Engine
    turns: Turns = field(default_factory=Turns, compare=False)

    @contextmanager
    def session(self, wait_s: float | None = None) -> Iterator[Session]:
        """A session that may write: in SQLite it takes the write lock at once, so that it never fails half-way.

        `wait_s` : how long it waits for others in SQLite; ten seconds by default.
        """
        longest = WAIT_MS / 1000 if wait_s is None else wait_s
        engine = self.engine.execution_options(**_WRITES, wait_ms=int(1000 * longest))
        with self._turn(longest), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _turn(self, wait_s: float) -> Iterator[None]:
        """SQLite has one writer: those of this process come in order. PostgreSQL has as many as there are."""
        if self.path is None:
            yield
            return
        with ExitStack() as held:
            try:
                held.enter_context(self.turns.wait(wait_s))
            except TimeoutError as error:
                raise OperationalError(None, None, error) from None
            yield

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @property
    def path(self) -> Path | None:
        """The file of the database; None in PostgreSQL."""
        return database_file(self.url.render_as_string(hide_password=False))

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open a database and bring its tables up to date.

    An SQLite file is made if it is missing and can be read by its owner only.

    Parameters
    ----------
    url : str
        `sqlite:///FILE`, a plain path to such a file, or `postgresql://USER@HOST/NAME`.

    Returns
    -------
    dict
        The open database.

    Raises
    ------
    InputError
        If the address cannot be read or the database cannot be reached.
    """
    address = read_url(url)
    if address.get_backend_name() == "sqlite":
        _make_private(Path(address.database or ""))
    engine = _engine(address)
    try:
        with engine.execution_options(**_WRITES).begin() as connection:
            migrate(connection)
    except OperationalError as error:
        engine.dispose()
        reason = printable(str(error.orig).strip().splitlines()[0], 160)
        raise InputError("database", f"it cannot be opened ({reason})", "check the address") from None
    except SQLAlchemyError as error:
        engine.dispose()
        reason = printable(str(error).splitlines()[0], 160)
        raise InputError("database", f"this is not a database of ours ({reason})", "name another") from None
    return Store(address, engine)


def read_url(url: str) -> URL:
    """Read the address of a database.

    Parameters
    ----------
    url : str
        `sqlite:///FILE`, a plain path to such a file, or `postgresql://USER@HOST/NAME`.

    Returns
    -------
    URL
        As SQLAlchemy takes it.

    Examples
    --------
    >>> read_url("clinic.db").render_as_string(), read_url("postgresql://me@localhost/clinic").drivername
    ('sqlite:///clinic.db', 'postgresql+psycopg')
    """
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        address = None
    if address is None or address.get_backend_name() not in KINDS:
        hint = "write sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise InputError("database", "the address is of no known kind", hint)
    if address.get_backend_name() == "sqlite":
        if not address.database or address.database == ":memory:":
            raise InputError("database", "the address names no file", "write sqlite:///FILE")
        return address
    return address.set(drivername="postgresql+psycopg")


def database_file(url: str) -> Path | None:
    """The file of the database at this address; None in PostgreSQL."""
    address = read_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _engine(address: URL) -> Engine:
    if address.get_backend_name() != "sqlite":
        if find_spec("psycopg") is None:
            hint = "pip install 'bonecast[postgresql]'"
            raise InputError(
                "database", "PostgreSQL is spoken to through psycopg, which is not installed", hint
            )
        return create_engine(
            address, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True, hide_parameters=True
        )
    engine = create_engine(
        address,
        pool_size=POOL,
        max_overflow=POOL,
        hide_parameters=True,  # no error holds what was to be kept
        connect_args={"check_same_thread": False, "timeout": 10},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None  # transactions begin below, where SQLAlchemy says so
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # what was confirmed is on the disk
            "foreign_keys=ON",
            f"busy_timeout={WAIT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads before it writes fails in SQLite when another wrote in between: lock first.
        options = connection.get_execution_options()
        if options.get("writes"):
            connection.exec_driver_sql(f"PRAGMA busy_timeout={options.get('wait_ms', WAIT_MS)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine


def is_busy(error: OperationalError) -> bool:
    """Do others hold the write lock of SQLite?"""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return isinstance(error.orig, TimeoutError) or (code is not None and code & 0xFF == sqlite3.SQLITE_BUSY)


def is_full(error: OperationalError) -> bool:
    """Is there no room for what was to be written: a full disk, a used-up quota, a limit on files?"""
    if getattr(error.orig, "sqlite_errorname", "") in _NOT_WRITTEN:
        return True
    reason = str(error.orig).casefold()
    return "full" in reason or "no space" in reason or "quota" in reason


def _make_private(path: Path) -> None:
    """The file and its folder, readable by the owner only; SQLite gives its side files the same permissions."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            # Nothing that is there and no database is touched: neither a device nor a text file.
            begins = os.read(handle, len(MAGIC)) if stat.S_ISREG(os.fstat(handle).st_mode) else None
            if begins is None or begins not in (b"", MAGIC):
                cause = f"'{printable(path, 120)}' is no database"
                raise InputError("database", cause, "name another file")
            if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
                os.fchmod(handle, 0o600)
        finally:
            os.close(handle)
    except OSError as error:
        cause = f"'{printable(path, 120)}' cannot be opened ({error.strerror})"
        raise InputError("database", cause, "name another file") from None


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")
