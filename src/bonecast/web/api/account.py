"""One's own account, by the API."""

from __future__ import annotations

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel, Field

from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED, Fault
from bonecast.web.context import By, only_with_accounts, own_gate
from bonecast.web.own_password import TooManyTries, change_own

router = api_router(tags=["account"], dependencies=[Depends(own_gate), Depends(only_with_accounts)])


class NewPassword(BaseModel):
    """The present password and the one that takes its place."""

    old: str = Field(max_length=400)
    new: str = Field(max_length=400)


# besides bad input: no accounts on this computer, and too many tries
REFUSALS = {**REFUSED, 404: {"model": Fault}, 429: {"model": Fault}}


@router.post("/account/password", status_code=204, responses=REFUSALS)
def change_password(request: Request, passwords: NewPassword, account: By) -> None:
    """Change one's own password, in whatever role; every session of the account ends, this one too."""
    try:
        change_own(request, account, passwords.old, passwords.new)
    except TooManyTries as error:
        raise HTTPException(429, str(error), {"retry-after": str(error.wait_s)}) from None
