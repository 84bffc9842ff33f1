"""Record files into the database, by the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Body, Query, Request
from pydantic import BaseModel, Field

from bonecast.errors import InputError, printable
from bonecast.interop import guess_mapping, read_sheet, records_in
from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED, Fault, fault_of
from bonecast.web.context import By, store_of
from bonecast.web.importing import ImportResult, bring, bring_records

router = api_router(tags=["import"])


class Skip(BaseModel):
    """A part of a file that was not read, and why."""

    place: str
    reason: str


class BroughtConflict(BaseModel):
    """A field of an entry in which the record and the file differ."""

    entry: str
    field: str
    here: str
    file: str


class BroughtLine(BaseModel):
    """What became of one record of the file."""

    place: str
    fate: Literal["added", "updated", "unchanged", "known", "refused"]
    id: int | None
    faults: list[Fault]
    skipped: list[Skip]
    unusual: list[str] = Field(description="Doses far from every usual one of their drug: are they right?")
    conflicts: list[BroughtConflict] = Field(
        description="What differs from the record, which stays as it is."
    )


class ImportState(BaseModel):
    """How far one's own import is."""

    name: str
    done: int
    records: int


@router.post("/import", responses=REFUSED)
def import_file(
    request: Request,
    account: By,
    body: Annotated[bytes, Body(media_type="application/octet-stream")],
    name: Annotated[
        str, Query(max_length=200, description="The name of the file; .csv is a table of people.")
    ],
    update: Annotated[
        bool, Query(description="Take in what is new of people who are on the list already.")
    ] = False,
    kind: Annotated[
        Literal["", "people", "doses", "results"],
        Query(description="What a row is, in a table that is read by the heads of its columns."),
    ] = "",
    dates: Annotated[
        Literal["", "dmy", "mdy"],
        Query(description="Whether days or months are first, where a table leaves it open."),
    ] = "",
) -> list[BroughtLine]:
    """Read a file (TOML, FHIR R4 Bundle, CSV of people, or with `kind` a table) and keep what can be used."""
    return [
        BroughtLine(
            place=one.place,
            fate="refused" if one.fate == "asks" else one.fate,  # a program cannot be asked
            id=one.id,
            faults=[fault_of(fault) for fault in one.faults],
            skipped=[Skip(place=part.place, reason=part.reason) for part in one.skipped],
            unusual=list(one.unusual),
            conflicts=[
                BroughtConflict(entry=c.what, field=c.field, here=c.here, file=c.file) for c in one.conflicts
            ],
        )
        for one in _brought(request, body, name, account.name, update, kind, dates)
    ]


def _brought(
    request: Request, data: bytes, name: str, by: str, update: bool, kind: str, dates: str
) -> list[ImportResult]:
    """Bring a file in: a table of doses or results by the heads of its columns, anything else by itself."""
    board = request.app.state.imports
    if not kind:
        return bring(store_of(request), data, name, by, update, board)
    table = read_sheet(data, printable(name, 80))
    guessed = guess_mapping(table)
    if guessed.kind != kind:
        cause, hint = (
            f"its heads are those of {guessed.kind}",
            "use the heads of the template, or another kind",
        )
        raise InputError("kind", cause, hint)
    found = records_in(table, replace(guessed, dates=guessed.dates or dates))
    return bring_records(store_of(request), found, table.name, by, update, board)


@router.get("/import")
def import_state(request: Request, account: By) -> ImportState | None:
    """How far the import that one has sent is; null where none runs."""
    share = request.app.state.imports.read(account.name)
    return None if share is None else ImportState(**vars(share))
