"""How the API says that something cannot be used: the place, the cause and the hint of each fault."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from bonecast.errors import InputError


class Fault(BaseModel):
    """One fault: where it is, what is wrong, how to put it right."""

    place: str
    cause: str
    hint: str


class Faults(Fault):
    """The first fault, and all of them."""

    faults: list[Fault] = []


REFUSED: dict[int | str, dict[str, Any]] = {422: {"model": Faults}}


def told(error: InputError) -> Fault:
    """An error of ours as the API tells it."""
    return Fault(place=error.place, cause=error.cause, hint=error.hint)
