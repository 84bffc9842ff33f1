"""The record of a person: as tables to read, and as one form to fill in."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic_core import from_json
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.records import LISTS, toml_of
from bonecast.web.context import By, Db, Person, Posted, page, redirect, require_role
from bonecast.web.pages import record_fields as fields
from bonecast.web.pages.record_form import Values, faults_of, record_of, rows, values_of, with_row
from bonecast.web.pages.record_view import view_of
from bonecast.web.store import Conflict, StoredPerson, audit, history, people
from bonecast.web.store.merge import KEY, decided, merge, with_keys, without_keys

router = APIRouter()


@router.get("/people/new", dependencies=[require_role("clinician")])
def new(request: Request) -> Response:
    """An empty form."""
    values: Values = {"person-record_date": dt.date.today().isoformat()}
    return _form(request, _with_empty_rows(values))


@router.post("/people/new")
def add(request: Request, s: Db, form: Posted, account: By) -> Response:
    """Keep a new person, or show the form again with what is wrong."""
    values = _values(form)
    if "add" in form:
        return _form(request, _another(values, form))
    try:
        stored = people.add(s, record_of(values), account.name)
    except InputError as error:
        return _form(request, values, faults=faults_of(error, values))
    audit.note(s, account.name, "added", stored.id)
    return redirect(f"/people/{stored.id}/record", "added")


@router.get("/people/{id:int}/record")
def record(request: Request, person: Person) -> Response:
    """The record as tables, and what is missing for a check before the next dose."""
    return page(
        request, "record.html.jinja", person, "record", **view_of(people.patient(person), person.record)
    )


@router.get("/people/{id:int}/record.toml")
def record_file(person: Person) -> Response:
    """The record as a file that Bonecast reads anywhere."""
    name = f"record-{person.id}.toml"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(toml_of(without_keys(person.record)), media_type="application/toml", headers=headers)


@router.get("/people/{id:int}/record/edit", dependencies=[require_role("clinician")])
def edit(request: Request, person: Person, test: str = "") -> Response:
    """The form, filled in; `test` names what the empty measurement at the end is to be of."""
    values = _with_empty_rows(values_of(person.record))
    if test in fields.SUGGESTED["tests"]:
        values[f"measurements-{max(rows(values, 'measurements'))}-test"] = test
    return _form(request, values, person)


@router.post("/people/{id:int}/record/edit")
def save(request: Request, s: Db, person: Person, form: Posted, account: By) -> Response:
    """Keep the changed record, merged with what was saved meanwhile; or show the form, or the conflict."""
    values, version = _values(form), _number(form.get("version"))
    if "add" in form:
        return _form(request, _another(values, form), person, version)
    return save_or_ask(request, s, person, record_of(values), version, account.name, values)


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
    return save_or_ask(request, s, person, both, version, account.name, values_of(both))


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
        return _form(request, values, person, version, faults_of(error, values))
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
) -> Response:
    return page(
        request,
        "record-form.html.jinja",
        person,
        "record",
        422 if faults else 200,
        values=values,
        version=version or (person.version if person else 0),
        faults=faults or {},
        wrong={table: _wrong_rows(table, faults or {}) for table in LISTS},
        rows={table: rows(values, table) for table in LISTS},
        fields=fields,
        groups=fields.fact_groups(),
    )


def _with_empty_rows(values: Values) -> Values:
    """One more row in each list that most records have; a fracture is added on request."""
    return with_row(with_row(values, "doses"), "measurements")


def _wrong_rows(table: str, faults: dict[str, list[str]]) -> set[int]:
    """The rows of this list that a fault stands in: the form shows them open."""
    return {int(name.split("-")[1]) for name in faults if name.startswith(f"{table}-")}


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
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _another(values: Values, form: FormData) -> Values:
    table = form.get("add")
    return with_row(values, str(table)) if table in LISTS else values


def _number(text: object) -> int:
    said = str(text)
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _json(text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        raise InputError("form", "the record in it cannot be read", "go back and save again") from None
