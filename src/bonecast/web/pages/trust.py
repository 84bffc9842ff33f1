"""The trust pack: open to everyone who can reach the server, since no person's data are in it."""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.responses import Response

from bonecast.trust import pack_content, pack_page
from bonecast.web.pages.standalone import standalone

router = APIRouter()


@router.get("/trust")
def trust() -> Response:
    """The pack as one page."""
    return standalone(pack_page(pack_content()))


@router.get("/trust.json")
def trust_json() -> Response:
    """The pack as data."""
    return Response(json.dumps(pack_content(), ensure_ascii=False), media_type="application/json")
