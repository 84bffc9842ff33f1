"""The clinician's report: the forecast written down by a job, then shown or saved as one file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.care import override_data
from bonecast.regimens import history_of
from bonecast.web.context import By, Db, Person, later_of, page, redirect, settings_of, store_of
from bonecast.web.jobs.job_request import JobRequest, request_job
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.printing import overrides_of
from bonecast.web.pages.standalone import standalone
from bonecast.web.pages.strip import read_days
from bonecast.web.pages.whose_rules import usual_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
Dates = Annotated[list[str] | None, Query(max_length=30)]


@router.get("/people/{id:int}/report")
def report(request: Request, person: Person, account: By, date: Dates = None) -> Response:
    """How far the report is; and where it is, once it is there."""
    asked, query = report_job(request, person, account.name, date)
    return page(
        request, "report.html.jinja", person, "print", work=asked, made=bool(asked.result), query=query
    )


@router.get("/people/{id:int}/report.html")
def report_file(
    request: Request, person: Person, account: By, date: Dates = None, save: bool = False
) -> Response:
    """The report itself; the page that waits for it, where it is not there yet."""
    asked, query = report_job(request, person, account.name, date)
    if not asked.result:
        return redirect(f"/people/{person.id}/report{query}")
    return standalone(asked.result["html"], f"report-{person.id}.html" if save else "")


@router.post("/people/{id:int}/report/again")
def again(request: Request, s: Db, person: Person, account: By, date: Dates = None) -> Response:
    """Write it again after it failed or was stopped."""
    _, query = report_job(request, person, account.name, date, s=s)
    return redirect(f"/people/{person.id}/report{query}")


def report_job(
    request: Request, person: StoredPerson, by: str, date: list[str] | None, s: Db | None = None
) -> tuple[JobRequest, str]:
    """The job that writes the report and what stands on the clinician's page; and the query of its dates."""
    history_of(patient_of(person))
    dates = [day.isoformat() for day in read_days(date or [])]
    asked: dict[str, Any] = {"dates": dates} if dates else {}
    with store_of(request).reading() as reading:
        if standing := [override_data(one) for one in overrides_of(reading, person.id)]:
            asked["overrides"] = standing
    asked |= usual_rules(person, settings_of(request).jurisdiction)
    workshop = request.app.state.workshop
    found = request_job(later_of(request), workshop, "report", person, by, asked, again=s is not None, s=s)
    return found, "?" + "&".join(f"date={day}" for day in dates) if dates else ""
