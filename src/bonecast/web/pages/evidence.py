"""The evidence: what each model says of published results, held against them; computed once and kept."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.evidence import CLASSES
from bonecast.models import DEFAULT_MODEL, load_model, model_names
from bonecast.web.context import By, Db, page, redirect, store_of
from bonecast.web.jobs.bench import last, put, result_of
from bonecast.web.jobs.scoreboard import asked_of
from bonecast.web.pages.drawn import inline
from bonecast.web.pages.models import model_or_404
from bonecast.web.pages.scoreboard import Filters, charts, choices, drugs_of, figure, heat_map, where
from bonecast.web.store.jobs import OPEN

router = APIRouter()
KIND = "evidence"


@router.get("/evidence")
def evidence(
    request: Request,
    s: Db,
    model: str = DEFAULT_MODEL,
    kind: str = "",
    endpoint: str = "",
    study: str = "",
    drug: str = "",
) -> Response:
    """All models side by side, and one of them row by row."""
    chosen = model_or_404(model).name
    board = {name: kept(s, name) for name in model_names()}
    job, made = board[chosen]
    filters = Filters(kind, endpoint, study, drug)
    rows = [row for row in made["rows"] if filters.passes(row)] if made else []
    drawn = charts(rows)
    return page(
        request,
        "evidence/scoreboard.html.jinja",
        model=chosen,
        names=model_names(),
        board=board,
        classes=[name for name in (*CLASSES, "all") if name != "other"],
        job=job,
        open=job is not None and job.state in OPEN,
        made=made,
        filters=filters,
        choices=choices(made["rows"]) if made else {},
        rows=rows,
        heat=heat_map(made["rows"]) if made else {},
        charts=drawn,
        specs=inline(drawn),
        figure=figure,
        where=where,
        drugs_of=drugs_of,
    )


@router.post("/evidence/{model}")
def compute(request: Request, model: str, account: By) -> Response:
    """Hold this model against the table, unless that is being done."""
    asked = asked_of(model_or_404(model).name)
    put(store_of(request), request.app.state.workshop, KIND, asked, account.name, **asked)
    return redirect(f"/evidence?model={asked['model']}")


def kept(s: Db, model: str) -> tuple[Any, dict[str, Any] | None]:
    """The newest job on this model as it stands, and its result."""
    found = last(s, KIND, **asked_of(load_model(model).name))
    return found, result_of(s, found)
