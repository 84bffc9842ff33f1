"""The figures of the service, by month, owner and site, each with its definition."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.web.context import Db, note_look, page, store_of
from bonecast.web.pages.judging import refresh
from bonecast.web.service_figures import BY, By, ServiceFigure, figures
from bonecast.web.sheets import sheet
from bonecast.web.store import worklist

router = APIRouter()
MONTHS = (3, 6, 12, 24, 36)
LOOK_S, FILE_S = 0.1, 20.0
Grouped = Annotated[By, Query()]
Months = Annotated[int, Query(ge=1, le=120)]
HEADS = (
    "Measure", "Group", "Numerator", "Denominator", "Value", "Low, %", "High, %", "Numerator is", "Denominator is",
    "Source",
)  # fmt: skip


@router.get("/service")
def service(request: Request, s: Db, by: Grouped = "all", months: Months = 12) -> Response:
    """Every measure, with numbers and definition."""
    note_look(request, s)
    made, waiting = _made(request, s, by, months, LOOK_S)
    return page(
        request,
        "service.html.jinja",
        figures=made,
        by=by,
        months=months,
        choices=BY,
        spans=MONTHS,
        waiting=waiting,
    )


@router.get("/service/export")
def export(request: Request, s: Db, by: Grouped = "all", months: Months = 12, form: str = "csv") -> Response:
    """The same as CSV or xlsx."""
    note_look(request, s)
    made, _ = _made(request, s, by, months, FILE_S)
    rows = (
        (
            one.measure.title, one.group, one.numerator, one.denominator, one.shown,
            None if one.low is None else round(one.low, 1), None if one.high is None else round(one.high, 1),
            one.measure.numerator, one.measure.denominator, one.measure.source,
        )
        for one in made
    )  # fmt: skip
    return sheet(f"service-{dt.date.today()}", form, HEADS, rows)


def _made(request: Request, s: Db, by: By, months: int, budget_s: float) -> tuple[list[ServiceFigure], int]:
    today = dt.date.today()
    waiting = refresh(request, s, budget_s, today)
    with store_of(request).reading() as fresh:
        return figures(worklist.histories(fresh), today, by, months), waiting
