"""Virtual trials in JSON: designs, runs, how far they are, stopping and going on."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import HTTPException, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from bonecast.trials import preset_text
from bonecast.web import trial_runs
from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED
from bonecast.web.api.people import NOT_THERE
from bonecast.web.context import By, Db, store_of
from bonecast.web.pages.trials import designs
from bonecast.web.store import jobs
from bonecast.web.trial_runs import LONGEST, TrialRun

router = api_router(tags=["trials"])
Key = Annotated[str, Path(max_length=40, description="The key of the run.")]


class DesignLine(BaseModel):
    """A design of the package."""

    name: str
    title: str
    model: str
    people: int
    trials: int
    arms: list[str]
    toml: str


class RunLine(BaseModel):
    """A run: its design's name and numbers, and how far it is. `what` says people per second and the time left."""

    key: str
    name: str
    title: str
    model: str
    people: int
    trials: int
    seed: int
    state: str
    share: float
    what: str
    by: str
    asked: dt.datetime


class RunPage(RunLine):
    """A run with its design, and its decisive results once it is done."""

    toml: str
    rows: list[dict[str, Any]]
    files: list[str]


class NewRun(BaseModel):
    """A design to run; numbers stand in place of its own."""

    model_config = ConfigDict(extra="forbid")
    toml: Annotated[str, Field(max_length=LONGEST)]
    people: Annotated[int | None, Field(ge=1, le=10**9 - 1)] = None
    trials: Annotated[int | None, Field(ge=1, le=10**9 - 1)] = None
    seed: Annotated[int | None, Field(ge=0, le=10**9 - 1)] = None


class Going(BaseModel):
    """Whether the run is to go on, or to stop."""

    model_config = ConfigDict(extra="forbid")
    running: bool


@router.get("/trials/designs")
def list_designs() -> list[DesignLine]:
    """The designs of the package, as TOML to start from."""
    return [
        DesignLine(
            name=one.name,
            title=one.title,
            model=one.model_name,
            people=one.people,
            trials=one.trials,
            arms=[arm.name for arm in one.arms],
            toml=preset_text(one.name),
        )
        for one in designs()
    ]


@router.get("/trials/runs")
def list_runs(s: Db) -> list[RunLine]:
    """Every run, the newest first."""
    return [RunLine(**_line(run)) for run in trial_runs.runs(s)]


@router.post("/trials/runs", status_code=202, responses=REFUSED)
def start(request: Request, body: NewRun, account: By) -> RunLine:
    """Run a design, or let its stopped run go on."""
    numbers = {
        name: "" if (value := getattr(body, name)) is None else str(value) for name in trial_runs.NUMBERS
    }
    text = trial_runs.with_numbers(body.toml, numbers)
    key = trial_runs.start(store_of(request), request.app.state.workshop, text, account.name)
    with store_of(request).reading() as s:
        return RunLine(**_line(_run(s, key)))


@router.get("/trials/runs/{key}", responses=NOT_THERE)
def get_run(s: Db, key: Key) -> RunPage:
    """How far a run is, or what came out of it."""
    found = _run(s, key)
    made = trial_runs.result(s, found) or {"rows": [], "files": []}
    return RunPage(**_line(found), toml=found.toml, rows=made["rows"], files=made["files"])


@router.patch("/trials/runs/{key}", responses=NOT_THERE | REFUSED)
def change(request: Request, key: Key, body: Going, account: By) -> RunLine:
    """Stop a run, or let it go on where it was stopped."""
    store = store_of(request)
    with store.session() as s:
        found = _run(s, key)
        if not body.running:
            jobs.cancel(s, found.job.id)
    if body.running and found.job.state != "done":
        trial_runs.go_on(store, request.app.state.workshop, found, account.name)
    with store.reading() as s:
        return RunLine(**_line(_run(s, key)))


def _run(s: Db, key: str) -> TrialRun:
    found = trial_runs.find(s, key)
    if found is None:
        raise HTTPException(404, "There is no such run.")
    return found


def _line(run: TrialRun) -> dict[str, Any]:
    job = run.job
    answer = {"state": job.state, "share": job.share, "what": job.what, "by": job.by, "asked": job.created}
    return {"key": run.key, **run.about, **answer}
