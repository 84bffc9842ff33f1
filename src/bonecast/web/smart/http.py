"""Requests to record systems: short, bounded, without redirects; each failure is a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bonecast.errors import printable
from bonecast.web.smart.errors import SmartRefused

WAITS_S = 15  # for one answer
LARGEST_ANSWER = 12_000_000  # bytes


def ask(
    method: str,
    url: str,
    place: str,
    form: Mapping[str, str] | None = None,
    token: str = "",
    login: tuple[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Ask a record system: the status and the JSON object of its answer (empty where it holds none).

    Raises SmartRefused where it cannot be reached, or answers more than is taken.
    """
    import httpx

    headers = {"accept": "application/json, application/fhir+json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    try:
        with (
            httpx.Client(timeout=WAITS_S, follow_redirects=False) as client,
            client.stream(
                method, url, headers=headers, data=form, auth=login or httpx.USE_CLIENT_DEFAULT
            ) as answer,
        ):
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise SmartRefused(place, "the record system answers too much", "ask its operator", 502)
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        cause = f"the record system cannot be reached ({printable(type(error).__name__)})"
        raise SmartRefused(place, cause, "try again, or ask its operator", 502) from None
    try:
        found = json.loads(bytes(body)) if body else {}
    except (ValueError, RecursionError):
        found = {}
    return status, found if isinstance(found, dict) else {}
