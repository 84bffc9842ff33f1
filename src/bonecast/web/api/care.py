"""The check of a planned act, the plan in dates and the leaflet of a person, in JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response

from bonecast.care import Entry, content, entry_id, plain
from bonecast.care import leaflet as make_leaflet
from bonecast.care import schedule as make_schedule
from bonecast.core import language
from bonecast.errors import InputError
from bonecast.records import Patient
from bonecast.reports import as_fhir
from bonecast.web.api.bodies import api_router
from bonecast.web.api.care_answers import (
    CheckAnswer,
    ClockLine,
    DateLine,
    LeafletAnswer,
    LeafletPart,
    ScheduleAnswer,
)
from bonecast.web.api.faults import REFUSED
from bonecast.web.api.people import NOT_THERE, Number, there
from bonecast.web.context import Db, settings_of
from bonecast.web.pages.planned_act import PlannedAct, checked
from bonecast.web.pages.printing import Brand, ExitDrug, StopReason, as_of_today, overrides_of
from bonecast.web.pages.whose_rules import for_leaflet, whose_rules
from bonecast.web.store import people

router = api_router(tags=["care"], prefix="/people/{id}")
Jurisdiction = Annotated[
    Literal["US", "EU", "UK", "CA", "AU"] | None,
    Query(description="Whose rules decide; the record's, or else the clinic's, where it is left out."),
]
Ending = Annotated[bool, Query(description="No further injection is planned: the exit takes its place.")]
FHIR_JSON = "application/fhir+json"
REFUSALS: dict[int | str, dict[str, Any]] = NOT_THERE | REFUSED


class FhirResponse(JSONResponse):
    """JSON of FHIR."""

    media_type = FHIR_JSON


@router.get("/check", responses=REFUSALS, response_model=CheckAnswer)
def check(
    request: Request,
    s: Db,
    id: Number,
    action: Annotated[str | None, Query(max_length=60, description='Such as "next dose" or "stop".')] = None,
    on: Annotated[
        dt.date | None, Query(description="The day of the act; today where it is left out.")
    ] = None,
    jurisdiction: Jurisdiction = None,
    fact: Annotated[
        list[str] | None,
        Query(max_length=30, description="NAME=VALUE, what the record does not hold, such as route=IV."),
    ] = None,
) -> Response:
    """May this act be done now? State, findings with facts and sources, open questions; overrides that hold count."""
    facts = dict(_named(text) for text in fact or [])
    act = PlannedAct(action, on, jurisdiction, facts)
    made, _ = checked(s, id, _patient(request, s, id), act, settings_of(request).jurisdiction)
    return JSONResponse(content(made))


@router.get("/schedule", responses=REFUSALS)
def schedule(
    request: Request,
    s: Db,
    id: Number,
    jurisdiction: Jurisdiction = None,
    ending: Ending = False,
    exit_drug: ExitDrug = "",
    reason: StopReason = "",
) -> ScheduleAnswer:
    """What is done when: the next injection, tests, long-term checks, and the exit plan; `withheld` says why not."""
    patient = as_of_today(_patient(request, s, id))
    place = whose_rules(patient, jurisdiction or "", settings_of(request).jurisdiction)
    made = make_schedule(patient, place, ending, exit_drug or None, reason, overrides_of(s, id))
    return ScheduleAnswer(
        patient=made.patient,
        today=made.today,
        injection=made.injection,
        jurisdiction=made.jurisdiction,
        ending=made.ending,
        entries=[_line(made.patient, entry) for entry in made.entries],
        exit_plan=[_line(made.patient, entry) for entry in made.exit_plan],
        withheld=list(made.withheld),
        situation=made.situation,
        clock=None if made.clock is None else ClockLine.model_validate(plain(made.clock)),
    )


@router.get(
    "/fhir",
    responses=REFUSALS | {200: {"content": {FHIR_JSON: {"schema": {"type": "object"}}}}},
)
def fhir(request: Request, s: Db, id: Number, jurisdiction: Jurisdiction = None) -> Response:
    """Findings and dates as a FHIR R4 Bundle; what the rules withhold is neither proposed nor dated."""
    patient = as_of_today(_patient(request, s, id))
    place = whose_rules(patient, jurisdiction or "", settings_of(request).jurisdiction)
    return FhirResponse(as_fhir(patient, None, place, overrides=overrides_of(s, id)))


@router.get("/leaflet", responses=REFUSALS)
def leaflet(
    request: Request,
    s: Db,
    id: Number,
    code: Annotated[Literal["en", "es"], Query(alias="language")] = "en",
    jurisdiction: Jurisdiction = None,
    ending: Ending = False,
    exit_drug: ExitDrug = "",
    reason: StopReason = "",
    brand: Brand = "",
) -> LeafletAnswer:
    """The page for the person, in parts, by their situation; `withheld` says why it bears no date."""
    patient = as_of_today(_patient(request, s, id))
    place = for_leaflet(patient, jurisdiction or "", settings_of(request).jurisdiction)
    made = make_leaflet(
        patient,
        place,
        ending,
        language(code),
        exit=exit_drug or None,
        reason=reason,
        brand=brand or None,
        phone=settings_of(request).phone,
        overrides=overrides_of(s, id),
    )
    parts = [LeafletPart(key=key, title=title, lines=list(lines)) for key, title, lines in made.sections]
    return LeafletAnswer(
        language=made.language,
        title=made.title,
        situation=made.situation,
        withheld=list(made.withheld),
        sections=parts,
        day=made.day,
        standing=made.standing,
    )


def _patient(request: Request, s: Db, id: int) -> Patient:
    return people.patient(there(request, s, id))


def _named(text: str) -> tuple[str, str]:
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not value:
        raise InputError("fact", "it is not a name and a value", "write NAME=VALUE")
    return name, value


def _line(patient_id: str, entry: Entry) -> DateLine:
    sources = [source.text for source in entry.sources]
    return DateLine.model_validate({**plain(entry), "uid": entry_id(patient_id, entry), "sources": sources})
