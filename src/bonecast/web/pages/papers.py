"""Papers of one person as PDF files: the clinician's page, letters, the leaflet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.core import current_language, gettext, speaking
from bonecast.errors import InputError, UnknownName
from bonecast.papers import Addressee, gp_letter, leaflet_pdf, letters_pdf, recall_of, typeset, write_letter
from bonecast.web.context import By, Db, Person, redirect, settings_of
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.printing import (
    Brand,
    Ending,
    ExitDrug,
    StopReason,
    as_of_today,
    leaflet_of,
    overrides_of,
)
from bonecast.web.pages.recall import sender_of
from bonecast.web.pages.report import report_job
from bonecast.web.pages.standalone import saved_as
from bonecast.web.pages.whose_rules import whose_rules
from bonecast.web.store import letter_templates

router = APIRouter()
Code = Annotated[str, Query(alias="language", max_length=5)]


@router.get("/people/{id:int}/page.pdf")
def clinician_page(request: Request, person: Person, account: By) -> Response:
    """The clinician's page, from the forecast of the report; the page that waits for it, where it is not there yet."""
    asked, _ = report_job(request, person, account.name, None)
    if not asked.result:
        return redirect(f"/people/{person.id}/report")
    return _pdf(typeset("clinician", asked.result["paper"]), f"page-{person.id}.pdf")


@router.get("/people/{id:int}/letter.pdf")
def letter(
    request: Request,
    s: Db,
    person: Person,
    kind: Annotated[str, Query(max_length=10)] = "gp",
    doctor: Annotated[str, Query(max_length=200, description="Name and address, with commas.")] = "",
    code: Code = "",
) -> Response:
    """The letter to the general practitioner, or the one that a recall would send to the person."""
    patient = as_of_today(patient_of(person))
    one = Addressee(
        patient, whose_rules(patient, "", settings_of(request).jurisdiction), overrides_of(s, person.id)
    )
    sender, tongue = sender_of(request), code or current_language().code
    with speaking(tongue):
        if kind == "gp":
            made = gp_letter(one, sender, letter_templates.template(s, "gp", tongue), doctor)
        elif kind == "recall":
            found = recall_of(one, sender)
            if found.kind == "none":
                raise InputError("letter", found.why, gettext("there is nothing to write"))
            template = letter_templates.template(s, found.kind, tongue)
            made = write_letter(template, found.values, patient, sender, found.state)
        else:
            raise UnknownName("letter", "kind", kind, ("gp", "recall"))
        return _pdf(letters_pdf([made]), f"letter-{person.id}.pdf")


@router.get("/people/{id:int}/leaflet.pdf")
def leaflet(
    request: Request,
    s: Db,
    person: Person,
    code: Code = "en",
    jurisdiction: str = "",
    ending: Ending = False,
    exit_drug: ExitDrug = "",
    reason: StopReason = "",
    brand: Brand = "",
) -> Response:
    """The leaflet of the print page as a PDF file."""
    return _pdf(
        leaflet_pdf(leaflet_of(request, s, person, code, jurisdiction, ending, exit_drug, reason, brand)),
        f"leaflet-{person.id}.pdf",
    )


def _pdf(data: bytes, name: str) -> Response:
    return Response(data, media_type="application/pdf", headers=saved_as(name))
