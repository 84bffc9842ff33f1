"""What is printed or taken along: the leaflet, the plan in dates and its calendar file, the report."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from bonecast.care import JURISDICTIONS, Leaflet, Override, calendar, exits, leaflet_page
from bonecast.care import leaflet as make_leaflet
from bonecast.care import schedule as make_schedule
from bonecast.core import language
from bonecast.drugs import find_drug
from bonecast.records import Patient
from bonecast.web.context import Db, Person, page, settings_of
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.standalone import saved_as, standalone
from bonecast.web.pages.whose_rules import for_leaflet, whose_rules
from bonecast.web.store import StoredPerson, overrides

router = APIRouter()
Ending = Annotated[bool, Query(description="No further injection is planned: the exit takes its place.")]
ExitDrug = Annotated[
    str,
    Query(
        alias="exit",
        max_length=60,
        description="The drug that follows, where no further injection is planned.",
    ),
]
StopReason = Annotated[
    str,
    Query(alias="reason", max_length=2000, description="Why no drug follows, as the prescriber recorded it."),
]
Brand = Annotated[str, Query(max_length=60, description="The product that the next injection changes to.")]
PARTS = {
    "now": "now",
    "before": "before an injection",
    "next": "injection",
    "after": "after an injection",
    "long": "in the long run",
    "exit": "exit",
}


@router.get("/people/{id:int}/print")
def hub(request: Request, person: Person) -> Response:
    """Everything that can be printed or saved, with what it needs to be asked for."""
    patient = patient_of(person)
    return page(
        request,
        "print.html.jinja",
        person,
        "print",
        patient=patient,
        jurisdictions=JURISDICTIONS,
        own=whose_rules(patient, "", settings_of(request).jurisdiction),
        has_doses=_has_denosumab(patient),
        exits=tuple(exits()),
        products=[product.name for product in find_drug("denosumab").products],
    )


@router.get("/people/{id:int}/leaflet")
def leaflet(
    request: Request,
    s: Db,
    person: Person,
    code: Annotated[str, Query(alias="language")] = "en",
    jurisdiction: str = "",
    ending: Ending = False,
    exit_drug: ExitDrug = "",
    reason: StopReason = "",
    brand: Brand = "",
    save: bool = False,
) -> Response:
    """One page for the person in large type, by their situation; what the rules block is not dated."""
    made = leaflet_of(request, s, person, code, jurisdiction, ending, exit_drug, reason, brand)
    return standalone(leaflet_page(made), f"leaflet-{person.id}.html" if save else "")


def leaflet_of(
    request: Request,
    s: Session,
    person: StoredPerson,
    code: str,
    jurisdiction: str,
    ending: bool,
    exit_drug: str,
    reason: str,
    brand: str,
) -> Leaflet:
    """The leaflet of a person, for a page or a PDF file. Raises InputError."""
    patient = as_of_today(patient_of(person))
    place = for_leaflet(patient, jurisdiction, settings_of(request).jurisdiction)
    return make_leaflet(
        patient,
        place,
        ending,
        language(code),
        exit=exit_drug or None,
        reason=reason,
        brand=brand or None,
        phone=settings_of(request).phone,
        overrides=overrides_of(s, person.id),
    )


@router.get("/people/{id:int}/schedule")
def schedule(
    request: Request,
    s: Db,
    person: Person,
    jurisdiction: str = "",
    ending: Ending = False,
    exit_drug: ExitDrug = "",
    reason: StopReason = "",
) -> Response:
    """The plan in dates: next injection, tests before and after it, long-term checks, and the exit plan."""
    patient = as_of_today(patient_of(person))
    place = whose_rules(patient, jurisdiction, settings_of(request).jurisdiction)
    return page(
        request,
        "schedule.html.jinja",
        person,
        "schedule",
        recorded=patient_of(person).record_date,
        made=make_schedule(patient, place, ending, exit_drug or None, reason, overrides_of(s, person.id)),
        parts=PARTS,
        jurisdictions=JURISDICTIONS,
        own=place,
        ending=ending,
        exit_drug=exit_drug,
        reason=reason,
        exits=tuple(exits()),
        has_doses=_has_denosumab(patient),
    )


@router.get("/people/{id:int}/calendar.ics")
def calendar_file(
    request: Request,
    s: Db,
    person: Person,
    jurisdiction: str = "",
    ending: Ending = False,
    exit_drug: ExitDrug = "",
    reason: StopReason = "",
) -> Response:
    """The same plan for a calendar, with alarms; refused where the rules withhold what would be dated."""
    patient = as_of_today(patient_of(person))
    place = whose_rules(patient, jurisdiction, settings_of(request).jurisdiction)
    made = make_schedule(patient, place, ending, exit_drug or None, reason, overrides_of(s, person.id))
    return Response(calendar(made), media_type="text/calendar", headers=saved_as(f"plan-{person.id}.ics"))


def as_of_today(patient: Patient) -> Patient:
    """The record as if it had been looked at today: what is planned is never planned for a day that has passed."""
    return replace(patient, record_date=max(patient.record_date, dt.date.today()))


def overrides_of(s: Session, person_id: int) -> tuple[Override, ...]:
    """The overrides of this person that may hold; each check says whether one does."""
    return tuple(one.override for one in overrides.standing(s, person_id) if not one.ended)


def _has_denosumab(patient: Patient) -> bool:
    return any(dose.drug == "denosumab" for dose in (*patient.doses, *patient.courses))
