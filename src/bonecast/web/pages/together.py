"""The page that a clinician and a person look at together."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.care import plain_reasons, plain_tests, schedule, situation_of, state_heading
from bonecast.papers import is_dated, overridden_lines
from bonecast.regimens import history_of
from bonecast.web.context import By, Db, Person, later_of, page, redirect, settings_of, store_of
from bonecast.web.jobs.job_request import JobRequest, request_job
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.printing import as_of_today, overrides_of
from bonecast.web.pages.whose_rules import usual_rules, whose_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
DATES = 6  # that are shown


@router.get("/people/{id:int}/together")
def together(request: Request, person: Person, account: By) -> Response:
    """One graph, icon arrays, what if I stop or am late, and the next dates; no date where the rules withhold it."""
    found = _job(request, person, account.name)
    patient = as_of_today(patient_of(person))
    place = whose_rules(patient, "", settings_of(request).jurisdiction)
    with store_of(request).reading() as reading:
        standing = overrides_of(reading, person.id)
    situation = situation_of(patient, place, overrides=standing)
    plan, check = schedule(patient, place, overrides=standing), situation.checks[0]
    dated = is_dated(check) and not situation.withheld
    return page(
        request,
        "together.html.jinja",
        person,
        "print",
        work=found,
        made=found.result,
        phone=settings_of(request).phone or "",
        state=state_heading(check),
        overridden=overridden_lines(check),
        dated=dated,
        dates=[e for e in plan.entries if e.part in ("before", "next", "after") and e.have is None][:DATES]
        if dated
        else [],
        reasons=plain_reasons(situation, patient, place),
        tests=plain_tests(plan),
        questions=len(check.questions),
    )


@router.post("/people/{id:int}/together/again")
def again(request: Request, s: Db, person: Person, account: By) -> Response:
    """Compute it again after it failed or was stopped."""
    _job(request, person, account.name, s)
    return redirect(f"/people/{person.id}/together")


def _job(request: Request, person: StoredPerson, by: str, s: Db | None = None) -> JobRequest:
    history_of(patient_of(person))
    asked = usual_rules(person, settings_of(request).jurisdiction)
    workshop = request.app.state.workshop
    return request_job(later_of(request), workshop, "together", person, by, asked, again=s is not None, s=s)
