"""The figures of the service, by month, owner and site, each with its definition."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.core import gettext
from bonecast.forecasts import code_version
from bonecast.web.context import By as Account
from bonecast.web.context import Db, note_look, page, redirect, settings_of, store_of
from bonecast.web.delay_figures import at_delay, lateness_lines, measured_delay
from bonecast.web.pages.judging import LOOK_S, refresh, refresh_all
from bonecast.web.service_counts import ServiceCounts
from bonecast.web.service_figures import BY, MOST_MONTHS, By, ServiceFigure
from bonecast.web.sheets import Cell, sheet
from bonecast.web.store import delays, worklist
from bonecast.web.store.jobs import OPEN

router = APIRouter()
MONTHS = (3, 6, 12, 24, 36)
Grouped = Annotated[By, Query()]
Months = Annotated[int, Query(ge=1, le=MOST_MONTHS)]
HEADS = (
    "Measure", "Group", "Numerator", "Denominator", "Value", "Low, %", "High, %", "Numerator is", "Denominator is",
    "Source",
)  # fmt: skip


@router.get("/service")
def service(request: Request, s: Db, by: Grouped = "all", months: Months = 12) -> Response:
    """Every measure, with numbers and definition."""
    note_look(request, s)
    today = dt.date.today()
    waiting = refresh(request, s, LOOK_S, today)
    made = _made(request, today, by, months)
    return page(
        request,
        "service.html.jinja",
        figures=made,
        by=by,
        months=months,
        choices=BY,
        spans=MONTHS,
        waiting=waiting,
        **_lateness(request, today, made if by == "all" else _made(request, today, "all", months)),
    )


@router.post("/service/delays")
def compute_delays(request: Request, s: Db, account: Account) -> Response:
    """Forecast what a delay costs the people of the list who have no number yet."""
    delays.submit(s, account.name, _asked_of_delays(request, dt.date.today()))
    request.app.state.workshop.call()
    return redirect("/service#lateness")


@router.get("/service/export")
def export(request: Request, s: Db, by: Grouped = "all", months: Months = 12, form: str = "csv") -> Response:
    """The same as CSV or xlsx, of everybody; who could not be judged in time is counted in a last row."""
    note_look(request, s)
    today = dt.date.today()
    waiting = refresh_all(request, s, today)
    made = _made(request, today, by, months)
    rows: list[tuple[Cell, ...]] = [
        (
            one.measure.title, one.group, one.numerator, one.denominator, one.shown,
            None if one.low is None else round(one.low, 1), None if one.high is None else round(one.high, 1),
            one.measure.numerator, one.measure.denominator, one.measure.source,
        )
        for one in made
    ]  # fmt: skip
    if waiting:
        rows.append((gettext("People who are not counted yet"), "", waiting, *[None] * (len(HEADS) - 3)))
    return sheet(f"service-{dt.date.today()}", form, HEADS, rows)


def _lateness(request: Request, today: dt.date, made: list[ServiceFigure]) -> dict[str, Any]:
    """What lateness costs the people of the list, as far as it was forecast."""
    with store_of(request).reading() as fresh:
        found = delays.sum_of(fresh, today, code_version()[:16])
        job = delays.latest_job(fresh)
    lines = lateness_lines(found.costs)
    delay = measured_delay(made)
    return {
        "delays": found,
        "lines": lines,
        "delay": delay,
        "at_delay": None if delay is None else at_delay(lines, delay),
        "job": job
        if job is not None and (job.state in OPEN or (job.state == "failed" and found.waiting))
        else None,
    }


def _asked_of_delays(request: Request, today: dt.date) -> dict[str, Any]:
    usual = settings_of(request).jurisdiction
    asked = {"day": today.isoformat(), "code": code_version()[:16]}
    return asked | ({"jurisdiction": usual} if usual else {})


def _made(request: Request, today: dt.date, by: By, months: int) -> list[ServiceFigure]:
    """The figures; only people whose history, owner, site or status changed are counted again."""
    state = request.app.state
    if state.counts is None or state.counts.today != today:
        state.counts = ServiceCounts(today)
    counts: ServiceCounts = state.counts
    with store_of(request).reading() as fresh:
        counts.update(worklist.stamps(fresh), lambda ids: worklist.histories(fresh, ids))
    return counts.figures(by, months)
