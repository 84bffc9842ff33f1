"""Passwords that people type: tried a few times only, and changed by their owner; for the pages and the API."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.web.context import KNOWN_COOKIE, store_of
from bonecast.web.security.login_throttle import known_browser, waiting_time
from bonecast.web.store import accounts, audit
from bonecast.web.store.accounts import Account


class TooManyTries(Exception):
    """The name, the browser or the address has to wait; nothing was looked at."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"There were too many tries. Wait {waiting_time(wait_s)}, then try again.")


@dataclass(frozen=True)
class Tried:
    """What became of a name and a password."""

    known: Account | None  # the account of this name
    account: Account | None  # the same, if the password opens it


def begin_try(request: Request, name: str) -> str:
    """Count a try of this name, before anything is hashed: the mark of its browser. Raises TooManyTries."""
    browser = known_browser(request.app.state.form_key, name, request.cookies.get(KNOWN_COOKIE, ""))
    wait = request.app.state.tries.begin(name, address_of(request), browser)
    if wait:
        raise TooManyTries(wait)
    return browser


def end_try(request: Request, name: str, password: str, browser: str) -> Tried:
    """Does this password open the account of this name? `browser` is what `begin_try` gave."""
    with store_of(request).reading() as session:
        known = accounts.named(session, name)
        account = accounts.admitted(session, name, password)
    if account is not None:
        request.app.state.tries.passed(name, address_of(request), browser)
    return Tried(known, account)


def check_own(request: Request, account: Account, password: str) -> None:
    """Is this the password of the own account? Raises TooManyTries, and InputError where it is not."""
    browser = begin_try(request, account.name)
    if end_try(request, account.name, password, browser).account is None:
        raise InputError("old", gettext("the present password is not right"), gettext("type it again"))


def change_own(request: Request, account: Account, old: str, new: str) -> None:
    """Give the own account a new password; each of its sessions ends, in every browser.

    Raises TooManyTries, and InputError where the present password is wrong or the new one too weak.
    """
    if not account.must_change:  # a one-time password was just used, and cannot be typed again
        check_own(request, account, old)
    if new == old:
        raise InputError("new", gettext("it is the present password"), gettext("choose another"))
    with store_of(request).session() as session:
        accounts.change(session, account.id, password=new)
        audit.note(session, account.name, "password changed")


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""
