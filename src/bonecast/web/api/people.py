"""People and their records, in JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from bonecast.core import RecordError
from bonecast.errors import InputError
from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED, Fault, fault_of
from bonecast.web.context import By, Db, note_look
from bonecast.web.store import LARGEST_ID, Conflict, StoredPerson, audit, history, people
from bonecast.web.store.merge import with_keys

router = api_router(tags=["people"])
Number = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The number of the person here.")]
RecordBody = Annotated[
    dict[str, Any],
    Field(
        description="A record in the layout of a TOML file: person, doses, measurements, fractures. Entries carry the "
        "`key` that they came with; a new one has none."
    ),
]


class PersonLine(BaseModel):
    """One line of the list."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    record_id: str
    name: str
    sex: str
    age: int
    next_due: dt.date | None
    days_overdue: int | None
    last_seen: dt.date


class PeoplePage(BaseModel):
    """Some lines of the list: those from `offset`, of `total`."""

    model_config = ConfigDict(from_attributes=True)
    rows: list[PersonLine]
    total: int
    offset: int
    limit: int


class PersonRecord(BaseModel):
    """A stored record with its version, which a change must name."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    version: int
    record: RecordBody
    due: dt.date | None
    deleted: bool
    last_seen: dt.date


class NewRecord(BaseModel):
    """A record to keep."""

    model_config = ConfigDict(extra="forbid")
    record: RecordBody


class ChangedRecord(NewRecord):
    """A changed record, and the version that was changed."""

    version: Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Deletion(BaseModel):
    """Whether the person is deleted."""

    model_config = ConfigDict(extra="forbid")
    deleted: bool


class ClashLine(BaseModel):
    """One field that was changed twice."""

    table: str
    key: str
    field: str
    base: Any
    theirs: Any
    mine: Any


class Clashes(BaseModel):
    """What was changed twice, and the version that was saved meanwhile. Nothing was kept."""

    version: int
    fields: list[ClashLine]


class Verdict(BaseModel):
    """Whether a record can be used; if not, every fault."""

    usable: bool
    faults: list[Fault]


class ChangeLine(BaseModel):
    """One change of a record."""

    model_config = ConfigDict(from_attributes=True)
    who: str
    when: dt.datetime
    version: int
    action: str
    what: str
    before: Any
    after: Any


class NotThere(Fault):
    """There is no such person."""


NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"model": NotThere}}


@router.get("/people")
def find(
    request: Request,
    s: Db,
    search: Annotated[str, Query(max_length=200)] = "",
    order: Literal["due", "name"] = "due",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=people.MOST_PEOPLE)] = 50,
) -> PeoplePage:
    """People whose name or id has every word of `search`; those longest overdue first, or by name."""
    note_look(request, s)
    return PeoplePage.model_validate(people.find(s, search, order == "due", offset, limit))


@router.post("/people", status_code=201, responses=REFUSED)
def add(s: Db, body: NewRecord, account: By) -> PersonRecord:
    """Keep a new person."""
    stored = people.add(s, body.record, account.name)
    audit.note(s, account.name, "added", stored.id)
    return PersonRecord.model_validate(stored)


@router.get("/people/{id}", responses=NOT_THERE)
def get(request: Request, s: Db, id: Number) -> PersonRecord:
    """The record of a person."""
    return PersonRecord.model_validate(there(request, s, id))


@router.put("/people/{id}", responses=NOT_THERE | REFUSED | {409: {"model": Clashes}})
def put(request: Request, s: Db, id: Number, body: ChangedRecord, account: By) -> PersonRecord:
    """Keep a changed record, merged with what was saved since its version; 409 where a field was changed twice."""
    before = there(request, s, id)
    saved = people.save(s, id, body.record, body.version, account.name)
    if saved.version > before.version:
        audit.note(s, account.name, "changed", id, f"version {saved.version}")
    return PersonRecord.model_validate(saved)


@router.delete("/people/{id}", status_code=204, responses=NOT_THERE)
def delete(request: Request, s: Db, id: Number, account: By) -> None:
    """Take a person off the list; PATCH undoes it."""
    there(request, s, id)
    people.delete(s, id, account.name)
    audit.note(s, account.name, "deleted", id)


@router.patch("/people/{id}", responses=NOT_THERE | REFUSED)
def patch(s: Db, id: Number, body: Deletion, account: By) -> PersonRecord:
    """Take a person off the list, or put a deleted one back."""
    if people.get(s, id) is None:
        raise HTTPException(404, "There is no such person here.")
    changed = people.delete(s, id, account.name) if body.deleted else people.restore(s, id, account.name)
    audit.note(s, account.name, "deleted" if body.deleted else "restored", id)
    return PersonRecord.model_validate(changed)


@router.get("/people/{id}/history", responses=NOT_THERE)
def changes(request: Request, s: Db, id: Number) -> list[ChangeLine]:
    """Every change of the record, the newest first."""
    there(request, s, id)
    return [ChangeLine.model_validate(change) for change in history.of(s, id)]


@router.post("/records/check")
def check_record(body: NewRecord) -> Verdict:
    """Can this record be used? Nothing is kept."""
    try:
        people.checked(with_keys(body.record))
    except InputError as error:
        faults = error.faults if isinstance(error, RecordError) else (error,)
        return Verdict(usable=False, faults=[fault_of(fault) for fault in faults])
    return Verdict(usable=True, faults=[])


def clashes_of(conflict: Conflict) -> Clashes:
    """A conflict as the API tells it."""
    lines = [
        ClashLine(table=c.path[0], key=c.path[1], field=c.path[2], base=c.base, theirs=c.theirs, mine=c.mine)
        for c in conflict.fields
    ]
    return Clashes(version=conflict.version, fields=lines)


def there(request: Request, s: Db, id: int) -> StoredPerson:
    """The person of this number; 404 where there is none, or it is deleted. Who looked is kept in the audit log."""
    stored = people.get(s, id)
    if stored is None or stored.deleted:
        raise HTTPException(404, "There is no such person here.")
    note_look(request, s, id)
    return stored
