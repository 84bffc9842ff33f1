"""Everyone's account and the audit log, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from bonecast.errors import InputError
from bonecast.web.context import By, Db, Posted, only_with_accounts, page, redirect, require_role
from bonecast.web.store import accounts, audit

AUDIT_ROWS = 100


router = APIRouter(dependencies=[Depends(only_with_accounts)])
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


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
