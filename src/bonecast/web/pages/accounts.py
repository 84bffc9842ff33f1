"""Everyone's account, tokens and the audit log, for administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from bonecast.errors import InputError
from bonecast.web.context import By, Db, Posted, only_with_accounts, page, redirect, require_role
from bonecast.web.store import accounts, api_tokens, audit

AUDIT_ROWS = 100


router = APIRouter(dependencies=[Depends(only_with_accounts), require_role("administrator")])
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@router.get("/accounts")
def everyone(request: Request, s: Db) -> Response:
    """All accounts, and the form for a new one."""
    return _everyone(request, s)


@router.post("/accounts")
def add(request: Request, s: Db, form: Posted, account: By) -> Response:
    """A new account."""
    try:
        made = accounts.add(s, *(str(form.get(key, "")) for key in ("name", "role", "password")))
    except InputError as error:
        return _everyone(request, s, 422, fault=str(error))
    audit.note(s, account.name, "account added", detail=f"{made.name}, {made.role}")
    return redirect("/accounts", "account-added")


@router.post("/accounts/{number:int}")
def change(s: Db, number: int, form: Posted, account: By) -> Response:
    """Another role, or an account closed or opened again."""
    role = str(form.get("role", "")) or None
    changed = accounts.change(s, number, role, None, form.get("disabled") == "yes")
    state = "closed" if changed.disabled else changed.role
    audit.note(s, account.name, "account changed", detail=f"{changed.name}, {state}")
    return redirect("/accounts", "account-changed")


@router.post("/accounts/{number:int}/password")
def reset_password(request: Request, s: Db, number: int, account: By) -> Response:
    """A password that opens the account once within a day and must then be changed; it is shown once."""
    password = accounts.reset_password(s, number)
    whose = accounts.account_of(s, number)
    assert whose is not None  # `reset_password` raised otherwise
    audit.note(s, account.name, "password reset", detail=whose.name)
    return _everyone(request, s, whose=whose.name, password=password)


@router.post("/accounts/{number:int}/factor/remove")
def remove_factor(s: Db, number: int, account: By) -> Response:
    """Ask for no code of this account any more: its owner has lost the telephone."""
    whose = accounts.account_of(s, number)
    if whose is None:
        raise HTTPException(404, "There is no such account.")
    accounts.set_factor(s, number, None, [])
    audit.note(s, account.name, "second factor removed", detail=whose.name)
    return redirect("/accounts", "account-changed")


@router.post("/accounts/tokens/{number:int}/revoke")
def revoke_token(s: Db, number: int, account: By) -> Response:
    """Revoke anybody's token."""
    name = api_tokens.revoke(s, number)
    if name is None:
        raise HTTPException(404, "There is no such token.")
    audit.note(s, account.name, "token revoked", detail=name)
    return redirect("/accounts", "token-revoked")


@router.get("/accounts/audit")
def audit_log(request: Request, s: Db, offset: Offset = 0) -> Response:
    """Who did what and when, the newest first."""
    lines = audit.latest(s, offset, AUDIT_ROWS)
    return page(request, "audit.html.jinja", lines=lines, offset=offset, rows=AUDIT_ROWS)


def _everyone(request: Request, s: Session, status: int = 200, **content: Any) -> Response:
    listed = accounts.every(s)
    return page(
        request,
        "accounts.html.jinja",
        status=status,
        accounts=listed,
        roles=accounts.ROLES,
        tokens=api_tokens.of(s),
        **content,
    )
