"""One's own account, of whatever role: password, second factor, sessions, and tokens of programs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from markupsafe import Markup
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.web.context import (
    SESSION_COOKIE,
    By,
    Db,
    Posted,
    only_with_accounts,
    own_gate,
    page,
    redirect,
    store_of,
)
from bonecast.web.own_password import TooManyTries, change_own, check_own
from bonecast.web.security import second_factor
from bonecast.web.store import accounts, api_tokens, audit
from bonecast.web.store.accounts import Account, digest, handle

router = APIRouter(dependencies=[Depends(own_gate), Depends(only_with_accounts)])
USUAL_DAYS = 90


@router.get("/account")
def own(request: Request, account: By) -> Response:
    """Name, role, password, second factor, sessions and tokens."""
    return _own(request, account)


@router.post("/account/password")
def change_password(request: Request, form: Posted, account: By) -> Response:
    """A new password; every session of the account ends, this one too."""
    old, new, again = (str(form.get(key, "")) for key in ("old", "new", "again"))
    try:
        if new != again:
            raise InputError("again", gettext("the two new passwords differ"), gettext("type them again"))
        change_own(request, account, old, new)
    except (InputError, TooManyTries) as error:
        return _refused(request, account, error, "password")
    answer = redirect("/sign-in", "password-changed")
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


def _no_one_time_password(account: By) -> None:
    """People who came with a one-time password change it before anything else."""
    if account.must_change:
        raise HTTPException(403, "Change the one-time password first.")


settled = Depends(_no_one_time_password)


@router.post("/account/factor/begin", dependencies=[settled])
def begin_factor(request: Request, account: By) -> Response:
    """A new key for an authenticator, as a picture; it counts once a code of it was typed."""
    return _own(request, account, new_key=second_factor.new_key())


@router.post("/account/factor", dependencies=[settled])
def add_factor(request: Request, form: Posted, account: By) -> Response:
    """Ask for a code at each sign-in from now on; the recovery codes are shown once."""
    key, code, password = (str(form.get(name, "")) for name in ("key", "code", "password"))
    try:
        check_own(request, account, password)
        step = second_factor.step_of(key, code, 0) if second_factor.is_key(key) else None
        if step is None:
            raise InputError(
                "code", gettext("the code is not right"), gettext("type the one that is shown now")
            )
    except (InputError, TooManyTries) as error:
        return _refused(request, account, error, "factor", new_key=key if second_factor.is_key(key) else "")
    codes = second_factor.new_recovery_codes()
    with store_of(request).session() as s:
        accounts.set_factor(s, account.id, key, [second_factor.recovery_hash(one) for one in codes], step)
        audit.note(s, account.name, "second factor added")
    return _own(request, _again(request, account), codes=codes)


@router.post("/account/factor/remove", dependencies=[settled])
def remove_factor(request: Request, form: Posted, account: By) -> Response:
    """Ask for no code any more."""
    try:
        check_own(request, account, str(form.get("password", "")))
    except (InputError, TooManyTries) as error:
        return _refused(request, account, error, "factor")
    with store_of(request).session() as s:
        accounts.set_factor(s, account.id, None, [])
        audit.note(s, account.name, "second factor removed")
    return redirect("/account", "factor-removed")


@router.post("/account/sessions/{named}/end", dependencies=[settled])
def end_session(s: Db, named: str, account: By) -> Response:
    """End one of the own sessions."""
    if accounts.end_session(s, account.id, named):
        audit.note(s, account.name, "session ended")
    return redirect("/account", "session-ended")


@router.post("/account/tokens", dependencies=[settled])
def add_token(request: Request, form: Posted, account: By) -> Response:
    """A new token for a program, which is shown once."""
    scopes = [str(one) for one in form.getlist("scopes")]
    days = str(form.get("days", ""))
    number = int(days) if days.isdecimal() and len(days) < 6 else 0
    try:
        with store_of(request).session() as s:
            secret, made = api_tokens.add(s, account, str(form.get("name", "")), scopes, number)
            audit.note(s, account.name, "token added", detail=f"{made.name}: {', '.join(made.scopes)}")
    except InputError as error:
        return _refused(request, account, error, "tokens")
    return _own(request, account, secret=secret)


@router.post("/account/tokens/{number:int}/revoke", dependencies=[settled])
def revoke_token(s: Db, number: int, account: By) -> Response:
    """Revoke one of the own tokens."""
    name = api_tokens.revoke(s, number, account.id)
    if name is None:
        raise HTTPException(404, "There is no such token.")
    audit.note(s, account.name, "token revoked", detail=name)
    return redirect("/account", "token-revoked")


def _own(
    request: Request, account: Account, fault: str = "", at: str = "", status: int = 200, **content: Any
) -> Response:
    key = str(content.pop("new_key", ""))
    with store_of(request).reading() as s:
        sessions, known = accounts.sessions(s, account.id), api_tokens.of(s, account.id)
    return page(
        request,
        "account.html.jinja",
        status=status,
        fault=fault,
        at=at,
        own=account,
        sessions=sessions,
        this=handle(digest(request.cookies.get(SESSION_COOKIE, ""))),
        tokens=known,
        scopes=[one for one in api_tokens.SCOPES if one.endswith("read") or account.may("clinician")],
        usual_days=USUAL_DAYS,
        key=key,
        picture=Markup(second_factor.picture(key, account.name)) if key else "",
        **content,
    )


def _refused(
    request: Request, account: Account, error: InputError | TooManyTries, at: str, **content: Any
) -> Response:
    """The page again, with what is wrong beside the form that was sent."""
    if isinstance(error, TooManyTries):
        answer = _own(request, account, str(error), at, 429, **content)
        answer.headers["retry-after"] = str(error.wait_s)
        return answer
    fault = f"{error.cause[0].upper()}{error.cause[1:]}; {error.hint}."
    return _own(request, account, fault, at, 422, **content)


def _again(request: Request, account: Account) -> Account:
    """The account as it is now."""
    with store_of(request).reading() as s:
        return accounts.account_of(s, account.id) or account
