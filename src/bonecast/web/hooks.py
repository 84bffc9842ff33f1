"""The CDS Hooks 2.0 service over HTTP: discovery, calls, feedback.

`bonecast.interop.cds_hooks` gives the answers; here are the addresses, status codes and headers of the specification
(https://cds-hooks.hl7.org/2.0/). Only the prefetch of a call is read: no FHIR server is asked for anything. Each call
says which client sends it (`security.cds_clients`). A browser's page is answered only if its origin was allowed: a page
elsewhere could otherwise ask, and report overrides, in a clinic's name.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bonecast.care import append_overrides
from bonecast.core import current_practice, parse_json
from bonecast.errors import InputError, UnknownName
from bonecast.interop import CardFeedback, PrefetchMissing, answer, discovery, feedback
from bonecast.web.security.cds_clients import Clients, NotAdmitted

SOURCE_ATTRIBUTES = "/trust#source-attributes"  # the page that each card links to
LARGEST_CALL = 4_000_000  # bytes: a prefetch of 200 observations has about 200,000
MOST_CARDS = 100_000  # that are remembered; the oldest are forgotten
CORS = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-max-age": "600",
}


class FeedbackStore(Protocol):
    """Where it is kept what clinicians did with the cards of a person."""

    def record(self, made: Iterable[CardFeedback], patient_id: str, client: str) -> None:
        """Keep what this client reports."""
        ...


class CallLog(Protocol):
    """Where it is kept who asked for what, and who was refused."""

    def asked(self, client: str, path: str, patient_id: str | None) -> None:
        """A client asked for this path."""
        ...

    def refused(self, address: str, path: str, reason: str) -> None:
        """Someone without a right to it asked."""
        ...


class NoCallLog:
    """Nothing is kept."""

    def asked(self, client: str, path: str, patient_id: str | None) -> None:
        """Keep nothing."""

    def refused(self, address: str, path: str, reason: str) -> None:
        """Keep nothing."""


class LogFeedback:
    """A log with a line of JSON for each finding that was overridden; the one that `bonecast check --log` writes."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def record(self, made: Iterable[CardFeedback], patient_id: str, client: str) -> None:
        """Add a line for each override."""
        found = tuple(override for one in made if (override := one.override(client)) is not None)
        append_overrides(found, patient_id, self.log)


class Cards(Protocol):
    """Where it is kept which rule, of whom, each card stood for: feedback names the card alone, days later at times."""

    def write(self, patient_id: str, cards: dict[str, str]) -> None:
        """Remember the cards of a person, uuid to rule."""
        ...

    def read(self, card: str) -> tuple[str, str] | None:
        """Patient and rule of a card; the rule is empty where it stood for none."""
        ...


class CardBook:
    """Cards in memory, forgotten when the service ends; the application keeps them in its database.

    >>> book = CardBook()
    >>> book.write("A-17", {"0f4c": "DC-01"})
    >>> book.read("0f4c"), book.read("other")
    (('A-17', 'DC-01'), None)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: dict[str, tuple[str, str]] = {}

    def write(self, patient_id: str, cards: dict[str, str]) -> None:
        """Remember the cards of a person, uuid to rule."""
        with self._lock:
            self._cards |= {card: (patient_id, rule) for card, rule in cards.items()}
            while len(self._cards) > MOST_CARDS:
                del self._cards[next(iter(self._cards))]

    def read(self, card: str) -> tuple[str, str] | None:
        """Patient and rule of a card; the rule is empty where it stood for none."""
        return self._cards.get(card)


def hooks_router(
    feedback_store: FeedbackStore,
    jurisdiction: str | None = None,
    cards: Cards | None = None,
    today: Callable[[], dt.date] = dt.date.today,
    origins: Collection[str] = (),
    *,
    clients: Clients,
    calls: CallLog | None = None,
    launch_url: str = "",
) -> APIRouter:
    """The addresses of the service.

    feedback_store : takes what clinicians did with cards (`LogFeedback`, or the application's database). jurisdiction :
    whose rules decide; the strictest where none is named. cards : what was given out; in memory by default. today :
    the day of a call. origins : of the pages that may ask, such as `https://sandbox.cds-hooks.org`; programs send none.
    clients : decides who a caller is. calls : takes who asked and who was refused. launch_url : where a client may open
    the chart by SMART App Launch; empty for nowhere.
    """
    router, book, audited = APIRouter(), cards or CardBook(), calls or NoCallLog()

    def called(
        service: str, call: dict[str, Any], client: str, path: str, attributes_url: str
    ) -> dict[str, Any]:
        context = call.get("context")
        whose = context.get("patientId") if isinstance(context, dict) else None
        audited.asked(client, path, whose if isinstance(whose, str) else None)
        clinic = current_practice().jurisdiction or jurisdiction
        made = answer(service, call, clinic, today(), launch_url, attributes_url)
        coded = {one["uuid"]: _rule_of(one) for one in made["cards"] if "uuid" in one}
        book.write(call["context"]["patientId"], coded)
        return made

    def fed_back(service: str, body: dict[str, Any], client: str, path: str) -> dict[str, Any]:
        found = body.get("feedback")
        reports = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        known = {card: of for card in (str(one.get("card")) for one in reports) if (of := book.read(card))}
        made = feedback(service, body, {card: rule for card, (_, rule) in known.items()})
        for person in dict.fromkeys(person for person, _ in known.values()):
            audited.asked(client, path, person)
            feedback_store.record([one for one in made if known[one.card][0] == person], person, client)
        return {}

    async def admitted(request: Request) -> str | Response:
        """The client that asks, or the refusal."""
        refused = _foreign(request, origins) or _wrong_type(request)
        if refused is not None:
            return refused
        path = request.url.path
        try:
            return await run_in_threadpool(clients.admit, request.headers.get("authorization"), path)
        except NotAdmitted as error:
            address = request.client.host if request.client else ""
            await run_in_threadpool(audited.refused, address, path, str(error))
            hint = "register the client: docs/web.md, CDS Hooks"
            said = InputError("Authorization", str(error).rstrip(".").replace("The ", "the ", 1), hint)
            return JSONResponse(said.as_dict(), 401, {"www-authenticate": "Bearer", **_cors(request)})

    @router.get("/cds-services")
    async def services(request: Request) -> Response:
        client = await admitted(request)
        if isinstance(client, Response):
            return client
        await run_in_threadpool(audited.asked, client, request.url.path, None)
        return JSONResponse(discovery(), headers=_cors(request))

    @router.post("/cds-services/{service}")
    async def call(service: str, request: Request) -> Response:
        client = await admitted(request)
        if isinstance(client, Response):
            return client
        about = f"{str(request.base_url).rstrip('/')}{SOURCE_ATTRIBUTES}"
        return await _reply(request, lambda body: called(service, body, client, request.url.path, about))

    @router.post("/cds-services/{service}/feedback")
    async def take_feedback(service: str, request: Request) -> Response:
        client = await admitted(request)
        if isinstance(client, Response):
            return client
        return await _reply(request, lambda body: fed_back(service, body, client, request.url.path))

    @router.options("/cds-services")
    @router.options("/cds-services/{service}")
    @router.options("/cds-services/{service}/feedback")
    def preflight(request: Request, service: str = "") -> Response:
        return _foreign(request, origins) or Response(status_code=204, headers=_cors(request))

    return router


def _foreign(request: Request, origins: Collection[str]) -> Response | None:
    """The refusal of a page whose origin was not allowed; None for an allowed one, and for programs (no origin)."""
    origin = request.headers.get("origin")
    if origin is None or origin in origins:
        return None
    hint = "allow it where the server is started: bonecast serve --cds-origin URL"
    error = InputError("Origin", "pages of this origin may not ask", hint)
    return JSONResponse(error.as_dict(), 403, {"vary": "Origin"})


def _wrong_type(request: Request) -> Response | None:
    """The refusal of a body that does not call itself JSON, which any page may send without being asked first."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if request.method != "POST" or kind == "application/json":
        return None
    error = InputError("Content-Type", "the body is not sent as JSON", "send application/json")
    return JSONResponse(error.as_dict(), 415, _cors(request))


def _cors(request: Request) -> dict[str, str]:
    """The headers by which an allowed page may read the answer; `_foreign` has refused every other page."""
    origin = request.headers.get("origin")
    allowed = {} if origin is None else {"access-control-allow-origin": origin, **CORS}
    return {"vary": "Origin", **allowed}


async def _reply(request: Request, of: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """The answer to a posted body, or what is wrong with it."""
    try:
        body = await _body(request)
        return JSONResponse(await run_in_threadpool(of, body), headers=_cors(request))
    except InputError as error:
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
        return JSONResponse(error.as_dict(), status, headers=_cors(request))


class _TooLarge(InputError):
    """More bytes than a call may have."""


async def _body(request: Request) -> dict[str, Any]:
    """The posted JSON object, no longer than it may be."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST_CALL:
            raise _TooLarge("body", f"it has more than {LARGEST_CALL:,} bytes", "send fewer resources")
    if rb"\u0000" in found:
        raise InputError("body", "a text in it holds the character NUL", "leave it out")
    body = await run_in_threadpool(parse_json, bytes(found), "body")
    if not isinstance(body, dict):
        raise InputError("body", "it is not a JSON object", "send one")
    return body


def _rule_of(card: dict[str, Any]) -> str:
    """The rule that a card stands for; empty where it stands for none."""
    return str(card["source"].get("topic", {}).get("code", ""))


_STATUS: dict[type[InputError], int] = {
    _TooLarge: 413,
    PrefetchMissing: 412,
    UnknownName: 404,
}
