"""The CDS Hooks 2.0 service over HTTP: discovery, calls, feedback.

`bonecast.interop.cds_hooks` gives the answers; here are the addresses, status codes and headers of the specification
(https://cds-hooks.hl7.org/2.0/). Only the prefetch of a call is read: no FHIR server is asked for anything. A client's
token (JWT) is not checked; whoever opens the service to other computers does that in front of it. A browser's page is
answered only if its origin was allowed: a page elsewhere could otherwise ask, and report overrides, in a clinic's name.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bonecast.care import Override, append_overrides
from bonecast.core import parse_json
from bonecast.errors import InputError, UnknownName
from bonecast.interop import PrefetchMissing, answer, discovery, feedback

LARGEST_CALL = 4_000_000  # bytes: a prefetch of 200 observations has about 200,000
MOST_CARDS = 100_000  # that are remembered; the oldest are forgotten
CORS = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-max-age": "600",
}


class FeedbackStore(Protocol):
    """Where findings that a clinician set aside are kept."""

    def record(self, made: Iterable[Override], patient_id: str) -> None:
        """Keep them."""
        ...


class LogFeedback:
    """A log with a line of JSON for each finding that was set aside; the one that `bonecast check --log` writes."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def record(self, made: Iterable[Override], patient_id: str) -> None:
        """Add a line for each."""
        append_overrides(tuple(made), patient_id, self.log)


class CardBook:
    """Which rule, of whom, each card stood for: feedback names the card alone, and may come days later.

    With a file, what was given out before a restart is still known. It holds ids of patients and is readable by its
    owner only.

    >>> book = CardBook()
    >>> book.write("A-17", {"0f4c": "DC-01"})
    >>> book.read("0f4c"), book.read("other")
    (('A-17', 'DC-01'), None)
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._cards: dict[str, tuple[str, str]] = {}
        if file is not None and file.is_file():
            for line in file.read_text("utf-8").splitlines():
                self._keep(line)

    def write(self, patient_id: str, cards: dict[str, str]) -> None:
        """Remember the cards of a person, uuid to rule."""
        with self._lock:
            new = {card: (patient_id, rule) for card, rule in cards.items() if card not in self._cards}
            self._cards |= new
            while len(self._cards) > MOST_CARDS:
                del self._cards[next(iter(self._cards))]
            if self._file is None or not new:
                return
            self._file.touch(mode=0o600)
            with self._file.open("a", encoding="utf-8") as out:
                out.writelines(json.dumps([card, *of]) + "\n" for card, of in new.items())

    def read(self, card: str) -> tuple[str, str] | None:
        """Patient and rule of a card; the rule is empty where it stood for none."""
        return self._cards.get(card)

    def _keep(self, line: str) -> None:
        try:
            card, patient_id, rule = map(str, json.loads(line))
        except (ValueError, TypeError):  # a line that was cut off
            return
        self._cards[card] = (patient_id, rule)


def hooks_router(
    feedback_store: FeedbackStore,
    jurisdiction: str | None = None,
    cards: CardBook | None = None,
    today: Callable[[], dt.date] = dt.date.today,
    origins: Collection[str] = (),
) -> APIRouter:
    """The addresses of the service.

    feedback_store : takes what clinicians set aside (`LogFeedback`, or the application's database). jurisdiction :
    whose rules decide; the strictest where none is named. cards : what was given out; in memory by default. today :
    the day of a call. origins : of the pages that may ask, such as `https://sandbox.cds-hooks.org`; programs send none.
    """
    router, book = APIRouter(), cards or CardBook()

    def called(service: str, call: dict[str, Any]) -> dict[str, Any]:
        made = answer(service, call, jurisdiction, today())
        coded = {one["uuid"]: _rule_of(one) for one in made["cards"] if "uuid" in one}
        book.write(call["context"]["patientId"], coded)
        return made

    def fed_back(service: str, body: dict[str, Any]) -> dict[str, Any]:
        found = body.get("feedback")
        reports = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        known = {card: of for card in (str(one.get("card")) for one in reports) if (of := book.read(card))}
        rules = {card: rule for card, (_, rule) in known.items()}
        feedback(service, body, rules)  # refuses the whole before anything is kept
        for person in dict.fromkeys(person for person, _ in known.values()):
            theirs = [one for one in reports if known.get(str(one.get("card")), ("",))[0] == person]
            feedback_store.record(feedback(service, {"feedback": theirs}, rules), person)
        return {}

    @router.get("/cds-services")
    def services(request: Request) -> Response:
        return _foreign(request, origins) or JSONResponse(discovery(), headers=_cors(request))

    @router.post("/cds-services/{service}")
    async def call(service: str, request: Request) -> Response:
        return _foreign(request, origins) or await _reply(request, lambda body: called(service, body))

    @router.post("/cds-services/{service}/feedback")
    async def take_feedback(service: str, request: Request) -> Response:
        return _foreign(request, origins) or await _reply(request, lambda body: fed_back(service, body))

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


class _OtherType(InputError):
    """A body that does not call itself JSON, which any page may send without being asked first."""


class _TooLarge(InputError):
    """More bytes than a call may have."""


async def _body(request: Request) -> dict[str, Any]:
    """The posted JSON object, no longer than it may be."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json":
        raise _OtherType("Content-Type", "the body is not sent as JSON", "send application/json")
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST_CALL:
            raise _TooLarge("body", f"it has more than {LARGEST_CALL:,} bytes", "send fewer resources")
    body = await run_in_threadpool(parse_json, bytes(found), "body")
    if not isinstance(body, dict):
        raise InputError("body", "it is not a JSON object", "send one")
    return body


def _rule_of(card: dict[str, Any]) -> str:
    """The rule that a card stands for; empty where it stands for none."""
    return str(card["source"].get("topic", {}).get("code", ""))


_STATUS: dict[type[InputError], int] = {
    _OtherType: 415,
    _TooLarge: 413,
    PrefetchMissing: 412,
    UnknownName: 404,
}
