"""Before the next dose: the check of a planned act, and findings set aside with their reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.care import JURISDICTIONS, actions
from bonecast.errors import InputError
from bonecast.interop import override_reasons
from bonecast.web.context import By, Db, Person, Posted, page, redirect, settings_of
from bonecast.web.pages.check_view import capital, view_of
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.planned_act import PlannedAct, act_variables, checked, read_act
from bonecast.web.store import StoredPerson, audit, overrides

router = APIRouter()


@router.get("/people/{id:int}/check")
def check(request: Request, s: Db, person: Person) -> Response:
    """May this be done now, and what must be thought of? With the facts, their age, and each source."""
    return _page(request, s, person)


@router.post("/people/{id:int}/check/set-aside")
def set_aside(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Set a finding aside with a reason, or show the page again where none is given."""
    rule, reason = str(form.get("rule", "")), reason_of(str(form.get("code", "")), str(form.get("text", "")))
    try:
        overrides.record(s, person.id, rule, reason, account.name)
    except InputError as error:
        return _page(request, s, person, fault=(rule, f"{error.cause}; {error.hint}."))
    audit.note(s, account.name, "set aside", person.id, rule)
    return redirect(_back(request, person), "set-aside")


@router.post("/people/{id:int}/check/take-back")
def take_back(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Let a finding that was set aside count again; that it was set aside stays in the history."""
    rule = str(form.get("rule", ""))
    overrides.withdraw(s, person.id, rule, account.name)
    audit.note(s, account.name, "took back", person.id, rule)
    return redirect(_back(request, person), "taken-back")


def reason_of(code: str, text: str) -> str:
    """The reason as it is kept: the chosen one in words, and what was added to it.

    >>> reason_of("done-elsewhere", "letter of 3 May")
    'Already done or known elsewhere: letter of 3 May'
    """
    chosen = next((one["display"] for one in override_reasons() if one["code"] == code), "")
    return ": ".join(part for part in (chosen, " ".join(text.split())) if part)


def _back(request: Request, person: StoredPerson) -> str:
    query = read_act(request.query_params).query
    return f"/people/{person.id}/check" + (f"?{query}" if query else "")


def _page(request: Request, s: Db, person: StoredPerson, fault: tuple[str, str] = ("", "")) -> Response:
    patient, usual = patient_of(person), settings_of(request).jurisdiction
    content: dict[str, Any] = {"made": None, "act": PlannedAct(), "trouble": ""}
    status = 422 if fault[1] else 200
    try:
        act = content["act"] = read_act(request.query_params)
        made, kept = checked(s, person.id, patient, act, usual)
        content |= {"made": made, **view_of(made, patient, person, kept)}
    except InputError as error:
        content["trouble"], status = f"{error.cause[0].upper()}{error.cause[1:]}; {error.hint}.", 422
    return page(
        request,
        "check.html.jinja",
        person,
        "check",
        status,
        **content,
        patient=patient,
        fault=fault,
        capital=capital,
        actions=actions().values(),
        jurisdictions=JURISDICTIONS,
        own=patient.fact("jurisdiction") or usual,
        variables=act_variables(),
        reasons=override_reasons(),
        day=content["act"].on or max(dt.date.today(), patient.record_date),
    )
