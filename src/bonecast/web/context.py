"""What pages are given: the database, who asks, the posted form; and how a page is answered.

`gate` stands before every page and every call of the API: no page can forget it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.web import templates
from bonecast.web.clinic import ClinicSettings
from bonecast.web.header import TABS, PersonHeader, header_of
from bonecast.web.security import tokens
from bonecast.web.security.middleware import SAFE
from bonecast.web.settings import Settings, local_user
from bonecast.web.store import Later, Store, StoredPerson, accounts, api_tokens, audit, overrides, people
from bonecast.web.store.accounts import Account, Role

SESSION_COOKIE, BROWSER_COOKIE = "bonecast-session", "bonecast-browser"
KNOWN_COOKIE = "bonecast-known"  # the mark of a browser that has signed in (`login_throttle`)
MOST_FIELDS = 70_000  # of one form: 5,000 measurements with 12 fields each
LONGEST_FIELD = 1_000_000  # bytes: a merged record comes back in one hidden field


class SignInFirst(Exception):
    """Nobody is signed in where accounts are demanded."""


class ChangePasswordFirst(Exception):
    """The password was given by an administrator: nothing else is shown before it is changed."""


class Forbidden(Exception):
    """Refused, with the reason in a sentence."""


def settings_of(request: Request) -> Settings:
    """How the application is run; what the clinic has set goes before the command line."""
    started, own = request.app.state.settings, clinic_of(request)
    jurisdiction, phone = own.practice.jurisdiction or started.jurisdiction, own.phone or started.phone
    return replace(started, jurisdiction=jurisdiction, phone=phone)


def clinic_of(request: Request) -> ClinicSettings:
    """What the clinic has set."""
    return request.app.state.clinic.now()


def store_of(request: Request) -> Store:
    """The open database, for work that outlasts a request."""
    return request.app.state.store


def later_of(request: Request) -> Later:
    """What writes for those who only look."""
    return request.app.state.later


def _session(request: Request) -> Iterator[Session]:
    """A session for this request: it reads for a GET and may write otherwise; committed before the answer is sent."""
    store = store_of(request)
    with store.reading() if request.method in SAFE else store.session() as session:
        yield session


Db = Annotated[Session, Depends(_session, scope="function")]


def current_account(request: Request) -> Account:
    """Who asks? On a computer of one's own, its user, with every right."""
    return request.state.account


By = Annotated[Account, Depends(current_account)]


async def posted(request: Request) -> FormData:
    """The posted form, read once."""
    return await request.form(max_files=100, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)


Posted = Annotated[FormData, Depends(posted)]


def _account(request: Request) -> Account:
    """Who asks, by the session's cookie or, below /api, the token of a program. Raises SignInFirst."""
    if not settings_of(request).accounts:
        return Account(0, local_user(), "administrator")
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() == "bearer" and request.url.path.startswith("/api/"):
        return _program(request, secret.strip())
    token, store = request.cookies.get(SESSION_COOKIE), store_of(request)
    if token:
        with store.reading() as session:
            found, stale = accounts.signed_in(session, token), accounts.stale(session, token)
            found = found or later_of(request).signed_in(session, token)
        if found is not None and stale:
            later_of(request).soon(f"touch {accounts.digest(token)}", lambda s: accounts.touch(s, token))
        if found is not None:
            return found
    raise SignInFirst


def _program(request: Request, secret: str) -> Account:
    """In whose name a program calls, if its token is good for this call. Raises SignInFirst and Forbidden."""
    with store_of(request).reading() as session:
        found = api_tokens.holder(session, secret)
    if found is None:
        raise SignInFirst
    scope = api_tokens.scope_for(request.url.path, request.method in SAFE)
    if scope is None or scope not in (found.scopes or ()):
        raise Forbidden(gettext("This token is not for such a call."))
    later_of(request).soon(f"token {accounts.digest(secret)}", lambda s: api_tokens.touch(s, secret))
    return found


async def gate(request: Request) -> None:
    """Who asks, and may they? Readers may only look, and a form must be one of ours."""
    await own_gate(request)
    if request.state.account.must_change:
        raise ChangePasswordFirst
    if request.method not in SAFE and not request.state.account.may("clinician"):
        raise Forbidden(gettext("A reader may look at everything and change nothing."))


async def own_gate(request: Request) -> None:
    """The gate of what everyone may change: the own account."""
    from starlette.concurrency import run_in_threadpool

    request.state.account = await run_in_threadpool(_account, request)
    if request.method not in SAFE:
        await check_origin(request)


def only_with_accounts(request: Request) -> None:
    """A dependency of pages and calls that need accounts."""
    if not settings_of(request).accounts:
        raise HTTPException(404, gettext("Nobody signs in on this computer."))


async def check_origin(request: Request) -> None:
    """Does this request come from a page of ours (its token), or from a program (JSON, which a foreign page may not
    send)? Raises Forbidden.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(gettext("The request came from a page of another site."))
    if request.url.path.startswith("/api/"):
        kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if request.method != "DELETE" and kind not in ("application/json", "application/octet-stream"):
            raise HTTPException(415, "send application/json")
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
            raise Forbidden(gettext("The request came from a page of another site."))
        return
    token = request.headers.get(tokens.HEADER)
    if token is None:
        token = str((await posted(request)).get(tokens.FIELD, ""))
    if not tokens.is_token(request.app.state.form_key, _holder(request), token):
        raise Forbidden(
            gettext("The form has grown old, or is not ours. Go back, reload the page and send it again.")
        )


def require_role(role: Role) -> Any:
    """A dependency for pages that only this role, or one above it, may see."""

    def check(account: By) -> None:
        if not account.may(role):
            raise Forbidden(gettext("This page is for the role {role}.", role=gettext(role)))

    return Depends(check)


def note_look(request: Request, s: Session, person_id: int | None = None) -> None:
    """Where people sign in, keep in the audit log who looked at whom (at the list, without `person_id`) on which route,
    whether they asked for a page, a part of one, a file or data.

    A session that only reads waits for none that writes (`Later`).
    """
    if not settings_of(request).accounts:
        return
    by, action = request.state.account.name, "looked" if person_id is not None else "listed"
    prefix = "/api/v1" if request.url.path.startswith("/api/v1/") else ""  # a route does not know it
    route = prefix + getattr(request.scope.get("route"), "path", "")
    if request.method in SAFE:
        later_of(request).note(by, action, person_id, route)
    else:
        audit.note(s, by, action, person_id, route)


def person_or_404(s: Db, id: int, request: Request) -> StoredPerson:
    """The person whose page this is; who looked is kept in the audit log."""
    stored = people.get(s, id)
    if stored is None or stored.deleted:
        raise HTTPException(404, gettext("There is no such person here; look among the deleted ones."))
    note_look(request, s, id)
    return stored


Person = Annotated[StoredPerson, Depends(person_or_404)]


def page(
    request: Request,
    template: str,
    person: StoredPerson | None = None,
    tab: str = "",
    status: int = 200,
    **content: Any,
) -> HTMLResponse:
    """A page made from a template. With `person` it bears the person's header and tabs, `tab` being the open part."""
    browser = request.cookies.get(BROWSER_COOKIE) or tokens.new_browser()
    holder = _holder(request) or browser
    if person is not None:
        content.setdefault("head", _header(request, person))
    text = templates.render(
        template,
        person=person,
        tab=tab,
        tabs=TABS,
        account=getattr(request.state, "account", None),
        settings=settings_of(request),
        clinic=clinic_of(request),
        csrf=tokens.token_for(request.app.state.form_key, holder),
        path=request.url.path,
        said=gettext(FLASH_MESSAGES.get(request.query_params.get("said", ""), "")),
        **content,
    )
    answer = HTMLResponse(text, status)
    if BROWSER_COOKIE not in request.cookies:
        set_cookie(answer, request, BROWSER_COOKIE, browser, "strict")
    return answer


def _header(request: Request, person: StoredPerson) -> PersonHeader:
    """What asks for help today, and the chips; nothing of a record that cannot be used, whose page says so."""
    with store_of(request).reading() as session:
        kept = overrides.standing(session, person.id)
    try:
        usual = settings_of(request).jurisdiction
        return header_of(person, people.patient(person), kept, usual, dt.date.today())
    except InputError:
        return PersonHeader()


# What a page says after it was redirected to: a word in the address, never a text from it.
FLASH_MESSAGES = {
    "added": "The person was added.",
    "saved": "The record was saved.",
    "example": "The example was added. She is invented: nobody's data. Delete her in the record when you are done.",
    "draft-dropped": "The draft was discarded.",
    "assigned": "The list was changed.",
    "template-saved": "The template was saved.",
    "view-saved": "The view was saved.",
    "view-deleted": "The view was deleted.",
    "merged": "The record was saved, together with changes made meanwhile in another window.",
    "unchanged": "Nothing was changed.",
    "deleted": "The person was deleted.",
    "restored": "The person is back on the list.",
    "overridden": "The finding is overridden for this act, with its reason.",
    "override-undone": "The finding counts again.",
    "signed-out": "You are signed out.",
    "account-added": "The account was added.",
    "account-changed": "The account was changed.",
    "password-changed": "The password was changed; sign in with it.",
    "factor-added": "A code is asked for at each sign-in from now on.",
    "factor-removed": "No code is asked for any more.",
    "session-ended": "The session was ended.",
    "token-revoked": "The token was revoked.",
    "decided": "What was chosen was kept.",
    "erased": "Everything about the person was erased.",
    "settings-saved": "The settings were saved.",
}


def redirect(to: str, said: str = "") -> RedirectResponse:
    """Go on to another page of ours after a form; `said` is a key of SAYINGS."""
    joint = "&" if "?" in to else "?"
    return RedirectResponse(f"{to}{joint}said={quote(said)}" if said else to, 303)


def set_cookie(
    answer: Any, request: Request, name: str, value: str, same_site: Any, max_age: int | None = None
) -> None:
    """A cookie that no script reads, which goes to this server only; it ends with the browser, or after `max_age` s."""
    answer.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        secure=settings_of(request).secure,
        samesite=same_site,
        path="/",
    )


def _holder(request: Request) -> str | None:
    return request.cookies.get(SESSION_COOKIE) or request.cookies.get(BROWSER_COOKIE)
