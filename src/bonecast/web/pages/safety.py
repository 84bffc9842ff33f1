"""Safety: calcium after the next injection, and the liver sheet."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.liver import assess_patient
from bonecast.web.context import By, Person, page
from bonecast.web.jobs.content import chart_of
from bonecast.web.pages.drawn import inline, patient_of
from bonecast.web.pages.forecast import forecast_job

router = APIRouter()


@router.get("/people/{id:int}/safety")
def safety(request: Request, person: Person, account: By) -> Response:
    """The calcium of the forecast with its chances and test days; what the liver values of the record say."""
    found, _ = forecast_job(request, person, account.name)
    liver = assess_patient(patient_of(person))
    drawn = [chart_of(picture) for picture in liver.pictures] if liver else []
    return page(
        request,
        "safety.html.jinja",
        person,
        "safety",
        work=found,
        made=found.result,
        liver=liver,
        liver_charts=drawn,
        liver_specs=inline(drawn),
    )
