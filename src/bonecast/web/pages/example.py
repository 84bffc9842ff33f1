"""The invented example: one click puts it on an empty list, so that a forecast is seen at once."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.errors import InputError
from bonecast.web.context import By, redirect, store_of
from bonecast.web.importing import bring

router = APIRouter()
FILE = "example.toml"


@router.post("/people/example")
def add_example(request: Request, account: By) -> Response:
    """Put the invented woman whose dose came late on the list, and show her forecast; who has her already sees it."""
    data = (files("bonecast.web.pages") / FILE).read_bytes()
    (brought,) = bring(store_of(request), data, FILE, account.name, update=False)
    if brought.id is None:
        raise InputError("example", "it was deleted before", "put it back from the deleted people")
    return redirect(f"/people/{brought.id}/forecast", "example" if brought.fate == "added" else "")
