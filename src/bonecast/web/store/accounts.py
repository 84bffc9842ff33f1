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

from bonecast.core import gettext
from bonecast.errors import InputError, UnknownName, printable
from bonecast.web.security import passwords
from bonecast.web.store.tables import LARGEST_ID, AccountTable, KeyTable, SessionTable

Role = Literal["reader", "clinician", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
ONE_TIME = dt.timedelta(hours=24)  # for which a one-time password can be used
_USED_UP = "-"  # no hash: no password fits it
_FORM_KEY = "forms"


@dataclass(frozen=True)
class Account:
    """Someone who may use the application. A role may do what the roles before it may do.

    `factor` : a second factor is asked for. `must_change` : the password is a one-time password, or was. `scopes` : of
    a program that calls with a token (`api_tokens`); None for a person.
    """

    id: int
    name: str
    role: str
    disabled: bool = False
    factor: bool = False
    must_change: bool = False
    scopes: tuple[str, ...] | None = None

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
        raise InputError(
            "name",
            gettext("'{name}' is not a name", name=printable(name)),
            gettext("use 1 to 100 printable characters"),
        )
    if role not in ROLES:
        raise UnknownName("role", "role", role, ROLES)
    if named(s, known) is not None:
        raise InputError(
            "name",
            gettext("there is already an account '{known}'", known=printable(known)),
            gettext("choose another name"),
        )
    now = dt.datetime.now(dt.UTC)
    row = AccountTable(
        name=known, role=role, password=passwords.hashed(password), disabled=False, created=now
    )
    s.add(row)
    try:
        s.flush()
    except IntegrityError:  # another administrator was faster
        raise InputError(
            "name",
            gettext("there is already an account '{known}'", known=known),
            gettext("choose another name"),
        ) from None
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


def account_of(s: Session, id: int) -> Account | None:
    """The account with this number; None where there is none."""
    row = s.get(AccountTable, id) if 0 < id <= LARGEST_ID else None
    return None if row is None else _account(row)


def kept_password(s: Session, id: int) -> str:
    """What is kept of the password of this account: it changes with the password."""
    return s.get_one(AccountTable, id).password


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
        raise InputError("account", gettext("there is no such account"), gettext("go back to the list"))
    if role is not None and role not in ROLES:
        raise UnknownName("role", "role", role, ROLES)
    loses = (
        row.role == "administrator" and not row.disabled and (disabled or role not in (None, "administrator"))
    )
    if loses and _administrators(s) == 1:
        raise InputError(
            "account", gettext("this is the last administrator"), gettext("make another administrator first")
        )
    row.role = role or row.role
    row.disabled = row.disabled if disabled is None else disabled
    if password is not None:
        row.password, row.one_time_until = passwords.hashed(password), None
    s.execute(delete(SessionTable).where(SessionTable.account_id == id))
    s.flush()
    return _account(row)


def reset_password(s: Session, id: int) -> str:
    """Give an account a password that opens it once within a day, and must then be changed; its sessions end."""
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    change(s, id, password=password)
    s.get_one(AccountTable, id).one_time_until = dt.datetime.now(dt.UTC) + ONE_TIME
    s.flush()
    return password


def use_up(s: Session, id: int) -> None:
    """A one-time password was used: it opens nothing any more."""
    s.get_one(AccountTable, id).password = _USED_UP
    s.flush()


def factor_of(s: Session, id: int) -> tuple[str, int, list[str]] | None:
    """Key, last used step and hashes of recovery codes of the second factor; None where there is none."""
    row = s.get_one(AccountTable, id)
    return None if row.factor is None else (row.factor, row.factor_step, list(row.recovery or []))


def set_factor(s: Session, id: int, key: str | None, recovery: list[str], step: int = 0) -> None:
    """Ask for a second factor with this key from now on, or for none."""
    row = s.get_one(AccountTable, id)
    row.factor, row.recovery, row.factor_step = key, recovery, step
    s.flush()


def admitted(s: Session, name: str, password: str) -> Account | None:
    """The account that this name and password open; None where they open none.

    It takes the same time whether or not there is such an account. It only reads: a session that writes would keep
    others waiting for as long as hashing takes.
    """
    row = _row_named(s, name)
    fits = passwords.fits(None if row is None else row.password, password)
    if row is None or row.disabled or not fits:
        return None
    over = row.one_time_until is not None and row.one_time_until < dt.datetime.now(dt.UTC)
    return None if over else _account(row)


@dataclass(frozen=True)
class SessionStart:
    """A session as it began, before the database has it; it counts while the account keeps this password hash."""

    token_hash: str
    account_id: int
    password: str
    at: dt.datetime
    address: str = ""
    browser: str = ""


@dataclass(frozen=True)
class OpenSession:
    """A session that has not ended, as its owner sees it; `handle` names it and opens nothing."""

    handle: str
    created: dt.datetime
    used: dt.datetime
    address: str
    browser: str


def sign_in(s: Session, account: Account) -> str:
    """A new session of this account: its token, which only the browser keeps. Sessions that have ended go."""
    token, started = begin_session(s, account)
    keep_session(s, started)
    return token


def begin_session(
    s: Session, account: Account, address: str = "", browser: str = ""
) -> tuple[str, SessionStart]:
    """A token for this account, and what is to be kept of it; nothing is written."""
    token = secrets.token_urlsafe(32)
    password = s.get_one(AccountTable, account.id).password
    now = dt.datetime.now(dt.UTC)
    return token, SessionStart(digest(token), account.id, password, now, address[:60], browser[:200])


def keep_session(s: Session, started: SessionStart) -> None:
    """Keep a session that has begun, unless its account was closed or given another password meanwhile."""
    s.execute(delete(SessionTable).where(SessionTable.used < dt.datetime.now(dt.UTC) - LONGEST))
    if holder(s, started) is not None:
        row = SessionTable(token_hash=started.token_hash, account_id=started.account_id)
        row.created = row.used = started.at
        row.address, row.browser = started.address, started.browser
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


def sessions(s: Session, account_id: int) -> list[OpenSession]:
    """The sessions of this account that have not ended, the newest first."""
    now = dt.datetime.now(dt.UTC)
    which = (
        SessionTable.account_id == account_id,
        SessionTable.used > now - IDLE,
        SessionTable.created > now - LONGEST,
    )
    rows = s.scalars(select(SessionTable).where(*which).order_by(SessionTable.created.desc()))
    return [
        OpenSession(handle(row.token_hash), row.created, row.used, row.address, row.browser) for row in rows
    ]


def end_session(s: Session, account_id: int, named: str) -> bool:
    """End the session of this account that has this handle; was there one?"""
    which = select(SessionTable.token_hash).where(SessionTable.account_id == account_id)
    found = [token_hash for token_hash in s.scalars(which) if handle(token_hash) == named]
    s.execute(delete(SessionTable).where(SessionTable.token_hash.in_(found)))
    return bool(found)


def handle(token_hash: str) -> str:
    """The name by which a session is ended, without what is kept of its token.

    >>> len(handle("0" * 64))
    16
    """
    return digest(token_hash)[:16]


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
    factor, must_change = row.factor is not None, row.one_time_until is not None
    return Account(row.id, row.name, row.role, row.disabled, factor, must_change)


def digest(token: str) -> str:
    """What is kept of a token.

    >>> len(digest("a token"))
    64
    """
    return hashlib.sha256(token.encode()).hexdigest()
