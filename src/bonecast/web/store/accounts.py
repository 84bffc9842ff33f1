"""Accounts and who is signed in."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal, get_args
from unicodedata import normalize

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bonecast.errors import InputError, UnknownName, printable
from bonecast.web.security import passwords
from bonecast.web.store.tables import LARGEST_ID, AccountTable, KeyTable, SessionTable

Role = Literal["reader", "clinician", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
_FORM_KEY = "forms"


@dataclass(frozen=True)
class Account:
    """Someone who may use the application. A role may do what the roles before it may do."""

    id: int
    name: str
    role: str
    disabled: bool = False

    def may(self, role: Role) -> bool:
        """Has this account the role, or one above it?

        >>> Account(1, "ann", "clinician").may("reader"), Account(1, "ann", "clinician").may("administrator")
        (True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)  # pyright: ignore[reportArgumentType]


def add(s: Session, name: str, role: str, password: str) -> Account:
    """A new account. Raises InputError where the name is taken or empty, or the password too weak."""
    known = plain_name(name)
    if not known or len(known) > 100 or not known.isprintable():
        raise InputError("name", f"'{printable(name)}' is not a name", "use 1 to 100 printable characters")
    if role not in ROLES:
        raise UnknownName("role", "role", role, ROLES)
    if named(s, known) is not None:
        raise InputError("name", f"there is already an account '{printable(known)}'", "choose another name")
    now = dt.datetime.now(dt.UTC)
    row = AccountTable(
        name=known, role=role, password=passwords.hashed(password), disabled=False, created=now
    )
    s.add(row)
    try:
        s.flush()
    except IntegrityError:  # another administrator was faster
        raise InputError("name", f"there is already an account '{known}'", "choose another name") from None
    return _account(row)


def plain_name(name: str) -> str:
    """A name as it is kept and looked for: in whatever case and width of letters it is typed, it is one account.

    >>> plain_name(" Ann "), plain_name("\uff21\uff4e\uff4e"), plain_name("STRASSE") == plain_name("straße")
    ('ann', 'ann', True)
    """
    return normalize("NFKC", normalize("NFKC", name).casefold()).strip()


def named(s: Session, name: str) -> Account | None:
    """The account of this name (`plain_name`); None where there is none."""
    row = _row_named(s, name)
    return None if row is None else _account(row)


def every(s: Session) -> list[Account]:
    """All accounts, by name."""
    return [_account(row) for row in s.scalars(select(AccountTable).order_by(AccountTable.name))]


def count(s: Session) -> int:
    """How many accounts can be signed in to?"""
    which = select(func.count()).select_from(AccountTable).where(AccountTable.disabled.is_(False))
    return s.scalar(which) or 0


def change(
    s: Session, id: int, role: str | None = None, password: str | None = None, disabled: bool | None = None
) -> Account:
    """Change an account; its sessions end. The last administrator stays one."""
    row = s.get(AccountTable, id) if 0 < id <= LARGEST_ID else None
    if row is None:
        raise InputError("account", "there is no such account", "go back to the list")
    if role is not None and role not in ROLES:
        raise UnknownName("role", "role", role, ROLES)
    loses = (
        row.role == "administrator" and not row.disabled and (disabled or role not in (None, "administrator"))
    )
    if loses and _administrators(s) == 1:
        raise InputError("account", "this is the last administrator", "make another administrator first")
    row.role = role or row.role
    row.disabled = row.disabled if disabled is None else disabled
    if password is not None:
        row.password = passwords.hashed(password)
    s.execute(delete(SessionTable).where(SessionTable.account_id == id))
    s.flush()
    return _account(row)


def admitted(s: Session, name: str, password: str) -> Account | None:
    """The account that this name and password open; None where they open none.

    It takes the same time whether or not there is such an account. It only reads: a session that writes would keep
    others waiting for as long as hashing takes.
    """
    row = _row_named(s, name)
    fits = passwords.fits(None if row is None else row.password, password)
    return None if row is None or row.disabled or not fits else _account(row)


@dataclass(frozen=True)
class SessionStart:
    """A session as it began, before the database has it; it counts while the account keeps this password hash."""

    token_hash: str
    account_id: int
    password: str
    at: dt.datetime


def sign_in(s: Session, account: Account) -> str:
    """A new session of this account: its token, which only the browser keeps. Sessions that have ended go."""
    token, started = begin_session(s, account)
    keep_session(s, started)
    return token


def begin_session(s: Session, account: Account) -> tuple[str, SessionStart]:
    """A token for this account, and what is to be kept of it; nothing is written."""
    token = secrets.token_urlsafe(32)
    password = s.get_one(AccountTable, account.id).password
    return token, SessionStart(digest(token), account.id, password, dt.datetime.now(dt.UTC))


def keep_session(s: Session, started: SessionStart) -> None:
    """Keep a session that has begun, unless its account was closed or given another password meanwhile."""
    s.execute(delete(SessionTable).where(SessionTable.used < dt.datetime.now(dt.UTC) - LONGEST))
    if holder(s, started) is not None:
        row = SessionTable(token_hash=started.token_hash, account_id=started.account_id)
        row.created = row.used = started.at
        s.add(row)
        s.flush()


def holder(s: Session, started: SessionStart) -> Account | None:
    """Whose session is this? None where it has ended, or the account was changed since."""
    row = s.get(AccountTable, started.account_id)
    if row is None or row.disabled or row.password != started.password:
        return None
    return None if dt.datetime.now(dt.UTC) - started.at > IDLE else _account(row)


def signed_in(s: Session, token: str, now: dt.datetime | None = None) -> Account | None:
    """Whose session is this? None where it has ended: after 30 minutes without use, or 12 hours in all."""
    moment = now or dt.datetime.now(dt.UTC)
    row = s.get(SessionTable, digest(token))
    if row is None or moment - row.used > IDLE or moment - row.created > LONGEST:
        return None
    account = s.get(AccountTable, row.account_id)
    return None if account is None or account.disabled else _account(account)


def stale(s: Session, token: str, now: dt.datetime | None = None) -> bool:
    """Was the session last marked as used more than a minute ago?"""
    row = s.get(SessionTable, digest(token))
    return row is not None and (now or dt.datetime.now(dt.UTC)) - row.used > dt.timedelta(minutes=1)


def touch(s: Session, token: str) -> None:
    """Mark the session as used now."""
    row = s.get(SessionTable, digest(token))
    if row is not None:
        row.used = dt.datetime.now(dt.UTC)


def sign_out(s: Session, token: str) -> None:
    """End this session."""
    s.execute(delete(SessionTable).where(SessionTable.token_hash == digest(token)))


def form_key(s: Session) -> bytes:
    """The key that signs forms, made once for this database."""
    row = s.get(KeyTable, _FORM_KEY)
    if row is None:
        row = KeyTable(name=_FORM_KEY, value=secrets.token_bytes(32))
        s.add(row)
        s.flush()
    return row.value


def _row_named(s: Session, name: str) -> AccountTable | None:
    return s.scalars(select(AccountTable).where(AccountTable.name == plain_name(name))).first()


def _administrators(s: Session) -> int:
    which = (AccountTable.role == "administrator", AccountTable.disabled.is_(False))
    return s.scalar(select(func.count()).select_from(AccountTable).where(*which)) or 0


def _account(row: AccountTable) -> Account:
    return Account(row.id, row.name, row.role, row.disabled)


def digest(token: str) -> str:
    """What is kept of a token.

    >>> len(digest("a token"))
    64
    """
    return hashlib.sha256(token.encode()).hexdigest()
