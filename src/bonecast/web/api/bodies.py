"""What the API takes: a body is held against the limits of files (`core.limits`) before anything else reads it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from bonecast.core import parse_json


class BoundedRoute(APIRoute):
    """A call with JSON: digits, depth and control characters as in files, and a sentence where they are not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the check before it."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
            if kind == "application/json" and (body := await request.body()):
                await run_in_threadpool(parse_json, body, "body")
            return await handle(request)

        return checked


def api_router(**how: Any) -> APIRouter:
    """A router of the API, whose calls are bounded."""
    return APIRouter(route_class=BoundedRoute, **how)
