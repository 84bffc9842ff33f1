"""The stop planner: when denosumab ends and what follows, over the plans that the care rules allow."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.decisions import AIMS, find_aim
from bonecast.forecasts import THROUGHOUT
from bonecast.web.context import By, Db, Person, later_of, page, redirect, settings_of
from bonecast.web.jobs.job_request import JobRequest, request_job
from bonecast.web.pages.compare import DEFAULT_AIM
from bonecast.web.pages.whose_rules import usual_rules
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
        against=against_best_exit(search["ranks"]) if search else {},
        aim=aim,
        aims=AIMS,
    )


def against_best_exit(ranks: list[dict[str, Any]]) -> dict[str, str]:
    """Of each exit, the best first: can the forecast tell it from the best one? Going on throughout is no exit.

    >>> ranks = [{"strategy": "denosumab throughout", "bracket": "a"}, {"strategy": "x", "bracket": "ab"}]
    >>> against_best_exit([*ranks, {"strategy": "y", "bracket": "b"}, {"strategy": "z", "bracket": "c"}])
    {'x': 'the best exit', 'y': 'cannot be distinguished from it', 'z': 'behind it'}
    """
    exits = [one for one in ranks if one["strategy"] != THROUGHOUT]
    said = {}
    for one in exits:
        near = set(one["bracket"] or "") & set(exits[0]["bracket"] or "")
        said[one["strategy"]] = gettext("cannot be distinguished from it") if near else gettext("behind it")
    return said | {exits[0]["strategy"]: gettext("the best exit")} if exits else said


@router.post("/people/{id:int}/stop/again")
def again(request: Request, s: Db, person: Person, account: By, aim: str = DEFAULT_AIM) -> Response:
    """Compute it again after it failed or was stopped."""
    _job(request, person, account.name, aim, s=s)
    return redirect(f"/people/{person.id}/stop?aim={find_aim(aim).name}")


def _job(request: Request, person: StoredPerson, by: str, aim: str, s: Db | None = None) -> JobRequest:
    asked = {"best_by": find_aim(aim).name, **usual_rules(person, settings_of(request).jurisdiction)}
    return request_job(
        later_of(request), request.app.state.workshop, "stop", person, by, asked, again=s is not None, s=s
    )
