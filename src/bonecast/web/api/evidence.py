"""What models say of published results, in JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from pydantic import BaseModel, ConfigDict, Field

from bonecast.models import load_model
from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED
from bonecast.web.api.people import NOT_THERE
from bonecast.web.context import By, Db, store_of
from bonecast.web.jobs.bench import put
from bonecast.web.jobs.scoreboard import asked_of
from bonecast.web.pages.evidence import KIND, kept
from bonecast.web.pages.models import model_or_404
from bonecast.web.store.jobs import Job

router = api_router(tags=["evidence"])


class Scoreboard(BaseModel):
    """How far the computation is ("none" where nobody asked), and its classes, endpoints and rows once it is done."""

    model: str
    state: str
    share: float
    what: str
    classes: list[dict[str, Any]] = []
    endpoints: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []


class AskedBoard(BaseModel):
    """Which model is to be held against the table."""

    model_config = ConfigDict(extra="forbid")
    model: Annotated[str, Field(max_length=100)]


@router.get("/evidence/{model}", responses=NOT_THERE)
def board(s: Db, model: Annotated[str, Path(max_length=100)]) -> Scoreboard:
    """The scoreboard of a model as it stands."""
    name = model_or_404(model).name
    job, made = kept(s, name)
    parts = {key: made[key] for key in ("classes", "endpoints", "rows")} if made else {}
    return _answer(name, job, parts)


@router.post("/evidence", status_code=202, responses=REFUSED)
def compute(request: Request, body: AskedBoard, account: By) -> Scoreboard:
    """Hold a model against the table, unless that is being done."""
    asked = asked_of(load_model(body.model).name)
    found = put(store_of(request), request.app.state.workshop, KIND, asked, account.name, **asked)
    return _answer(asked["model"], found.job, {})


def _answer(model: str, job: Job | None, parts: dict[str, Any]) -> Scoreboard:
    if job is None:
        return Scoreboard(model=model, state="none", share=0.0, what="")
    return Scoreboard(model=model, state=job.state, share=job.share, what=job.what, **parts)
