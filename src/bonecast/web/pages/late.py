"""If the dose is late or stopped: how late, what the rules say, and each option with its forecast."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.web.context import By, Person, page, redirect, store_of
from bonecast.web.jobs.asking import Asked, ask_for
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.strip import read_day
from bonecast.web.store import StoredPerson

router = APIRouter()


@router.get("/people/{id:int}/late")
def late(request: Request, person: Person, account: By, on: str = "") -> Response:
    """The options on a day, the day of the record by default."""
    found, day = _job(request, person, account.name, on)
    patient = patient_of(person)
    return page(
        request, "late.html.jinja", person, "late", work=found, made=found.result, on=day, patient=patient
    )


@router.post("/people/{id:int}/late/again")
def again(request: Request, person: Person, account: By, on: str = "") -> Response:
    """Compute it again after it failed or was stopped."""
    _, day = _job(request, person, account.name, on, again=True)
    return redirect(f"/people/{person.id}/late" + (f"?on={day}" if day else ""))


def _job(request: Request, person: StoredPerson, by: str, on: str, again: bool = False) -> tuple[Asked, str]:
    day = read_day(on, "day").isoformat() if on.strip() else ""
    asked: dict[str, Any] = {"on": day} if day else {}
    jurisdiction = request.app.state.settings.jurisdiction
    if jurisdiction:
        asked["jurisdiction"] = jurisdiction
    found = ask_for(store_of(request), request.app.state.workshop, "late", person, by, asked, again)
    return found, day
