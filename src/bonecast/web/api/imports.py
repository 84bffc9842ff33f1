"""Record files into the database, by the API."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Body, Query, Request
from pydantic import BaseModel, Field

from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED, Fault, fault_of
from bonecast.web.context import By, store_of
from bonecast.web.importing import bring

router = api_router(tags=["import"])


class Skip(BaseModel):
    """A part of a file that was not read, and why."""

    place: str
    reason: str


class BroughtLine(BaseModel):
    """What became of one record of the file."""

    place: str
    fate: Literal["added", "updated", "unchanged", "known", "refused"]
    id: int | None
    faults: list[Fault]
    skipped: list[Skip]
    unusual: list[str] = Field(description="Doses far from every usual one of their drug: are they right?")


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
) -> list[BroughtLine]:
    """Read a file (TOML, FHIR R4 Bundle, CSV of people) and keep every record in it that can be used."""
    return [
        BroughtLine(
            place=one.place,
            fate=one.fate,
            id=one.id,
            faults=[fault_of(fault) for fault in one.faults],
            skipped=[Skip(place=part.place, reason=part.reason) for part in one.skipped],
            unusual=list(one.unusual),
        )
        for one in bring(store_of(request), body, name, account.name, update, request.app.state.imports)
    ]


@router.get("/import")
def import_state(request: Request, account: By) -> ImportState | None:
    """How far the import that one has sent is; null where none runs."""
    share = request.app.state.imports.read(account.name)
    return None if share is None else ImportState(**vars(share))
