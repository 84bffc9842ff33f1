"""Small changes of a record that other pages offer: the day of an injection, whose rules hold, its own day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.care import JURISDICTIONS
from bonecast.core import gettext, read_day
from bonecast.errors import InputError, UnknownName
from bonecast.records import LISTS, GivenDose
from bonecast.web.context import By, Db, Person, Posted
from bonecast.web.pages.drawn import number_of, patient_of
from bonecast.web.pages.record import save_or_ask
from bonecast.web.pages.record_form import values_of
from bonecast.web.store import StoredPerson
from bonecast.web.store.merge import Record

router = APIRouter()


@router.post("/people/{id:int}/record/given")
def given(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Put injections that were given on other days; the forecast then learns from the measurements again."""
    doses = patient_of(person).doses
    record, days = _copy(person), {}
    for name, text in form.multi_items():
        if name.startswith("given-") and isinstance(text, str):
            at = number_of(name.removeprefix("given-"), "injection")
            if at >= len(doses):
                raise InputError(
                    "injection", gettext("there is no such dose on record"), gettext("open the page again")
                )
            days[entry_of(record, doses[at])] = read_day(text, "injection")
    for place, day in days.items():
        record["doses"][place]["date"] = day.isoformat()
    return _save(request, s, person, form, record, account.name, "forecast")


@router.post("/people/{id:int}/record/jurisdiction")
def jurisdiction(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Remember whose rules hold for this person."""
    name, record = str(form.get("jurisdiction", "")), _copy(person)
    if name not in JURISDICTIONS:
        raise UnknownName("rules of", "jurisdiction", name, JURISDICTIONS)
    record["person"]["jurisdiction"] = name
    return _save(request, s, person, form, record, account.name, "check")


@router.post("/people/{id:int}/record/today")
def today(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Bring the record up to today: nothing was given or measured since."""
    record = _copy(person)
    record["person"]["record_date"] = dt.date.today().isoformat()
    return _save(request, s, person, form, record, account.name, "record")


def entry_of(record: Record, dose: GivenDose) -> int:
    """The place in the record of the entry that gave this dose. Raises InputError where it is gone.

    >>> from bonecast.interop import read_patient
    >>> given = read_patient("examples/late-dose.toml").doses[1]
    >>> entry_of({"doses": [{"drug": "Prolia", "date": "2024-06-12"}, {"drug": "Prolia", "date": "2024-12-13"}]}, given)
    1
    """
    names = {dose.drug.casefold(), (dose.product or dose.drug).casefold()}
    places = [n for n, one in enumerate(record["doses"]) if str(one.get("date")) == dose.date.isoformat()]
    named = [n for n in places if str(record["doses"][n].get("drug", "")).casefold() in names]
    found = named if len(places) > 1 else places
    if len(found) != 1:
        raise InputError(
            "injection", gettext("it is not on record as it was shown"), gettext("open the page again")
        )
    return found[0]


def _copy(person: StoredPerson) -> Record:
    lists = {name: [dict(one) for one in person.record.get(name, [])] for name in LISTS}
    return {"person": dict(person.record["person"]), **lists}


def _save(
    request: Request, s: Any, person: StoredPerson, form: Any, record: Record, by: str, tab: str
) -> Response:
    """Merged with what was saved since the page was opened, whose version the form holds."""
    version = number_of(str(form.get("version", "")), "version")
    return save_or_ask(request, s, person, record, version, by, values_of(record), tab)
