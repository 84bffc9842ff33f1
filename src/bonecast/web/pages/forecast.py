"""The forecast of a person: people like this one at once, then this person's own as soon as it is learned."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.regimens import history_of, parse_regimen
from bonecast.web.context import By, Db, Person, later_of, page, redirect, settings_of
from bonecast.web.jobs import Ended, Refused
from bonecast.web.jobs.job_request import JobRequest, request_job
from bonecast.web.pages.drawn import inline, patient_of
from bonecast.web.pages.strip import read_days
from bonecast.web.pages.whose_rules import usual_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
Dates = Annotated[list[str] | None, Query(max_length=30)]
PlanText = Annotated[str, Query(max_length=10_000)]
AS_SENT = "this plan"


@router.get("/people/{id:int}/forecast")
def forecast(
    request: Request, person: Person, account: By, date: Dates = None, plan: PlanText = ""
) -> Response:
    """The forecast under the usual strategies, with injections on these dates beside that on time, or under a plan."""
    asked, dates = forecast_job(request, person, account.name, date, plan=plan)
    query = _query(dates, plan)
    return page(
        request, "forecast.html.jinja", person, "forecast", work=asked, made=asked.result, query=query
    )


@router.get("/people/{id:int}/forecast/population")
def population(request: Request, person: Person) -> Response:
    """The forecast of people like this one: a part of the page, there within a second."""
    try:
        made = request.app.state.workshop.ask(
            "population", {"record": person.record, **usual_rules(person, settings_of(request).jurisdiction)}
        )
    except (Refused, Ended) as error:
        return page(request, "population.html.jinja", made=None, trouble=str(error))
    return page(request, "population.html.jinja", made=made, specs=inline(made["charts"]), trouble="")


@router.post("/people/{id:int}/forecast/again")
def again(
    request: Request, s: Db, person: Person, account: By, date: Dates = None, plan: PlanText = ""
) -> Response:
    """Compute it again after it failed or was stopped."""
    _, dates = forecast_job(request, person, account.name, date, s=s, plan=plan)
    return redirect(f"/people/{person.id}/forecast{_query(dates, plan)}")


def asked_usually(request: Request, person: StoredPerson) -> dict[str, Any]:
    """What the main forecast is asked for where no dates and no plan are named."""
    return dict(usual_rules(person, settings_of(request).jurisdiction))


def forecast_job(
    request: Request,
    person: StoredPerson,
    by: str,
    date: list[str] | None = None,
    s: Db | None = None,
    plan: str = "",
) -> tuple[JobRequest, list[str]]:
    """The job of the main forecast, and the dates that were asked for. Raises RegimenError for a plan without sense."""
    patient = patient_of(person)
    history_of(patient)
    dates = [day.isoformat() for day in read_days(date or [])]
    asked: dict[str, Any] = {"dates": dates} if dates else {}
    if plan.strip():
        asked = {"plans": {AS_SENT: str(parse_regimen(plan))}}
    asked |= asked_usually(request, person)
    found = request_job(
        later_of(request), request.app.state.workshop, "forecast", person, by, asked, again=s is not None, s=s
    )
    return found, dates


def _query(dates: list[str], plan: str = "") -> str:
    if plan.strip():
        return "?" + urlencode({"plan": plan})
    return "?" + "&".join(f"date={day}" for day in dates) if dates else ""
