"""Before the next dose: the check of a planned act, answers to its questions, and overrides with their reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.care import JURISDICTIONS, Check, actions, state_heading
from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.interop import override_reasons
from bonecast.web.context import By, Db, Person, Posted, page, redirect, settings_of
from bonecast.web.pages.check_view import capital, view_of
from bonecast.web.pages.drawn import number_of, patient_of
from bonecast.web.pages.planned_act import (
    PlannedAct,
    act_variables,
    case_of_act,
    checked,
    override_of,
    read_act,
)
from bonecast.web.pages.questions import Asked, answered, answered_of_act
from bonecast.web.pages.record import save_or_ask
from bonecast.web.pages.record_form import values_of
from bonecast.web.store import StoredPerson, audit, overrides

router = APIRouter()
INJECTIONS = ("start_60", "continue_60", "restart_60", "start_120", "continue_120")


@router.get("/people/{id:int}/check")
def check(request: Request, s: Db, person: Person) -> Response:
    """May this be done now, and what must be thought of? With the facts, their age, and each source."""
    return _page(request, s, person)


@router.post("/people/{id:int}/check/answer")
def answer(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Keep answers about the person in the record, and those about the act in the address; then check again."""
    said = {name: text for name, text in form.multi_items() if isinstance(text, str)}
    act = read_act(request.query_params)
    query = replace(act, facts={**act.facts, **answered_of_act(said)}).query
    tab = "check" + (f"?{query}" if query else "")
    record = answered(person.record, said)
    if record == person.record:
        return redirect(f"/people/{person.id}/{tab}")
    version = number_of(str(form.get("version", "")), "version")
    return save_or_ask(request, s, person, record, version, account.name, values_of(record), tab)


@router.post("/people/{id:int}/check/given")
def given(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Record the injection as given today: judged again first, and refused where the judge does not let it pass."""
    patient, usual, today = patient_of(person), settings_of(request).jurisdiction, dt.date.today()
    act, said = (
        read_act(request.query_params),
        {n: text for n, text in form.multi_items() if isinstance(text, str)},
    )
    act = replace(act, on=max(today, patient.record_date), facts={**act.facts, **answered_of_act(said)})
    made, _ = checked(s, person.id, patient, act, usual)
    if not may_give(made, today):
        cause = gettext("the check of today says: {made}", made=state_heading(made))
        raise InputError("given today", cause, gettext("go back to the check and settle what it says"))
    dose = {
        "drug": "denosumab",
        "amount": f"{float(made.case.values['dose_mg']):g} mg",
        "date": today.isoformat(),
    }
    for name in ("product", "lot", "injection_site", "given_by"):
        if text := " ".join(str(form.get(name, "")).split()):
            dose[name] = text
    about = {**person.record["person"], "record_date": today.isoformat()}
    record = {**person.record, "person": about, "doses": [*person.record.get("doses", []), dose]}
    version = number_of(str(form.get("version", "")), "version")
    return save_or_ask(request, s, person, record, version, account.name, values_of(record), "check")


def may_give(made: Check, today: dt.date) -> bool:
    """May this injection be recorded as given today? The judge found nothing against it, or cautions only."""
    return made.action in INJECTIONS and made.case.on == today and made.state in ("clear", "caution")


def asked_in_giving(made: Check, asked: list[Asked], today: dt.date) -> list[Asked]:
    """The open questions where all of them are about this injection itself: they are answered as it is recorded."""
    fields = [field.name for one in asked for field in one.fields]
    about_act = all(name.startswith("act-") for name in fields) and all(
        one.fields and not one.places for one in asked
    )
    return (
        asked
        if made.state == "not_complete" and about_act and made.action in INJECTIONS and made.case.on == today
        else []
    )


@router.post("/people/{id:int}/check/override")
def override(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Override a finding for this act and its values, or show the page again where that is refused."""
    rule, text = str(form.get("rule", "")), " ".join(str(form.get("text", "")).split())
    act, usual = read_act(request.query_params), settings_of(request).jurisdiction
    try:
        if not text:
            raise InputError(
                "reason", gettext("a reason must be typed"), gettext("say why in your own words")
            )
        case = case_of_act(patient_of(person), act, usual)
        made = override_of(case, rule, reason_of(str(form.get("code", "")), text), account.name)
        overrides.record(s, person.id, made)
    except InputError as error:
        return _page(request, s, person, fault=(rule, f"{error.cause}; {error.hint}."))
    audit.note(s, account.name, "overrode", person.id, f"{rule}, {made.action}")
    return redirect(_back(request, person), "overridden")


@router.post("/people/{id:int}/check/undo")
def undo(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Let a finding that was overridden count again; that it was overridden stays in the history."""
    rule, action = str(form.get("rule", "")), str(form.get("act", "")) or None
    overrides.withdraw(s, person.id, rule, account.name, action)
    audit.note(s, account.name, "undid override", person.id, rule)
    return redirect(_back(request, person), "override-undone")


def reason_of(code: str, text: str) -> str:
    """The reason as it is kept: the chosen one in words, and what was typed.

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
        may_give=content["made"] is not None and may_give(content["made"], dt.date.today()),
        give_asks=asked_in_giving(content["made"], content["asked"], dt.date.today())
        if content["made"]
        else [],
        last_product=next(
            (one.product for one in reversed(patient.doses_of("denosumab")) if one.product), ""
        ),
        capital=capital,
        actions=actions().values(),
        jurisdictions=JURISDICTIONS,
        own=patient.fact("jurisdiction") or usual,
        variables=act_variables(),
        reasons=override_reasons(),
        day=content["act"].on or max(dt.date.today(), patient.record_date),
    )
