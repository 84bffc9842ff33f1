"""The list of people, found by name or id, those longest overdue first; who was deleted; and the invented example."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.web.context import By, Db, Person, note_look, page, redirect, store_of
from bonecast.web.importing import bring
from bonecast.web.store import audit, people

router = APIRouter()
ROWS = 50
EXAMPLE = "example.toml"
Search = Annotated[str, Query(max_length=200)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


@router.get("/")
def home() -> Response:
    """The worklist is the first page."""
    return redirect("/worklist")


@router.get("/people")
def people_list(
    request: Request, s: Db, search: Search = "", by: str = "due", offset: Offset = 0
) -> Response:
    """Everyone on the list, those longest overdue first, or by name."""
    note_look(request, s)
    found = people.find(s, search, by != "name", offset, ROWS)
    late = people.overdue(s)
    return page(
        request,
        "people.html.jinja",
        found=found,
        search=search,
        by=by,
        overdue=late,
        title=gettext("People"),
        deleted=False,
    )


@router.get("/people/deleted")
def deleted_people(request: Request, s: Db, search: Search = "", offset: Offset = 0) -> Response:
    """Who was deleted, and can be put back."""
    note_look(request, s)
    found = people.find(s, search, False, offset, ROWS, deleted=True)
    return page(
        request,
        "people.html.jinja",
        found=found,
        search=search,
        by="name",
        overdue=0,
        title=gettext("Deleted people"),
        deleted=True,
    )


@router.get("/people/{id:int}")
def person(id: int) -> Response:
    """A person's first page is the record."""
    return redirect(f"/people/{id}/record")


@router.post("/people/{id:int}/delete")
def delete(s: Db, person: Person, account: By) -> Response:
    """Take the person off the list; it can be undone."""
    people.delete(s, person.id, account.name)
    audit.note(s, account.name, "deleted", person.id)
    return redirect("/people/deleted", "deleted")


@router.post("/people/{id:int}/restore")
def restore(s: Db, id: int, account: By) -> Response:
    """Put a deleted person back on the list."""
    people.restore(s, id, account.name)
    audit.note(s, account.name, "restored", id)
    return redirect(f"/people/{id}/record", "restored")


@router.post("/people/example")
def add_example(request: Request, account: By) -> Response:
    """Put the invented woman whose dose came late on the list, and show her forecast; who has her already sees it."""
    data = (files("bonecast.web.pages") / EXAMPLE).read_bytes()
    (brought,) = bring(store_of(request), data, EXAMPLE, account.name, update=False)
    if brought.id is None:
        raise InputError(
            "example", gettext("it was deleted before"), gettext("put it back from the deleted people")
        )
    return redirect(f"/people/{brought.id}/forecast", "example" if brought.fate == "added" else "")
