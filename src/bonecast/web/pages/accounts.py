"""Accounts: one's own password, and for administrators everyone's account and the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from bonecast.errors import InputError
from bonecast.web.context import SESSION_COOKIE, By, Db, Posted, page, redirect, require_role, settings_of
from bonecast.web.store import accounts, audit

AUDIT_ROWS = 100


def _only_with_accounts(request: Request) -> None:
    if not settings_of(request).accounts:
        raise HTTPException(404, "Nobody signs in on this computer.")


router = APIRouter(dependencies=[Depends(_only_with_accounts)])
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@router.get("/account")
def own(request: Request) -> Response:
    """Name, role, and the form for a new password."""
    return page(request, "account.html.jinja", fault="")


@router.post("/account/password")
def change_password(request: Request, s: Db, form: Posted, account: By) -> Response:
    """A new password; every session of the account ends, this one too."""
    old, new = str(form.get("old", "")), str(form.get("new", ""))
    tries, address = request.app.state.tries, request.client.host if request.client else ""
    fault = ""
    if tries.wait_s(account.name, address):
        fault = "There were too many tries. Wait a quarter of an hour."
    elif accounts.admitted(s, account.name, old) is None:
        tries.failed(account.name, address)
        fault = "The present password is not right."
    elif new != str(form.get("again", "")):
        fault = "The two new passwords differ."
    if not fault:
        try:
            accounts.change(s, account.id, password=new)
        except InputError as error:
            fault = f"{error.cause}; {error.hint}."
    if fault:
        return page(request, "account.html.jinja", status=422, fault=fault[0].upper() + fault[1:])
    audit.note(s, account.name, "password changed")
    answer = redirect("/sign-in", "password-changed")
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


@router.get("/accounts", dependencies=[require_role("administrator")])
def everyone(request: Request, s: Db) -> Response:
    """All accounts, and the form for a new one."""
    return page(request, "accounts.html.jinja", accounts=accounts.every(s), roles=accounts.ROLES, fault="")


@router.post("/accounts", dependencies=[require_role("administrator")])
def add(request: Request, s: Db, form: Posted, account: By) -> Response:
    """A new account."""
    try:
        made = accounts.add(s, *(str(form.get(key, "")) for key in ("name", "role", "password")))
    except InputError as error:
        listed = accounts.every(s)
        return page(
            request,
            "accounts.html.jinja",
            status=422,
            accounts=listed,
            roles=accounts.ROLES,
            fault=str(error),
        )
    audit.note(s, account.name, "account added", detail=f"{made.name}, {made.role}")
    return redirect("/accounts", "account-added")


@router.post("/accounts/{number:int}", dependencies=[require_role("administrator")])
def change(s: Db, number: int, form: Posted, account: By) -> Response:
    """Another role or password, or an account closed or opened again."""
    role, password = str(form.get("role", "")) or None, str(form.get("password", "")) or None
    changed = accounts.change(s, number, role, password, form.get("disabled") == "yes")
    said = "closed" if changed.disabled else changed.role
    audit.note(s, account.name, "account changed", detail=f"{changed.name}, {said}")
    return redirect("/accounts", "account-changed")


@router.get("/accounts/audit", dependencies=[require_role("administrator")])
def audit_log(request: Request, s: Db, offset: Offset = 0) -> Response:
    """Who did what and when, the newest first."""
    lines = audit.latest(s, offset, AUDIT_ROWS)
    return page(request, "audit.html.jinja", lines=lines, offset=offset, rows=AUDIT_ROWS)
