"""One's own account, of whatever role: its page, and a new password."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bonecast.errors import InputError
from bonecast.web.context import SESSION_COOKIE, By, Posted, only_with_accounts, own_gate, page, redirect
from bonecast.web.own_password import TooManyTries, change_own

router = APIRouter(dependencies=[Depends(own_gate), Depends(only_with_accounts)])


@router.get("/account")
def own(request: Request) -> Response:
    """Name, role, and the form for a new password."""
    return page(request, "account.html.jinja", fault="")


@router.post("/account/password")
def change_password(request: Request, form: Posted, account: By) -> Response:
    """A new password; every session of the account ends, this one too."""
    old, new, again = (str(form.get(key, "")) for key in ("old", "new", "again"))
    try:
        if new != again:
            raise InputError("again", "the two new passwords differ", "type them again")
        change_own(request, account, old, new)
    except InputError as error:
        fault = f"{error.cause[0].upper()}{error.cause[1:]}; {error.hint}."
        return page(request, "account.html.jinja", status=422, fault=fault)
    except TooManyTries as error:
        answer = page(request, "account.html.jinja", status=429, fault=str(error))
        answer.headers["retry-after"] = str(error.wait_s)
        return answer
    answer = redirect("/sign-in", "password-changed")
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer
