"""What was changed in a record, by whom and when; with an earlier version to look at and bring back."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from bonecast.web.context import By, Db, Person, page, redirect
from bonecast.web.pages.record_view import timeline
from bonecast.web.store import audit, history, overrides, people

router = APIRouter()


@router.get("/people/{id:int}/history")
def changes(request: Request, s: Db, person: Person) -> Response:
    """Every change of the record, and every finding that was overridden."""
    return page(
        request,
        "history.html.jinja",
        person,
        "history",
        timeline=timeline(history.of(s, person.id)),
        overrides=overrides.of(s, person.id),
    )


@router.post("/people/{id:int}/history/{version:int}/bring-back")
def bring_back(s: Db, person: Person, version: int, account: By) -> Response:
    """Make an earlier version the present one; what stood in between stays in the history."""
    record = history.version_of(s, person.id, version)
    if record is None:
        raise HTTPException(404, "There is no such version.")
    saved = people.save(s, person.id, record, person.version, account.name, f"as version {version}")
    audit.note(s, account.name, "brought back", person.id, f"version {version}")
    return redirect(f"/people/{person.id}/record", "saved" if saved.version > person.version else "unchanged")
