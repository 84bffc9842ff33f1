"""Whole pages that other rooms make: served with a policy that allows the style inside them and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.responses import Response

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_SAFE_NAME = re.compile(r"[a-z0-9.-]+")


def standalone(html: str, save_as: str = "") -> Response:
    """This page, shown or saved as a file of this name. Its style is allowed by its hash, fonts
    inside it are; no script can run.

    >>> standalone("<style>p{}</style>").headers["content-security-policy"].split("; ")[1]
    "style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='"
    """
    hashes = (hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(html))
    allowed = " ".join(f"'sha256-{base64.b64encode(found).decode()}'" for found in hashes) or "'none'"
    policy = (
        f"default-src 'none'; style-src {allowed}; img-src data:; font-src data:; frame-ancestors 'none'; "
    )
    headers = {"content-security-policy": policy + "base-uri 'none'; form-action 'none'"}
    return Response(html, media_type="text/html; charset=utf-8", headers=headers | saved_as(save_as))


def saved_as(name: str) -> dict[str, str]:
    """The header that makes a browser save an answer under this name; none without a name."""
    if not name:
        return {}
    if not _SAFE_NAME.fullmatch(name):
        raise ValueError(name)
    return {"content-disposition": f'attachment; filename="{name}"'}
