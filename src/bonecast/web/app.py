"""The application: every page and call of the API in one list, with what stands around them."""

from __future__ import annotations

import datetime as dt
import gc
import time
import traceback
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bonecast.core import DISCLAIMER, RecordError, gettext
from bonecast.errors import InputError, refusal
from bonecast.fonts import web_folder
from bonecast.interop import CardFeedback
from bonecast.reports import bonecast_version
from bonecast.web import api, health, pages
from bonecast.web.api.people import clashes_of
from bonecast.web.clinic import ClinicBook
from bonecast.web.context import ChangePasswordFirst, Forbidden, SignInFirst, gate, note_look, page
from bonecast.web.hooks import CardBook, hooks_router
from bonecast.web.importing import ImportBoard
from bonecast.web.jobs import working
from bonecast.web.jobs.job_request import JobWaits
from bonecast.web.pages import smart
from bonecast.web.security import passwords
from bonecast.web.security.cds_clients import RegisteredClients, Sandbox, read_clients
from bonecast.web.security.login_throttle import LoginThrottle
from bonecast.web.security.middleware import SecurityMiddleware, log
from bonecast.web.settings import Settings, cds_secret_file, smart_key_file
from bonecast.web.smart import smart_service
from bonecast.web.store import (
    Conflict,
    Later,
    accounts,
    audit,
    card_feedback,
    database_file,
    given_cards,
    is_full,
    open_store,
    overrides,
    people,
)

RETRY = {"retry-after": "5"}


def create_app(settings: Settings) -> FastAPI:
    """Make the application on a database, ready to be served.

    The database is opened, and brought up to date, when the application starts.

    Parameters
    ----------
    settings : Settings
        How it is run.

    Returns
    -------
    FastAPI
        The application.
    """
    app = FastAPI(
        title="Bonecast",
        version=bonecast_version(),
        description=f"The interface that the pages use. {DISCLAIMER}",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # these two pages would ask another host for their scripts
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.imports, app.state.counts = ImportBoard(), None
    app.state.tries, app.state.hashing = LoginThrottle(), CapacityLimiter(passwords.AT_ONCE)
    for router in pages.OPEN_ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.include_router(health.router)
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False, dependencies=[Depends(gate)])
    for router in api.OWN_ROUTERS:
        app.include_router(router, prefix="/api/v1")
    for router in api.ROUTERS:
        app.include_router(router, prefix="/api/v1", dependencies=[Depends(gate)])
    app.state.smart = None
    if settings.smart_issuers is not None:
        key = settings.smart_key or smart_key_file(database_file(settings.database))
        app.state.smart = smart_service(settings.smart_issuers, key)
        app.include_router(smart.router, include_in_schema=False, dependencies=[Depends(gate)])
    if settings.cds_hooks:
        _include_hooks(app, settings)
    app.mount("/static/fonts", _Static(directory=web_folder()))  # compressed by themselves
    app.mount(
        "/static", GZipMiddleware(_Static(directory=str(files("bonecast.web") / "static")), minimum_size=1000)
    )
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)
    app.add_middleware(SecurityMiddleware, settings=settings, failure=_failure)
    return app


class _Static(StaticFiles):
    """Files that never change under one address: their address has a mark of their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        marked = scope["query_string"].startswith(b"v=") and answer.status_code in (200, 304)
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
        return answer


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database and start the worker; at the end, stop the worker and close."""
    settings: Settings = app.state.settings
    store = app.state.store = open_store(settings.database)
    app.state.clinic = ClinicBook(store)
    with store.session() as session:
        app.state.form_key = accounts.form_key(session)
        if store.path:
            given_cards.take_in(session, store.path.with_name("cds-hooks-cards.jsonl"))
    app.state.later = Later(store)
    app.state.later.open()
    if settings.cds_hooks:
        app.state.cds_clients.prepare()
    gc.freeze()  # what was imported stays: later collections pass it over
    log("started", accounts=settings.accounts, database=store.url.get_backend_name())
    with working(store, settings) as app.state.workshop:
        yield
    app.state.later.close()
    store.close()
    log("stopped")


class _Feedback:
    """Where the feedback of CDS Hooks clients goes: all of it into its table, overrides into history and audit log too.
    No later check applies it.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def record(self, made: Iterable[CardFeedback], patient_id: str, client: str) -> None:
        """Keep it."""
        reported = tuple(made)
        with self._app.state.store.session() as session:
            person = people.with_record_id(session, patient_id)
            card_feedback.record(session, reported, patient_id, client)
            found = [override for one in reported if (override := one.override(client)) is not None]
            overrides.record_fed_back(session, found, patient_id)
            for one in found:
                audit.note(session, client, "reported an override", person.id if person else None, one.rule)


class _Calls:
    """Who asked through CDS Hooks, and who was refused: into the audit log."""

    def __init__(self, app: FastAPI) -> None:
        self._app, self._last = app, 0.0

    def asked(self, client: str, path: str, patient_id: str | None) -> None:
        """A line; the person is named by their number, if they are on the list."""
        person = None
        if patient_id:
            with self._app.state.store.reading() as session:
                person = people.with_record_id(session, patient_id)
        self._app.state.later.note(client, "asked", person.id if person else None, path)

    def refused(self, address: str, path: str, reason: str) -> None:
        """A line, at most one a second: a flood of refused calls does not fill the database."""
        if time.monotonic() < self._last + 1:
            return
        self._last = time.monotonic()
        self._app.state.later.note("(unknown)", "CDS client refused", detail=f"from {address}: {reason}")


class _Cards:
    """Which cards were given out: into the database; those of today in memory too, so that each is written once."""

    def __init__(self, app: FastAPI) -> None:
        self._app, self._today, self._day = app, CardBook(), dt.date.min

    def write(self, patient_id: str, cards: dict[str, str]) -> None:
        """Remember the cards of a person, uuid to rule."""
        if self._day != dt.date.today():
            self._today, self._day = CardBook(), dt.date.today()
        new = {card: rule for card, rule in cards.items() if self._today.read(card) is None}
        self._today.write(patient_id, new)
        if new:
            key = f"cards {min(new)}"
            self._app.state.later.write(key, lambda s: given_cards.write(s, patient_id, new))

    def read(self, card: str) -> tuple[str, str] | None:
        """Patient and rule of a card; the rule is empty where it stood for none."""
        found = self._today.read(card)
        if found is None:
            with self._app.state.store.reading() as session:
                found = given_cards.read(session, card)
        return found


def _include_hooks(app: FastAPI, settings: Settings) -> None:
    """The CDS Hooks service, whose clients are other programs: tokens in place of a sign-in, and no forms."""
    path = database_file(settings.database)
    clients = Sandbox()
    if not settings.cds_sandbox:
        url, known = read_clients(settings.cds_clients) if settings.cds_clients else ("", ())
        clients = RegisteredClients(known, url, None if settings.accounts else cds_secret_file(path))
    app.state.cds_clients, app.state.cds_cards = clients, _Cards(app)
    router = hooks_router(
        _Feedback(app),
        settings.jurisdiction,
        app.state.cds_cards,
        origins=settings.cds_origins,
        clients=clients,
        calls=_Calls(app),
        launch_url=app.state.smart.launch_url if app.state.smart else "",
    )
    app.include_router(router, include_in_schema=False)


def _asks_for_json(request: Request) -> bool:
    path = request.url.path
    return path.startswith(("/api/", "/cds-services", "/health"))


def _refusal(
    request: Request, status: int, heading: str, lines: Sequence[str], headers: Any = None
) -> Response:
    if _asks_for_json(request):
        return JSONResponse(refusal("request", " ".join(lines)), status, headers)
    answer = page(request, "plain.html.jinja", status=status, heading=heading, lines=lines)
    answer.headers.update(headers or {})
    return answer


def _sign_in_first(request: Request, error: SignInFirst) -> Response:
    if _asks_for_json(request):
        return _refusal(request, 401, gettext("Sign in"), [gettext("Sign in first.")])
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"hx-redirect": "/sign-in"})
    to = request.url.path if request.method == "GET" else "/people"
    return RedirectResponse(f"/sign-in?to={to}", 303)


def _change_password_first(request: Request, error: ChangePasswordFirst) -> Response:
    if _asks_for_json(request):
        return _refusal(
            request, 403, gettext("Not allowed"), [gettext("Change the one-time password first.")]
        )
    if "hx-request" in request.headers:
        return Response(status_code=403, headers={"hx-redirect": "/account"})
    return RedirectResponse("/account", 303)


def _forbidden(request: Request, error: Forbidden) -> Response:
    return _refusal(request, 403, gettext("Not allowed"), [str(error)])


def _input_error(request: Request, error: InputError) -> Response:
    faults = error.faults if isinstance(error, RecordError) else (error,)
    if _asks_for_json(request):
        said = [fault.as_dict() for fault in faults]
        return JSONResponse({**said[0], "faults": said}, 422)
    return _refusal(request, 422, gettext("This cannot be used as given"), [str(fault) for fault in faults])


def _conflict(request: Request, error: Conflict) -> Response:
    if (
        "id" in request.path_params
    ):  # the answer holds fields of the record; what was noted before was rolled back
        with request.app.state.store.session() as session:
            note_look(request, session, int(request.path_params["id"]))
    if _asks_for_json(request):
        return JSONResponse(clashes_of(error).model_dump(mode="json"), 409)
    lines = [gettext("The record was changed in another window meanwhile. Nothing was saved: open it again.")]
    return _refusal(request, 409, gettext("Changed meanwhile"), lines)


def _not_valid(request: Request, error: RequestValidationError) -> Response:
    """A query or form that does not fit: which part, in a sentence."""
    detail = error.errors()[0]
    where = ", ".join(str(step) for step in detail["loc"])
    fault = refusal(where, detail["msg"], "correct it and send it again")
    if _asks_for_json(request):
        return JSONResponse(fault, 422)
    return _refusal(request, 422, gettext("This cannot be used as given"), [f"{where}: {detail['msg']}."])


def _http(request: Request, error: HTTPException) -> Response:
    lines = [str(error.detail)]
    headings = {
        404: gettext("There is no such page"),
        405: gettext("This cannot be done here"),
        409: gettext("Changed meanwhile"),
    }
    if error.status_code == 404 and error.detail == "Not Found":
        lines = [gettext("The address is of no page here.")]
    return _refusal(
        request, error.status_code, headings.get(error.status_code, gettext("Refused")), lines, error.headers
    )


def _failure(request: Request, error: Exception) -> Response:
    """Our failure: where in the code goes to the log, its text does not, for it may hold what a record says."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    request_id = request.scope.get("bonecast_request", "")
    log("failure", request=request_id, kind=type(error).__name__, where=where)
    lines = [
        gettext(
            "This is our failure, not yours. Nothing of what you sent was kept. Its number is {number}.",
            number=request_id,
        )
    ]
    return _refusal(request, 500, gettext("Something went wrong"), lines)


def _database(request: Request, error: OperationalError) -> Response:
    """A database that is full (507), or locked or away (503), in a sentence; nothing of the request was kept."""
    log("database", request=request.scope.get("bonecast_request", ""), kind=type(error.orig).__name__)
    if is_full(error):
        lines = [
            gettext(
                "The disk of the database is full. Nothing was saved: make room on it, then send it again."
            )
        ]
        return _refusal(request, 507, gettext("The disk is full"), lines)
    lines = [gettext("The database is busy or away. Nothing was saved: send it again in a moment.")]
    return _refusal(request, 503, gettext("The database cannot be used now"), lines, RETRY)


def _waits(request: Request, error: JobWaits) -> Response:
    """A page asked for a computation while others held the write lock: it is begun once they have ended."""
    line = gettext(
        "Others write into the database. The computation begins after them, and this page opens again by itself."
    )
    headers = {"retry-after": "2", "refresh": "2"}
    return _refusal(request, 503, gettext("The computation waits"), [line], headers)


def _crowded(request: Request, error: NoConnection) -> Response:
    """No connection to the database became free."""
    return _refusal(
        request,
        503,
        gettext("Too many ask at once"),
        [gettext("Nothing was saved: send it again in a moment.")],
        RETRY,
    )


_ANSWERS: dict[Any, Any] = {
    OperationalError: _database,
    NoConnection: _crowded,
    SignInFirst: _sign_in_first,
    ChangePasswordFirst: _change_password_first,
    Forbidden: _forbidden,
    InputError: _input_error,
    Conflict: _conflict,
    JobWaits: _waits,
    RequestValidationError: _not_valid,
    StarletteHTTPException: _http,
}
