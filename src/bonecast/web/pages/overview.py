"""A person at a glance: injections on a strip of years, and beside it one chart that follows the dates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from bonecast.core import read_day
from bonecast.errors import InputError
from bonecast.forecasts import indication_120
from bonecast.regimens import history_of
from bonecast.reports import HORIZONS, SHOWN, SINCE, Glance
from bonecast.web.context import By, Person, page, redirect, settings_of
from bonecast.web.jobs import Ended, Refused
from bonecast.web.pages.drawn import inline, number_of, patient_of
from bonecast.web.pages.forecast import forecast_job
from bonecast.web.pages.strip import read_days, strip_of, usual_dates
from bonecast.web.pages.whose_rules import usual_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
Dates = Annotated[list[str] | None, Query(max_length=30)]
Show = Annotated[str, Query(description="The quantity of the chart.")]
Since = Annotated[str, Query(description="The day that a change of density is counted from.")]
Years = Annotated[int, Query(description="How far ahead the chart goes.")]
Others = Annotated[bool, Query(description="With the usual strategies.")]
SINCE_WORDS = {"today": "today", "first": "the first scan"}


@router.get("/people/{id:int}/overview")
def overview(
    request: Request,
    person: Person,
    account: By,
    date: Dates = None,
    show: Show = "LS_BMD",
    since: Since = "today",
    years: Years = 5,
    others: Others = False,
    now: bool = False,
) -> Response:
    """The strip, the same dates as a form, and the chart; with `now` drawn at once, for who has no JavaScript."""
    asked, answer = Glance(show, since, years), {"redrawn": None, "trouble": ""}
    try:
        content = _content(request, person, date)
    except InputError as error:
        content, answer["trouble"] = _content(request, person, None, bare=True), str(error)
    if now and not answer["trouble"]:
        answer |= _redrawn(request, person, content, asked, others)
    work, _ = forecast_job(request, person, account.name)
    return page(
        request,
        "overview.html.jinja",
        person,
        "overview",
        work=work,
        **_choices(asked, others),
        **content,
        **answer,
    )


@router.get("/people/{id:int}/injections")
def injections(request: Request, person: Person) -> Response:
    """The strip stands in the overview now; an old address shows the same there."""
    query = request.url.query.replace("show=true", "now=true")
    return redirect(f"/people/{person.id}/overview" + (f"?{query}" if query else ""))


@router.get("/people/{id:int}/overview/redraw")
def redraw(
    request: Request,
    person: Person,
    date: Dates = None,
    show: Show = "LS_BMD",
    since: Since = "today",
    years: Years = 5,
    others: Others = False,
) -> Response:
    """The strip, the sentence and the chart under these dates: a part of the page."""
    asked = Glance(show, since, years)
    try:
        content = _content(request, person, date)
        answer = _redrawn(request, person, content, asked, others)
    except InputError as error:
        content, answer = _content(request, person, None, bare=True), {"redrawn": None, "trouble": str(error)}
    choices = _choices(asked, others)
    return page(request, "overview-part.html.jinja", person=None, **choices, **content, **answer)


@router.get("/people/{id:int}/overview/preview")
def preview(
    request: Request,
    person: Person,
    date: Dates = None,
    show: Show = "LS_BMD",
    since: Since = "today",
    years: Years = 5,
    others: Others = False,
) -> Response:
    """The curves of a few people under these dates as data, while one of them is dragged."""
    content = _content(request, person, date)
    asked = {**_asked(request, person, content, Glance(show, since, years), others), "preview": True}
    try:
        return JSONResponse(request.app.state.workshop.ask("redraw", asked)["curves"])
    except (Refused, Ended) as error:
        return JSONResponse({"trouble": str(error)}, 422)


def _choices(asked: Glance, others: bool) -> dict[str, Any]:
    """What the chart can show, and what it shows."""
    return {
        "asked": asked,
        "others": others,
        "shown": SHOWN,
        "since": {name: SINCE_WORDS[name] for name in SINCE},
        "horizons": HORIZONS,
    }


def _content(
    request: Request, person: StoredPerson, date: list[str] | None, bare: bool = False
) -> dict[str, Any]:
    patient = patient_of(person)
    history = history_of(patient)
    usual = usual_dates(history)
    planned = usual if date is None else read_days(date)
    given = {} if bare else _given(request, len(patient.doses))
    return {
        "patient": patient,
        "whose": person,
        "on_120": indication_120(patient, history) is not None,
        "due": history.date(history.cover_end_d) if history.doses else None,
        "planned": planned,
        "given": given,
        "doses": [(at, given.get(at, dose.date), dose) for at, dose in enumerate(patient.doses)],
        "moved": sum(given.get(at, dose.date) != dose.date for at, dose in enumerate(patient.doses)),
        "strip": strip_of(patient, planned, given),
    }


def _given(request: Request, count: int) -> dict[int, dt.date]:
    """Other days that are tried for doses of the record: given-3=2026-06-16."""
    found = {}
    for name, text in request.query_params.multi_items():
        if name.startswith("given-") and text.strip():
            at = number_of(name.removeprefix("given-"), "injection")
            if at < count:
                found[at] = read_day(text, "injection")
    return found


def _asked(
    request: Request, person: StoredPerson, content: dict[str, Any], asked: Glance, others: bool
) -> dict[str, Any]:
    doses = content["patient"].doses
    dates = None if content["on_120"] else [day.isoformat() for day in content["planned"]]
    return {
        "record": person.record,
        "dates": dates,
        "given": {str(at): day.isoformat() for at, day in content["given"].items() if doses[at].date != day},
        "show": asked.show,
        "since": asked.since,
        "years": asked.years,
        "others": others,
        **usual_rules(person, settings_of(request).jurisdiction),
    }


def _redrawn(
    request: Request, person: StoredPerson, content: dict[str, Any], asked: Glance, others: bool
) -> dict[str, Any]:
    try:
        made = request.app.state.workshop.ask("redraw", _asked(request, person, content, asked, others))
    except (Refused, Ended) as error:
        return {"redrawn": None, "trouble": str(error)}
    return {"redrawn": made, "specs": inline(made["charts"]), "trouble": ""}
