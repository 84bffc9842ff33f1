"""The outermost layer: whose host name, how large a request, which headers, and one line of log for each answer."""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bonecast.core import speaking
from bonecast.errors import refusal
from bonecast.web.clinic import ClinicSettings, clinic_formats
from bonecast.web.languages import asked_language, is_page
from bonecast.web.settings import LARGEST_PAGE, LARGEST_UPLOAD, Settings

LOG = logging.getLogger("bonecast.web")
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(:\d{1,5})?")
_PROXIED = (b"forwarded", b"x-real-ip")
HOOKS = "/cds-services"  # these have a list of origins of their own
SAFE = ("GET", "HEAD", "OPTIONS")
_UPLOADS = ("/people/import", "/api/v1/import")

# What every answer tells the browser: load nothing from elsewhere, run nothing inline, keep nothing.
CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TWO_LENGTHS = "The request states its length in two ways.\n"  # a proxy before us may have believed the other
NOT_KEPT = "no-store"
ONLY_HTTPS = "max-age=31536000"


class TooLarge(Exception):
    """More bytes than this path takes."""


class Limit:
    """A limit on the bytes of one request; a chunked one has no length that could be refused at once."""

    def __init__(self, most: int) -> None:
        self.most, self.seen, self.passed = most, 0, False

    def watched(self, receive: Receive) -> Receive:
        """The same request, which raises TooLarge where it grows beyond the limit."""

        async def receiving() -> Message:
            message = await receive()
            self.seen += len(message.get("body", b""))
            if self.seen > self.most:
                self.passed = True
                raise TooLarge
            return message

        return receiving


class SecurityMiddleware:
    """Every request passes here first and every answer last."""

    def __init__(
        self, app: ASGIApp, settings: Settings, failure: Callable[[Request, Exception], Response]
    ) -> None:
        self.app, self.settings, self.failure = app, settings, failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, limit = time.perf_counter(), 0, Limit(largest(scope["path"]))
        scope["bonecast_request"] = secrets.token_hex(6)

        async def sending(message: Message) -> None:
            nonlocal status
            if limit.passed and not status:
                return  # whatever was made of half a request is not the answer to it
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._headers(message["headers"])]
            await send(message)

        try:
            answer = self._refusal(scope) or self.app
            clinic = await _clinic(scope)
            with speaking(asked_language(scope, clinic.language), is_page(scope)), clinic_formats(clinic):
                await answer(scope, limit.watched(receive), sending)
        except (TooLarge, ClientDisconnect):  # the second: nobody is there to be answered
            pass
        except (
            Exception
        ) as error:  # not passed on: the server would log its text, which may hold what a record says
            with speaking(asked_language(scope), is_page(scope)):
                answer = self.failure(Request(scope), error)
            if not status and not limit.passed:
                await answer(scope, receive, sending)
        if limit.passed and not status:
            limit.passed = False
            await _too_large(scope)(scope, receive, sending)
        log_request(scope, status, time.perf_counter() - began)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is answered to a request that goes no further; None where it does."""
        headers = dict(scope["headers"])
        host = _HOST.fullmatch(headers.get(b"host", b"").decode("latin-1"))
        if host is None or not self.settings.answers_to(host["name"]):
            return PlainTextResponse("This server does not answer to that name.\n", 421)
        if not self.settings.accounts:
            refused = _stranger(scope, headers)
            if refused is not None:
                return refused
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        length = lengths[0] if lengths else b"0"
        if len(lengths) > 1 or (lengths and b"transfer-encoding" in headers):
            return PlainTextResponse(TWO_LENGTHS, 400, {"connection": "close"})
        if not length.isdigit() or len(length) > 15:
            return PlainTextResponse("The length of the request cannot be read.\n", 400)
        return _too_large(scope) if int(length) > largest(scope["path"]) else None

    def _headers(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name.decode("latin-1").lower() for name, _ in given}
        made = headers_for(names, self.settings.secure)
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in made.items()]


async def _clinic(scope: Scope) -> ClinicSettings:
    """What the clinic has set; nothing where the database is away, which the answer itself says."""
    book = scope["app"].state.clinic
    try:
        return await run_in_threadpool(book.now) if book.stale else book.now()
    except SQLAlchemyError:
        return ClinicSettings()


def _stranger(scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
    """Where nobody signs in: the refusal of what a proxy passed on, and of what another site's page would change."""
    if any(name in _PROXIED or name.startswith(b"x-forwarded-") for name in headers):
        hint = "start it with 'bonecast serve --behind-proxy', which demands accounts"
        return JSONResponse(refusal("request", "a proxy passed it on, and here nobody signs in", hint), 403)
    own = scope["scheme"].encode() + b"://" + headers[b"host"]
    foreign = b"origin" in headers and headers[b"origin"].lower() != own.lower()
    if foreign and scope["method"] not in SAFE and not scope["path"].startswith(HOOKS):
        return JSONResponse(refusal("request", "it came from a page of another site", "use our pages"), 403)
    return None


def largest(path: str) -> int:
    """How many bytes may a request for this path carry?"""
    return LARGEST_UPLOAD if path in _UPLOADS else LARGEST_PAGE


def log(event: str, **what: Any) -> None:
    """One line of JSON in the log `bonecast.web`, a failure as an error. Callers give no text of a user or a record."""
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": event, **what}
    LOG.log(logging.ERROR if event == "failure" else logging.INFO, json.dumps(line))


def log_request(scope: Scope, status: int, seconds: float) -> None:
    """One line for an answer: the pattern of the path, never the path or the query, which may hold names."""
    route = "/static" if scope["path"].startswith("/static/") else getattr(scope.get("route"), "path", None)
    log(
        "request",
        request=scope["bonecast_request"],
        method=scope["method"] if scope["method"].isalpha() else "?",
        route=route or "(none)",
        status=status,
        ms=round(seconds * 1000, 1),
    )


def _too_large(scope: Scope) -> Response:
    hint = f"send at most {largest(scope['path']) / 1e6:g} MB"
    return JSONResponse(refusal("request", "the request is too large", hint), 413, {"connection": "close"})


def headers_for(given: set[str], secure: bool) -> dict[str, str]:
    """The headers to add to an answer that has already these (in lower case)."""
    made = {name: value for name, value in ALWAYS.items() if name not in given}
    if "cache-control" not in given:
        made["cache-control"] = NOT_KEPT
    if secure:
        made["strict-transport-security"] = ONLY_HTTPS
    return made
