"""If the dose is late or stopped: how late, what the rules say, and each option with its forecast."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.core import read_day
from bonecast.web.context import By, Db, Person, later_of, page, redirect, settings_of
from bonecast.web.jobs.job_request import JobRequest, request_job
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.whose_rules import usual_rules
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
def again(request: Request, s: Db, person: Person, account: By, on: str = "") -> Response:
    """Compute it again after it failed or was stopped."""
    _, day = _job(request, person, account.name, on, s=s)
    return redirect(f"/people/{person.id}/late" + (f"?on={day}" if day else ""))


def _job(
    request: Request, person: StoredPerson, by: str, on: str, s: Db | None = None
) -> tuple[JobRequest, str]:
    day = read_day(on, "day").isoformat() if on.strip() else ""
    asked: dict[str, Any] = {"on": day} if day else {}
    asked |= usual_rules(person, settings_of(request).jurisdiction)
    found = request_job(
        later_of(request), request.app.state.workshop, "late", person, by, asked, again=s is not None, s=s
    )
    return found, day
