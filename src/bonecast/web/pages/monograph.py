"""What is known of denosumab, sentence by sentence with its source: for reading and for looking up."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.care import claims, headings, monograph
from bonecast.web.context import page

router = APIRouter()


@router.get("/monograph")
def show(request: Request) -> Response:
    """Chapters, adverse reactions with both arms on one denominator, and claims of common texts."""
    return page(
        request,
        "monograph.html.jinja",
        chapters=monograph().values(),
        reactions=headings().values(),
        claims=claims().values(),
    )
