"""Records out of files: TOML, a FHIR R4 Bundle in JSON, or a CSV of people; each read by itself, none half read."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.web.context import By, Posted, page, require_role, store_of
from bonecast.web.importing import MOST_FILES, ImportResult, bring

router = APIRouter(dependencies=[require_role("clinician")])


@router.get("/people/import")
def choose(request: Request) -> Response:
    """The form: files, or text pasted in."""
    return page(request, "import.html.jinja", brought=(), fault="", pasted="")


@router.get("/people/import/progress")
def progress(request: Request, account: By) -> Response:
    """How far one's own import is: a part of the page, empty where none runs."""
    return page(request, "import-progress.html.jinja", share=request.app.state.imports.read(account.name))


@router.post("/people/import")
def bring_in(request: Request, form: Posted, account: By) -> Response:
    """Read every file, keep the records that can be used, and say of each what became of it."""
    uploads = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    pasted, update = str(form.get("pasted", "")), form.get("known") == "update"
    if len(uploads) > MOST_FILES:
        fault = gettext(
            "{count} files are too many at once: choose at most {most}. None was read.",
            count=len(uploads),
            most=MOST_FILES,
        )
        return page(request, "import.html.jinja", status=422, brought=(), fault=fault, pasted=pasted)
    files = [(one.filename or "file", one.file.read()) for one in uploads]
    if pasted.strip():
        files.append((f"pasted.{form.get('kind', 'toml')}", pasted.encode("utf-8", "replace")))
    if not files:
        fault = gettext("Choose a file, or paste a record.")
        return page(request, "import.html.jinja", status=422, brought=(), fault=fault, pasted="")
    brought: list[ImportResult] = []
    for name, data in files:
        brought += bring(store_of(request), data, name, account.name, update, request.app.state.imports)
    kept = any(one.id for one in brought)
    return page(
        request,
        "import.html.jinja",
        status=200 if kept else 422,
        brought=brought,
        fault="",
        pasted="" if kept else pasted,
    )
