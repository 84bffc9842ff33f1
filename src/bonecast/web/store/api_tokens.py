"""Tokens of programs that call the API in the name of an account: of some scopes, for some time, kept as hashes."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError, UnknownName
from bonecast.web.store.accounts import Account, account_of, digest
from bonecast.web.store.tables import LARGEST_ID, AccountTable, TokenTable

PREFIX = "bonecast_"  # by which a token that leaked is found
SCOPES = ("people:read", "people:write", "models:read", "models:write")
MOST_DAYS = 366
MOST_TOKENS = 50  # of one account
# The first part of a path below /api/v1, and the area of the scope that it asks for; others are closed to programs.
_AREAS = {
    "people": "people",
    "records": "people",
    "import": "people",
    "models": "models",
    "plans": "models",
    "evidence": "models",
    "trials": "models",
}


@dataclass(frozen=True)
class ApiToken:
    """A token, without its secret."""

    id: int
    account: str
    name: str
    scopes: tuple[str, ...]
    created: dt.datetime
    expires: dt.datetime
    used: dt.datetime | None


def add(s: Session, account: Account, name: str, scopes: Sequence[str], days: int) -> tuple[str, ApiToken]:
    """A new token: its secret, which is shown once, and what is kept of it."""
    label = name.strip()
    if not label or len(label) > 60 or not label.isprintable():
        raise InputError(
            "name", gettext("it is empty or too long"), gettext("use 1 to 60 printable characters")
        )
    if not scopes:
        raise InputError("scopes", gettext("none is chosen"), gettext("choose what the program may do"))
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownName("scopes", "scope", scope, SCOPES)
        if scope.endswith(":write") and not account.may("clinician"):
            raise InputError(
                "scopes", gettext("a reader's program may only read"), gettext("leave out what writes")
            )
    if not 1 <= days <= MOST_DAYS:
        raise InputError(
            "days",
            gettext("{days} is not a number of days", days=days),
            gettext("use 1 to {most_days}", most_days=MOST_DAYS),
        )
    if len(of(s, account.id)) >= MOST_TOKENS:
        raise InputError(
            "tokens",
            gettext("there are {most_tokens} already", most_tokens=MOST_TOKENS),
            gettext("revoke one"),
        )
    secret, now = PREFIX + secrets.token_urlsafe(32), dt.datetime.now(dt.UTC)
    row = TokenTable(account_id=account.id, name=label, token_hash=digest(secret), scopes=sorted(set(scopes)))
    row.created, row.expires = now, now + dt.timedelta(days=days)
    s.add(row)
    s.flush()
    return secret, _token(row, account.name)


def of(s: Session, account_id: int | None = None) -> list[ApiToken]:
    """The tokens of an account, or of everyone, the newest first."""
    which = select(TokenTable, AccountTable.name).join(AccountTable, AccountTable.id == TokenTable.account_id)
    if account_id is not None:
        which = which.where(TokenTable.account_id == account_id)
    return [_token(row, name) for row, name in s.execute(which.order_by(TokenTable.id.desc())).all()]


def revoke(s: Session, id: int, account_id: int | None = None) -> str | None:
    """Delete a token, of this account where one is given: its name; None where there is none."""
    row = s.get(TokenTable, id) if 0 < id <= LARGEST_ID else None
    if row is None or account_id not in (None, row.account_id):
        return None
    s.execute(delete(TokenTable).where(TokenTable.id == id))
    return row.name


def holder(s: Session, secret: str, now: dt.datetime | None = None) -> Account | None:
    """In whose name does a program with this token call? None where it has ended."""
    row = s.scalars(select(TokenTable).where(TokenTable.token_hash == digest(secret))).first()
    if row is None or row.expires < (now or dt.datetime.now(dt.UTC)):
        return None
    account = account_of(s, row.account_id)
    if account is None or account.disabled or account.must_change:
        return None
    return replace(account, name=f"{account.name[:36]} (token {row.name})", scopes=tuple(row.scopes))


def touch(s: Session, secret: str) -> None:
    """Mark the token as used now."""
    row = s.scalars(select(TokenTable).where(TokenTable.token_hash == digest(secret))).first()
    if row is not None:
        row.used = dt.datetime.now(dt.UTC)


def scope_for(path: str, safe: bool) -> str | None:
    """The scope that a call of this path asks for; None where no token opens it.

    >>> scope_for("/api/v1/people/3", True), scope_for("/api/v1/import", False)
    ('people:read', 'people:write')
    >>> scope_for("/api/v1/account/password", False) is None
    True
    """
    parts = path.strip("/").split("/")
    area = _AREAS.get(parts[2]) if parts[:2] == ["api", "v1"] and len(parts) > 2 else None
    return None if area is None else f"{area}:{'read' if safe else 'write'}"


def _token(row: TokenTable, account: str) -> ApiToken:
    return ApiToken(row.id, account, row.name, tuple(row.scopes), row.created, row.expires, row.used)
