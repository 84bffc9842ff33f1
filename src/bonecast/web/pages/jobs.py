"""Long work as pages see it: how far it is, its charts, and the button that ends it."""

from __future__ import annotations

import gzip
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from bonecast.core import gettext
from bonecast.web.context import By, Db, note_look, page, store_of
from bonecast.web.jobs.content import spec_texts
from bonecast.web.jobs.worker_pool import unpacked
from bonecast.web.store import jobs
from bonecast.web.store.jobs import OPEN, Job

router = APIRouter()
ASKED_FROM = ("/people/", "/evidence", "/trials/", "/service")  # the pages that ask for long work


def _job(s: Db, id: int) -> Job:
    found = jobs.get(s, id)
    if found is None:
        raise HTTPException(
            404, gettext("There is no such work; it may have been made for an earlier database.")
        )
    return found


def _note(request: Request, s: Db, job: Job) -> None:
    """What came out for a person is a part of the record."""
    if job.person_id is not None:
        note_look(request, s, job.person_id)


@router.get("/jobs/{id:int}")
def state(request: Request, s: Db, id: int) -> Response:
    """How far is it? A part of a page; once it has ended the page is asked to load again."""
    found = _job(s, id)
    if found.state not in OPEN:  # before that a bar is all there is to see, and it is asked for every second
        _note(request, s, found)
        return Response(headers={"hx-refresh": "true"})
    back = _inside(urlsplit(request.headers.get("hx-current-url", "")).path)
    return page(request, "work.html.jinja", job=found, back=back)


@router.get("/jobs/{id:int}/charts")
def charts(request: Request, s: Db, id: int) -> Response:
    """The specifications of its charts, by their keys."""
    found = _job(s, id)
    kept = jobs.result(s, id) if found.state == "done" else None
    if kept is None:
        raise HTTPException(404, gettext("There are no charts of it."))
    _note(request, s, found)
    made = spec_texts(unpacked(kept).get("charts", [])).encode()
    headers = {"cache-control": "private, max-age=3600", "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):  # of a megabyte or more, a tenth is sent
        headers["content-encoding"] = "gzip"
        made = gzip.compress(made, 6, mtime=0)
    return Response(made, headers=headers, media_type="application/json")


@router.post("/jobs/{id:int}/cancel")
def cancel(request: Request, id: int, account: By, back: Annotated[str, Form()] = "/people") -> Response:
    """End it, whether it waits or runs; then back to the page it was asked from."""
    with store_of(request).session() as s:
        _job(s, id)
        jobs.cancel(s, id)
    return RedirectResponse(_inside(back), 303)


def _inside(to: str) -> str:
    """An address of ours, whatever was sent."""
    parts = urlsplit(to)
    ours = not parts.scheme and not parts.netloc and to.startswith(ASKED_FROM) and "\\" not in to
    return to if ours else "/people"
