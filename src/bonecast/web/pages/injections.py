"""Injections on a strip of years: the planned ones can be moved, and the forecast follows at once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.core import read_day
from bonecast.errors import InputError
from bonecast.forecasts import indication_120
from bonecast.regimens import history_of
from bonecast.web.context import Person, page, settings_of
from bonecast.web.jobs import Ended, Refused
from bonecast.web.pages.drawn import inline, number_of, patient_of
from bonecast.web.pages.strip import read_days, strip_of, usual_dates
from bonecast.web.pages.whose_rules import usual_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
Dates = Annotated[list[str] | None, Query(max_length=30)]


@router.get("/people/{id:int}/injections")
def injections(request: Request, person: Person, date: Dates = None, show: bool = False) -> Response:
    """The strip and the same dates as a form; with `show` the forecast under them, for who has no JavaScript."""
    answer: dict[str, Any] = {"redrawn": None, "trouble": ""}
    try:
        content = _content(request, person, date)
    except InputError as error:
        content, answer["trouble"] = _content(request, person, None, bare=True), str(error)
    if show and not answer["trouble"]:
        answer |= _redrawn(request, person, content)
    return page(request, "injections.html.jinja", person, "injections", whose=person, **content, **answer)


@router.get("/people/{id:int}/injections/redraw")
def redraw(request: Request, person: Person, date: Dates = None) -> Response:
    """The strip and the forecast under these dates: a part of the page."""
    try:
        content = _content(request, person, date)
        answer = _redrawn(request, person, content)
    except InputError as error:
        content, answer = _content(request, person, None, bare=True), {"redrawn": None, "trouble": str(error)}
    return page(request, "injections-part.html.jinja", person=None, whose=person, **content, **answer)


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
        "on_120": indication_120(patient, history) is not None,
        "due": history.date(history.cover_end_d) if history.doses else None,
        "planned": planned,
        "usual": usual,
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


def _redrawn(request: Request, person: StoredPerson, content: dict[str, Any]) -> dict[str, Any]:
    doses = content["patient"].doses
    moved = {str(at): day.isoformat() for at, day in content["given"].items() if doses[at].date != day}
    asked = {
        "record": person.record,
        "dates": [day.isoformat() for day in content["planned"]],
        "given": moved,
        **usual_rules(person, settings_of(request).jurisdiction),
    }
    try:
        made = request.app.state.workshop.ask("redraw", asked)
    except (Refused, Ended) as error:
        return {"redrawn": None, "trouble": str(error)}
    return {"redrawn": made, "specs": inline(made["charts"]), "trouble": ""}
