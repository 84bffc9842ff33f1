"""Recall: letters, labels, texts and orders of many people as one file; and the templates that they are made from."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from bonecast.core import current_language, gettext
from bonecast.errors import InputError
from bonecast.papers import (
    KINDS,
    RECALL_FILES,
    Addressee,
    Sender,
    label_sheets,
    recall_files,
    template_fields,
)
from bonecast.web.context import By, Db, Posted, clinic_of, note_look, page, redirect, settings_of
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.printing import as_of_today, overrides_of
from bonecast.web.pages.standalone import saved_as
from bonecast.web.pages.whose_rules import whose_rules
from bonecast.web.pages.worklist import chosen_people
from bonecast.web.store import audit, letter_templates, people

router = APIRouter()
MOST = 1000  # people of one recall: each is judged again
Text = Annotated[str, Query(max_length=20)]


def sender_of(request: Request) -> Sender:
    """The clinic as its settings name it."""
    own = clinic_of(request)
    return Sender(own.name, settings_of(request).phone or "", logo=own.logo if own.logo_type else None)


@router.post("/worklist/recall")
def recall(request: Request, s: Db, form: Posted, account: By) -> Response:
    """The files of the people that were ticked, or of all that the filter finds, as one ZIP file. Nothing is sent."""
    ids = chosen_people(s, form)
    if len(ids) > MOST:
        cause = gettext("there are {count}", count=len(ids))
        raise InputError(
            "people",
            cause,
            gettext("choose at most {most}, such as those of one tile or one owner", most=MOST),
        )
    which = [name for name in RECALL_FILES if form.get(f"make-{name}")]
    if not which:
        raise InputError(
            "recall",
            gettext("no file was chosen"),
            gettext("go back and tick letters, labels, texts or orders"),
        )
    clinic = settings_of(request).jurisdiction
    numbers, addressees, unusable = [], [], []
    for one in ids:
        person = people.get(s, one)
        if person is None or person.deleted:
            continue
        try:
            patient = as_of_today(patient_of(person))
        except InputError as fault:
            unusable.append((person.record["person"].get("id", ""), person.name, str(fault)))
            continue
        numbers.append(one)
        addressees.append(Addressee(patient, whose_rules(patient, "", clinic), overrides_of(s, one)))
    made, done = recall_files(
        addressees,
        sender_of(request),
        which,
        str(form.get("language") or current_language().code),
        partial(letter_templates.template, s),
        str(form.get("sheet") or next(iter(label_sheets()))),
        unusable,
    )
    for number, (_, written) in zip(numbers, done, strict=True):
        audit.note(s, account.name, "recall files", number, f"{written.kind}: {', '.join(which)}")
    return Response(made, media_type="application/zip", headers=saved_as(f"recall-{dt.date.today()}.zip"))


@router.get("/letters")
def templates(
    request: Request, s: Db, kind: Text = "recall", code: Annotated[str, Query(alias="language")] = ""
) -> Response:
    """One template with the places that it may name; the clinic's own are marked."""
    note_look(request, s)
    tongue = code or current_language().code
    return page(
        request,
        "letters.html.jinja",
        kinds=KINDS,
        kind=kind,
        code=tongue,
        fields=template_fields(kind),
        text=letter_templates.template(s, kind, tongue),
        own=letter_templates.own(s),
    )


@router.post("/letters")
def save(
    s: Db,
    account: By,
    kind: Annotated[str, Form(max_length=20)],
    language: Annotated[str, Form(max_length=5)],
    text: Annotated[str, Form(max_length=20_000)] = "",
    usual: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Keep a template after it was checked; `usual` puts back the one as it comes."""
    if usual:
        letter_templates.reset(s, kind, language)
    else:
        letter_templates.save(s, kind, language, text)
    audit.note(s, account.name, "letter template", None, f"{kind} {language}")
    return redirect(f"/letters?kind={kind}&language={language}", "template-saved")
