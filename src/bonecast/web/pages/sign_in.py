"""Signing in and out, where people do."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.web.context import (
    BROWSER_COOKIE,
    KNOWN_COOKIE,
    SESSION_COOKIE,
    Posted,
    check_origin,
    later_of,
    page,
    redirect,
    set_cookie,
    settings_of,
    store_of,
)
from bonecast.web.own_password import TooManyTries, address_of, begin_try, end_try
from bonecast.web.security import second_factor, tokens
from bonecast.web.security.login_throttle import browser_mark, waiting_time
from bonecast.web.store import accounts, audit
from bonecast.web.store.accounts import Account

MOST_WAITING = 40  # sign-ins that wait for their turn; more are sent away
KNOWN_S = 180 * 86_400  # how long a browser is known

router = APIRouter()


@router.get("/sign-in")
def sign_in_form(request: Request, to: str = "/people") -> Response:
    """The form for name and password."""
    if not settings_of(request).accounts:
        return redirect("/people")
    return page(request, "sign-in.html.jinja", to=ours(to), name="", fault="")


@router.post("/sign-in")
async def sign_in(request: Request, form: Posted) -> Response:
    """Check name and password; after some failures, the name waits. A few passwords are hashed at a time."""
    await check_origin(request)
    name, password, to = (str(form.get(key, "")) for key in ("name", "password", "to"))
    room: CapacityLimiter = request.app.state.hashing
    if room.statistics().tasks_waiting >= MOST_WAITING:
        return _refused(
            request, 503, ours(to), name, gettext("Too many people sign in now. Wait a moment."), 5
        )
    try:
        browser = begin_try(request, name)
    except TooManyTries as error:
        return _refused(request, 429, ours(to), name, str(error), error.wait_s)
    return await to_thread.run_sync(_sign_in, request, name, password, ours(to), browser, limiter=room)


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


def _sign_in(request: Request, name: str, password: str, to: str, browser: str) -> Response:
    tried = end_try(request, name, password, browser)
    if tried.account is not None and tried.account.factor:
        with store_of(request).reading() as session:
            kept = accounts.kept_password(session, tried.account.id)
        passed = second_factor.passed_first(request.app.state.form_key, tried.account.id, kept)
        return _ask_for_code(request, passed, to)
    # A name that is no account's may be a password typed into the wrong field: it is not kept.
    by = tried.known.name if tried.known else "(unknown)"
    action = "signed in" if tried.account else "sign-in refused"
    later_of(request).note(by, action, detail=f"from {address_of(request)}")
    if tried.account is None:
        return _refused(request, 401, to, name, gettext("Name and password do not fit together."))
    return _signed_in(request, tried.account, to)


@router.post("/sign-in/code")
async def sign_in_with_code(request: Request, form: Posted) -> Response:
    """Check the code of the second factor, or a recovery code; after some failures, the account waits."""
    from starlette.concurrency import run_in_threadpool

    await check_origin(request)
    passed, code, to = (str(form.get(key, "")) for key in ("passed", "code", "to"))
    return await run_in_threadpool(_check_code, request, passed, code, ours(to))


def _check_code(request: Request, passed: str, code: str, to: str) -> Response:
    id = second_factor.account_passed(passed)
    with store_of(request).reading() as session:
        account = accounts.account_of(session, id)
        kept = accounts.kept_password(session, id) if account else ""
    if account is None or not second_factor.is_passed(request.app.state.form_key, passed, kept):
        return _refused(request, 401, to, "", gettext("It took too long. Sign in again."))
    counted = f"code of {account.name}"  # apart from the tries of the password, which was right
    wait = request.app.state.tries.begin(counted, address_of(request))
    if wait:
        fault = gettext("There were too many tries. Wait {time}, then try again.", time=waiting_time(wait))
        return _ask_for_code(request, passed, to, fault, 429, wait)
    with store_of(request).session() as session:
        right = not account.disabled and _use_code(session, id, code)
    action = "signed in" if right else "sign-in refused"
    later_of(request).note(account.name, action, detail=f"from {address_of(request)}, second factor")
    if not right:
        return _ask_for_code(request, passed, to, gettext("The code is not right, or was used before."), 401)
    request.app.state.tries.passed(counted, address_of(request))
    return _signed_in(request, account, to)


def _use_code(session: Session, id: int, code: str) -> bool:
    """Is this the code of now, or one of the recovery codes? Each is good once."""
    found = accounts.factor_of(session, id)
    if found is None:
        return False
    key, after, recovery = found
    step = second_factor.step_of(key, code, after)
    if step is not None:
        accounts.set_factor(session, id, key, recovery, step)
        return True
    hashed = second_factor.recovery_hash(code)
    if hashed in recovery:
        accounts.set_factor(session, id, key, [one for one in recovery if one != hashed], after)
        return True
    return False


def _signed_in(request: Request, account: Account, to: str) -> Response:
    """A session of this account; a one-time password that opened it is used up."""
    if account.must_change:
        with store_of(request).session() as session:
            accounts.use_up(session, account.id)
    browser = request.headers.get("user-agent", "")
    token = later_of(request).sign_in(account, address_of(request), browser)
    answer = redirect("/account" if account.must_change else to)
    set_cookie(answer, request, SESSION_COOKIE, token, "lax")
    secret = request.cookies.get(BROWSER_COOKIE) or tokens.new_browser()
    mark = browser_mark(request.app.state.form_key, account.name, secret)
    set_cookie(answer, request, KNOWN_COOKIE, mark, "strict", max_age=KNOWN_S)
    return answer


def _ask_for_code(
    request: Request, passed: str, to: str, fault: str = "", status: int = 200, retry_s: int | None = None
) -> Response:
    answer = page(request, "sign-in-code.html.jinja", status=status, passed=passed, to=to, fault=fault)
    if retry_s is not None:
        answer.headers["retry-after"] = str(retry_s)
    return answer


def _refused(
    request: Request, status: int, to: str, name: str, fault: str, retry_s: int | None = None
) -> Response:
    answer = page(request, "sign-in.html.jinja", status=status, to=to, name=name, fault=fault)
    if retry_s is not None:
        answer.headers["retry-after"] = str(retry_s)
    return answer


def _end(request: Request, token: str) -> None:
    later_of(request).sign_out(token)
    with request.app.state.store.session() as session:
        account = accounts.signed_in(session, token)
        accounts.sign_out(session, token)
        if account is not None:
            audit.note(session, account.name, "signed out")


def ours(to: str) -> str:
    """A path of this server; anything else leads to the list of people.

    >>> ours("/people/3/record"), ours("//elsewhere.example"), ours("/\\\\\\\\elsewhere.example")
    ('/people/3/record', '/people', '/people')
    """
    plain = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if plain else "/people"
