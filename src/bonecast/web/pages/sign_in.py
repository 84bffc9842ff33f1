"""Signing in and out, where people do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.web.context import SESSION_COOKIE, Posted, check_origin, page, redirect, set_cookie, settings_of
from bonecast.web.store import accounts, audit

router = APIRouter()


@router.get("/sign-in")
def sign_in_form(request: Request, to: str = "/people") -> Response:
    """The form for name and password."""
    if not settings_of(request).accounts:
        return redirect("/people")
    return page(request, "sign-in.html.jinja", to=_ours(to), name="", fault="")


@router.post("/sign-in")
async def sign_in(request: Request, form: Posted) -> Response:
    """Check name and password; after some failures, the name at this address waits."""
    from starlette.concurrency import run_in_threadpool

    await check_origin(request)
    return await run_in_threadpool(
        _sign_in,
        request,
        str(form.get("name", "")),
        str(form.get("password", "")),
        _ours(str(form.get("to", ""))),
    )


@router.post("/sign-out")
async def sign_out(request: Request, form: Posted) -> Response:
    """End this session."""
    from starlette.concurrency import run_in_threadpool

    await check_origin(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    await run_in_threadpool(_end, request, token)
    answer = redirect("/sign-in", "signed-out")
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


def _sign_in(request: Request, name: str, password: str, to: str) -> Response:
    tries, address = request.app.state.tries, request.client.host if request.client else ""
    wait = tries.wait_s(name, address)
    store = request.app.state.store
    if wait:
        fault = f"There were too many tries. Wait {-(-wait // 60)} minutes."
        answer = page(request, "sign-in.html.jinja", status=429, to=to, name=name, fault=fault)
        answer.headers["retry-after"] = str(wait)
        return answer
    with store.reading() as session:
        known = accounts.named(session, name)
        account = accounts.admitted(session, name, password)
    with store.session() as session:
        # A name that is no account's may be a password typed into the wrong field: it is not kept.
        by, action = (known.name if known else "(unknown)"), "signed in" if account else "sign-in refused"
        audit.note(session, by, action, detail=f"from {address}")
        token = accounts.sign_in(session, account) if account else ""
    if not token:
        tries.failed(name, address)
        fault = "Name and password do not fit together."
        return page(request, "sign-in.html.jinja", status=401, to=to, name=name, fault=fault)
    tries.passed(name, address)
    answer = redirect(to)
    set_cookie(answer, request, SESSION_COOKIE, token, "lax")
    return answer


def _end(request: Request, token: str) -> None:
    with request.app.state.store.session() as session:
        account = accounts.signed_in(session, token)
        accounts.sign_out(session, token)
        if account is not None:
            audit.note(session, account.name, "signed out")


def _ours(to: str) -> str:
    """A path of this server; anything else leads to the list of people.

    >>> _ours("/people/3/record"), _ours("//elsewhere.example"), _ours("/\\\\\\\\elsewhere.example")
    ('/people/3/record', '/people', '/people')
    """
    plain = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if plain else "/people"
