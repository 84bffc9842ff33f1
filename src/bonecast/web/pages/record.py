"""The record of a person: as tables to read, and as one form to fill in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, HTTPException, Request
from pydantic_core import from_json
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from bonecast.care import check
from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.records import toml_of
from bonecast.web.context import By, Db, Person, Posted, clinic_of, page, redirect, require_role, set_cookie
from bonecast.web.pages import record_fields as fields
from bonecast.web.pages import record_form as entered
from bonecast.web.pages import record_grid as grid
from bonecast.web.pages.doubts import CONFIRMED_FIELD, Doubt, new_doubts
from bonecast.web.pages.record_form import faults_of, record_of, values_of
from bonecast.web.pages.record_grid import RESULTS, SCANS, Values
from bonecast.web.pages.record_view import timeline, view_of
from bonecast.web.store import Conflict, StoredPerson, audit, drafts, history, people
from bonecast.web.store.drafts import Draft
from bonecast.web.store.merge import KEY, Record, decided, merge, with_keys, without_keys

router = APIRouter()


SHOWN_VERSIONS = 6  # of the timeline on the page of the record
UNITS_COOKIE = "bonecast-units"
KEPT_S = 365 * 86_400  # how long a browser remembers units


@router.get("/people/new", dependencies=[require_role("clinician")])
def new(request: Request, s: Db, account: By) -> Response:
    """An empty form, or the one that was begun."""
    draft = drafts.get(s, account.name, drafts.NEW)
    values = draft.fields if draft else values_of({}, _units(request))
    values = {"person-record_date": dt.date.today().isoformat(), **values}
    return _form(request, values if draft else entered.with_empty_rows(values), draft=draft)


@router.post("/people/new")
def add(request: Request, s: Db, form: Posted, account: By) -> Response:
    """Keep a new person, or show the form again with what is wrong or must be asked."""
    values = _values(form)
    if "discard" in form:
        drafts.drop(s, account.name, drafts.NEW)
        return redirect("/people/new", "draft-dropped")
    if "add" in form:
        return _form(request, _another(values, form))
    record = record_of(values)
    doubts = new_doubts(record, None)
    if open_doubts := [one for one in doubts if one.name not in values]:
        return _form(request, values, doubts=open_doubts)
    try:
        stored = people.add(s, _with_confirmation(record, doubts), account.name)
    except InputError as error:
        return _form(request, values, faults=faults_of(error, values))
    audit.note(s, account.name, "added", stored.id)
    drafts.drop(s, account.name, drafts.NEW)
    return _remembering(request, redirect(f"/people/{stored.id}/record", "added"), values)


@router.post("/people/new/draft", dependencies=[require_role("clinician")])
def new_draft(s: Db, form: Posted, account: By) -> Response:
    """Keep the form as it is while it is filled in."""
    drafts.keep(s, account.name, drafts.NEW, _values(form))
    return Response(status_code=204)


@router.post("/people/{id:int}/record/draft", dependencies=[require_role("clinician")])
def draft(s: Db, id: int, form: Posted, account: By) -> Response:
    """Keep the form as it is while it is filled in; the record is not touched, and nothing of it is answered."""
    stored = people.get(s, id)
    if stored is None or stored.deleted:
        raise HTTPException(404, "There is no such person here.")
    drafts.keep(s, account.name, id, _values(form))
    return Response(status_code=204)


@router.get("/people/{id:int}/record")
def record(request: Request, s: Db, person: Person, account: By) -> Response:
    """The record as tables, what is missing for a check before the next dose, and the last changes."""
    return page(
        request,
        "record.html.jinja",
        person,
        "record",
        draft=drafts.get(s, account.name, person.id) if account.may("clinician") else None,
        timeline=timeline(history.of(s, person.id))[:SHOWN_VERSIONS],
        **view_of(people.patient(person), person.record, dict(clinic_of(request).units)),
    )


@router.get("/people/{id:int}/record.toml")
def record_file(person: Person) -> Response:
    """The record as a file that Bonecast reads anywhere."""
    name = f"record-{person.id}.toml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(toml_of(without_keys(person.record)), media_type="application/toml", headers=headers)


@router.get("/people/{id:int}/record/edit", dependencies=[require_role("clinician")])
def edit(request: Request, s: Db, person: Person, account: By, test: str = "") -> Response:
    """The form, filled in, or as it was left; `test` names a test that is to have a column."""
    also = test if test in fields.TESTS else ""
    draft = drafts.get(s, account.name, person.id)
    if draft is not None:
        return _form(
            request, draft.fields, person, _number(draft.fields.get("version")), draft=draft, also=also
        )
    values = entered.with_empty_rows(values_of(person.record, _units(request)))
    return _form(request, values, person, also=also)


@router.post("/people/{id:int}/record/edit")
def save(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Keep the changed record, merged with what was saved meanwhile; or show the form with what is wrong or must be
    asked, or the conflict.
    """
    values, version = _values(form), _number(form.get("version"))
    if "discard" in form:
        drafts.drop(s, account.name, person.id)
        return redirect(f"/people/{person.id}/record/edit", "draft-dropped")
    if "add" in form:
        return _form(request, _another(values, form), person, version)
    base = history.version_of(s, person.id, version)
    record = record_of(values, base)
    doubts = new_doubts(record, base)
    if open_doubts := [one for one in doubts if one.name not in values]:
        return _form(request, values, person, version, doubts=open_doubts)
    record = _with_confirmation(record, doubts)
    answer = save_or_ask(request, s, person, record, version, account.name, values)
    if answer.status_code == 303:
        drafts.drop(s, account.name, person.id)
    return _remembering(request, answer, values)


@router.post("/people/{id:int}/record/resolve")
def resolve(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Keep both edits, with the chosen side in each field that both changed."""
    base = history.version_of(s, person.id, _number(form.get("base")))
    version = _number(form.get("version"))
    theirs = history.version_of(s, person.id, version)
    if base is None or theirs is None:
        raise HTTPException(404, "There is no such version.")
    mine = with_keys(_json(str(form.get("mine", ""))), base)
    merged, clashes = merge(base, mine, theirs)
    chosen = {n: form.get(f"choice-{n}") for n in range(len(clashes))}
    if any(side not in ("mine", "theirs") for side in chosen.values()):
        conflict = Conflict(clashes, merged, theirs, mine, version)
        return _conflict(
            request,
            person,
            conflict,
            _number(form.get("base")),
            gettext("Choose one of the two in every row."),
        )
    taken = {clash.path for n, clash in enumerate(clashes) if chosen[n] == "mine"}
    both = decided(merged, clashes, taken)
    answer = save_or_ask(request, s, person, both, version, account.name, values_of(both))
    if answer.status_code == 303:
        drafts.drop(s, account.name, person.id)
    return answer


def save_or_ask(
    request: Request,
    s: Session,
    person: StoredPerson,
    record: Any,
    version: int,
    by: str,
    values: Values,
    tab: str = "record",
) -> Response:
    """Keep this record and go on to a tab; or show the form with what is wrong, or the conflict to be decided.

    version : the one that the change was made from. values : what the form holds where it must be shown.
    """
    try:
        saved = people.save(s, person.id, record, version, by)
    except Conflict as conflict:
        return _conflict(request, person, conflict, version)
    except InputError as error:
        base = history.version_of(s, person.id, version)
        return _form(request, values, person, version, faults_of(error, values, base))
    if saved.version == person.version:
        return redirect(f"/people/{person.id}/{tab}", "unchanged")
    audit.note(s, by, "changed", person.id, f"version {saved.version}")
    return redirect(f"/people/{person.id}/{tab}", "saved" if version == person.version else "merged")


def _form(
    request: Request,
    values: Values,
    person: StoredPerson | None = None,
    version: int | None = None,
    faults: dict[str, list[str]] | None = None,
    doubts: Sequence[Doubt] = (),
    draft: Draft | None = None,
    also: str = "",
) -> Response:
    values = grid.with_own_units(values)
    named = {table: entered.rows(values, table) for table in (SCANS, RESULTS, "courses", "fractures")}
    also = also or values.get("column", "")
    return page(
        request,
        "record-form.html.jinja",
        person,
        "record",
        422 if faults or doubts else 200,
        values=values,
        version=version or (person.version if person else 0),
        faults=faults or {},
        doubts=doubts,
        draft=draft,
        rows={**named, "doses": entered.single_doses(values)},
        scans=grid.columns(values, SCANS),
        results=grid.columns(values, RESULTS, also),
        known=_known_results(values, faults or {}),
        fields=fields,
        groups=fields.with_open_first(_asked_now(person)),
    )


def _asked_now(person: StoredPerson | None) -> set[str]:
    """The facts that the next injection of this person waits for; none of a record that cannot be used."""
    if person is None:
        return set()
    try:
        return {fact for question in check(people.patient(person)).questions for fact in question.facts}
    except InputError:
        return set()


def _known_results(values: Values, faults: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Each result that is on record already, for its assay and limits."""
    found = []
    for row in grid.grid_rows(values, RESULTS):
        for name, test in grid.laboratory_tests().items():
            key = values.get(f"{RESULTS}-{row}-{name}_key", "")
            if key:
                value = values.get(f"{RESULTS}-{row}-{name}", "")
                unit = "" if " " in value else values.get(f"unit-{name}", "")
                wrong = any(place.startswith(f"more-{key}-") for place in faults)
                day = values.get(f"{RESULTS}-{row}-date", "")
                found.append(
                    {"key": key, "test": test.name, "value": f"{value} {unit}", "day": day, "wrong": wrong}
                )
    return found


def _with_confirmation(record: Record, doubts: Sequence[Doubt]) -> Record:
    """The record that also says that unusual doses were given as written, where the form confirmed it."""
    if any(one.is_dose for one in doubts):
        return {**record, "person": {**record["person"], CONFIRMED_FIELD: True}}
    return record


def _units(request: Request) -> dict[str, str]:
    """The unit that was last chosen in this browser for each test, else that of the clinic."""
    clinic = {grid.field_name(test): unit for test, unit in clinic_of(request).units}
    pairs = parse_qsl(request.cookies.get(UNITS_COOKIE, "")[:4000])
    return clinic | {name: unit for name, unit in pairs if name in grid.laboratory_tests()}


def _remembering(request: Request, answer: Response, values: Values) -> Response:
    """The answer to a form that was kept, with the units of its columns for the next one."""
    if answer.status_code == 303:
        chosen = {
            name.removeprefix("unit-"): unit for name, unit in values.items() if name.startswith("unit-")
        }
        kept = {
            n: u
            for n, u in chosen.items()
            if n in grid.laboratory_tests() and u != grid.laboratory_tests()[n].usual
        }
        set_cookie(answer, request, UNITS_COOKIE, urlencode(kept)[:4000], "lax", KEPT_S)
    return answer


def _conflict(
    request: Request, person: StoredPerson, conflict: Conflict, base: int, fault: str = ""
) -> Response:
    """The page on which one of two edits is chosen, field by field; nothing of either is lost meanwhile."""
    lines = [
        {
            "what": history.title(c.path, _naming(c.path, conflict)),
            "base": c.base,
            "theirs": c.theirs,
            "mine": c.mine,
        }
        for c in conflict.fields
    ]
    return page(
        request,
        "conflict.html.jinja",
        person,
        "record",
        409,
        lines=lines,
        mine=json.dumps(conflict.mine),
        base=base,
        version=conflict.version,
        fault=fault,
    )


def _naming(path: tuple[str, str, str], conflict: Conflict) -> Any:
    """The side that still has the entry at this path, whose words name it."""
    table, key, _ = path
    has = table == "person" or any(entry[KEY] == key for entry in conflict.theirs.get(table, []))
    return conflict.theirs if has else conflict.mine


def _values(form: FormData) -> Values:
    return {
        name: value
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in ("csrf", "add")
    }


def _another(values: Values, form: FormData) -> Values:
    """The form with one more row, or the next dose; a further column is named in the form itself."""
    what = str(form.get("add"))
    if what == "next-dose":
        return entered.with_next_dose(values)
    return entered.with_rows(values, what) if what in entered.EMPTY else values


def _number(text: object) -> int:
    said = str(text)
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _json(text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        raise InputError(
            "form", gettext("the record in it cannot be read"), gettext("go back and save again")
        ) from None
