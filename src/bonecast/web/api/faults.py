"""How the API says that something cannot be used: the place, the cause and the hint of each fault."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from bonecast.errors import InputError


class Fault(BaseModel):
    """One fault: where it is, what is wrong, how to put it right."""

    place: str
    cause: str
    hint: str
    mend: str = Field(
        deprecated=True, description="The former name of `hint`; it goes with the next release."
    )


class Faults(Fault):
    """The first fault, and all of them."""

    faults: list[Fault] = []


REFUSED: dict[int | str, dict[str, Any]] = {422: {"model": Faults}}


def fault_of(error: InputError) -> Fault:
    """An error of ours as the API states it."""
    return Fault(**error.as_dict())
