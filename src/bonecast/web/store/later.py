"""What looking and signing in have to write, kept without waiting for others who write.

SQLite has one writer, which may be a long import or another program. Those who only look wait for it a moment at most:
then the line of the audit log goes into a file beside the database, on the disk before the answer is given, and from
there into the log as soon as the lock is free. A new session, the cards given out and a computation that a page
asks for wait in memory: after a crash people sign in, or ask, once more.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from bonecast.errors import InputError
from bonecast.web.store import accounts, audit
from bonecast.web.store.accounts import Account, SessionStart
from bonecast.web.store.open import Store, is_busy

SHORT_S = 0.2  # seconds that someone who only looks waits for the write lock
AGAIN_S = 0.25  # between two tries to write what waits
AT_ONCE = 500  # lines that are written in one transaction
LAST_S = 10.0  # how long a server that stops goes on trying
_TABLE = (
    "CREATE TABLE IF NOT EXISTS lines (id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL,"
    " action TEXT NOT NULL, person_id INTEGER, detail TEXT NOT NULL)"
)

Change = Callable[[Session], object]


class _Line(NamedTuple):
    """A line of the audit log that waits."""

    at: dt.datetime
    by: str
    action: str
    person_id: int | None
    detail: str


class Later:
    """The writes of those who only look, for one application.

    Parameters
    ----------
    store : dict
        The open database.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        path = store.path
        self.file = None if path is None else path.with_name(f"{path.name}-audit")
        self._changes: dict[str, Change] = {}
        self._sessions: dict[str, SessionStart] = {}
        self._lock, self._called, self._ending = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="later", daemon=True)

    def open(self) -> None:
        """Begin; what a server that was killed left waiting comes first."""
        self._called.set()
        self._thread.start()

    def close(self) -> None:
        """Write what waits, if the lock is free in time, and stop; lines of the log stay in their file otherwise."""
        self._ending.set()
        self._called.set()
        self._thread.join(LAST_S + AGAIN_S)

    def note(self, by: str, action: str, person_id: int | None = None, detail: str = "") -> None:
        """Add a line to the audit log, now or soon; it is on the disk when this returns."""
        line = _Line(dt.datetime.now(dt.UTC), by[:100], action, person_id, detail[:500])
        if not self._now(lambda s: audit.note(s, *line[1:], at=line.at)):
            self._put(line)
            self._called.set()

    def sign_in(self, account: Account, address: str = "", browser: str = "") -> str:
        """A new session of this account, as `accounts.sign_in`, with where it is from."""
        with self.store.reading() as s:
            token, started = accounts.begin_session(s, account, address, browser)
        if not self._now(lambda s: accounts.keep_session(s, started)):
            self._sessions[started.token_hash] = started
            self.soon(f"session {started.token_hash}", lambda s: self._keep(s, started))
        return token

    def signed_in(self, s: Session, token: str) -> Account | None:
        """Whose session is this, if it waits to be kept?"""
        started = self._sessions.get(accounts.digest(token))
        return None if started is None else accounts.holder(s, started)

    def sign_out(self, token: str) -> None:
        """End a session that waits to be kept."""
        self._sessions.pop(accounts.digest(token), None)

    def write(self, key: str, change: Change) -> bool:
        """Make a change that may be lost in a crash, now or soon (False); of two with one key that wait, the later."""
        if self._now(change):
            return True
        self.soon(key, change)
        return False

    def soon(self, key: str, change: Change) -> None:
        """Make a change soon, and do not wait for it."""
        with self._lock:
            self._changes[key] = change
        self._called.set()

    def _now(self, change: Change) -> bool:
        """Make a change if the lock is free; False where others hold it."""
        try:
            with self.store.session(SHORT_S) as s:
                change(s)
        except OperationalError as error:
            if self.file is None or not is_busy(error):
                raise
            return False
        return True

    def _keep(self, s: Session, started: SessionStart) -> None:
        if started.token_hash in self._sessions:  # nobody signed out meanwhile
            accounts.keep_session(s, started)

    def _work(self) -> None:
        while not self._ending.is_set():
            self._called.wait()
            self._called.clear()
            while not self._drained() and not self._ending.wait(AGAIN_S):
                pass
        self._drained()

    def _drained(self) -> bool:
        """Write what waits; False where something is left."""
        with self._lock:
            changes = dict(self._changes)
        try:
            if not changes and not self._lines():
                return True
            with self.store.session(LAST_S) as s:  # the lock first: of two servers one moves the lines
                lines = self._lines()
                audit.add_missing(s, [line for _, line in lines])
                for change in changes.values():
                    # Another server was faster, or this user asks for too much.
                    with suppress(IntegrityError, InputError), s.begin_nested():
                        change(s)
            self._remove([id for id, _ in lines])
        except (SQLAlchemyError, sqlite3.Error):
            return False
        with self._lock:
            for key, change in changes.items():
                if self._changes.get(key) is change:
                    del self._changes[key]
                    self._sessions.pop(key.removeprefix("session "), None)
        return len(lines) < AT_ONCE and not self._changes

    def _put(self, line: _Line) -> None:
        assert self.file is not None  # `_now` raised otherwise
        try:
            with self._lock, closing(_opened(self.file)) as file, file:
                cells = (line.at.isoformat(), *line[1:])
                file.execute(
                    "INSERT INTO lines (at, who, action, person_id, detail) VALUES (?, ?, ?, ?, ?)", cells
                )
        except sqlite3.OperationalError as error:
            raise OperationalError(None, None, error) from None

    def _lines(self) -> list[tuple[int, _Line]]:
        if self.file is None or not self.file.exists():
            return []
        with self._lock, closing(_opened(self.file)) as file:
            asked = "SELECT id, at, who, action, person_id, detail FROM lines ORDER BY id LIMIT ?"
            return [
                (id, _Line(dt.datetime.fromisoformat(at), *rest))
                for id, at, *rest in file.execute(asked, (AT_ONCE,))
            ]

    def _remove(self, ids: list[int]) -> None:
        if self.file is None or not ids:
            return
        with self._lock, closing(_opened(self.file)) as file, file:
            file.executemany("DELETE FROM lines WHERE id = ?", [(id,) for id in ids])


def _opened(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    file = sqlite3.connect(path, timeout=5)
    file.execute("PRAGMA synchronous=FULL")
    file.execute(_TABLE)
    return file
