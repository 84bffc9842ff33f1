"""All data of one person, for those who keep the accounts: exported as a file, or erased for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.web.context import By, Db, Posted, note_look, page, redirect, require_role, store_of
from bonecast.web.jobs.worker_pool import unpacked
from bonecast.web.settings import folder_beside
from bonecast.web.store import StoredPerson, jobs, one_person, people

router = APIRouter(dependencies=[require_role("administrator")])


def _anyone(s: Db, id: int, request: Request) -> StoredPerson:
    """The person with this number, a deleted one too; who looked is kept in the audit log."""
    stored = people.get(s, id)
    if stored is None:
        raise HTTPException(404, gettext("There is no such person here."))
    note_look(request, s, id)
    return stored


Anyone = Annotated[StoredPerson, Depends(_anyone)]


@router.get("/people/{id:int}/data")
def choose(request: Request, s: Db, person: Anyone) -> Response:
    """What can be exported and erased, and which backups hold the person still."""
    return _page(request, s, person)


@router.get("/people/{id:int}/export.zip")
def export(s: Db, person: Anyone) -> Response:
    """Everything that is kept of the person, as one file."""
    name = f"person-{person.id}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    content = one_person.gathered(s, person.id, unpacked)
    return Response(content, media_type="application/zip", headers=headers)


@router.post("/people/{id:int}/erase")
def erase(request: Request, form: Posted, id: int, account: By) -> Response:
    """Erase everything of the person; the audit log keeps that it was done. The id is typed to confirm it."""
    store = store_of(request)
    with store.session() as s:
        stored = _anyone(s, id, request)
        if str(form.get("confirm", "")).strip() != str(stored.record["person"].get("id", "")):
            fault = gettext("Type the id of the person as it stands in the record. Nothing was erased.")
            return _page(request, s, stored, fault, 422)
        for job in jobs.of(s, id, limit=1000):
            jobs.cancel(s, job.id)
        files = one_person.erase(s, id, account.name)
    one_person.clear_files(store, files, folder_beside(store.path))
    return redirect("/people", "erased")


def _page(request: Request, s: Db, person: StoredPerson, fault: str = "", status: int = 200) -> Response:
    return page(
        request,
        "data-protection.html.jinja",
        None if person.deleted else person,
        "record",
        status,
        whose=person,
        backups=one_person.backups_before(s),
        fault=fault,
    )
