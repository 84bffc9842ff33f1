"""The stop planner: when denosumab ends and what follows, over the plans that the care rules allow."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.decisions import AIMS, find_aim
from bonecast.web.context import By, Person, page, redirect, store_of
from bonecast.web.jobs.asking import Asked, ask_for
from bonecast.web.pages.compare import DEFAULT_AIM
from bonecast.web.store import StoredPerson

router = APIRouter()


@router.get("/people/{id:int}/stop")
def stop(request: Request, person: Person, account: By, aim: str = DEFAULT_AIM) -> Response:
    """Every exit at every time that leaves two years of the forecast after it, the best first."""
    found = _job(request, person, account.name, aim)
    search = found.result["forecast"]["search"] if found.result else None
    return page(
        request,
        "stop.html.jinja",
        person,
        "late",
        work=found,
        made=found.result,
        search=search,
        aim=aim,
        aims=AIMS,
    )


@router.post("/people/{id:int}/stop/again")
def again(request: Request, person: Person, account: By, aim: str = DEFAULT_AIM) -> Response:
    """Compute it again after it failed or was stopped."""
    _job(request, person, account.name, aim, again=True)
    return redirect(f"/people/{person.id}/stop?aim={find_aim(aim).name}")


def _job(request: Request, person: StoredPerson, by: str, aim: str, again: bool = False) -> Asked:
    asked = {"best_by": find_aim(aim).name}
    return ask_for(store_of(request), request.app.state.workshop, "stop", person, by, asked, again)
