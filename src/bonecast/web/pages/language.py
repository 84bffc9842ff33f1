"""The choice of the language of the pages, kept by the browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bonecast.core import language
from bonecast.web.context import check_origin, set_cookie
from bonecast.web.languages import COOKIE
from bonecast.web.pages.sign_in import ours

KEPT_S = 365 * 86_400

router = APIRouter()


@router.post("/language")
async def choose(
    request: Request, code: Annotated[str, Form()], back: Annotated[str, Form()] = "/people"
) -> Response:
    """Show pages in this language from now on, and go back to the page where it was chosen."""
    await check_origin(request)
    answer = RedirectResponse(ours(back), 303)
    set_cookie(answer, request, COOKIE, language(code).code, "lax", max_age=KEPT_S)
    return answer
