"""The worklist: who needs what next, the first page of a clinic's day."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bonecast.care import STATE_WORDS, state_name
from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.forecasts import code_version
from bonecast.papers import label_sheets
from bonecast.web.clinic import in_clinic_unit
from bonecast.web.context import By, Db, Posted, note_look, page, redirect, settings_of, store_of
from bonecast.web.pages.judging import LOOK_S, WORK_S, refresh, refresh_all
from bonecast.web.sheets import Cell, sheet
from bonecast.web.store import accounts, audit, delays, worklist
from bonecast.web.store.worklist import ORDERS, STATUSES, TILES, WorklistFilter, WorklistRow

router = APIRouter()
ROWS = 50
MOST = 10_000  # people of one file, or of one change
Text = Annotated[str, Query(max_length=200)]
RECALL_WORDS = {
    "letters": "Letters",
    "labels": "Address labels",
    "texts": "Texts",
    "orders": "Orders for a year",
}
HEADS = (
    "Name", "Id", "Birth date", "Last dose", "Doses", "Due", "Window left, days", "Calcium, mmol/L", "Calcium of",
    "eGFR, mL/min/1.73 m2", "eGFR of", "Check", "Next action", "Owner", "Status", "Site",
)  # fmt: skip


def _asked(
    tile: Text = "everyone",
    search: Text = "",
    owner: Text = "",
    status: Text = "",
    site: Text = "",
    sort: Text = "urgency",
    delay: Text = "",
) -> WorklistFilter:
    shown = "shown" if delay or sort == "delay" else ""
    return WorklistFilter(tile if tile in TILES else "everyone", search, owner, status, site, sort, shown)


COST_HEAD = "One month of delay: more new vertebral fractures in 24 months, of 1,000"
Asked = Annotated[WorklistFilter, Depends(_asked)]


@router.get("/worklist")
def work_list(
    request: Request, s: Db, asked: Asked, account: By, offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0
) -> Response:
    """The tiles and the table, by filter; whom the judge has not seen today is judged first, as far as time allows."""
    note_look(request, s)
    today = dt.date.today()
    waiting = refresh(request, s, LOOK_S, today)
    with store_of(request).reading() as fresh:
        found = worklist.find(fresh, asked, today, offset, ROWS, delays.month_of(today, _code()))
        content: dict[str, Any] = {
            "found": found,
            "counts": worklist.counts(fresh, today),
            "owners": _owners(fresh, request),
            "sites": worklist.choices(fresh, "site"),
            "views": worklist.views(fresh, account.name),
            "costs": _costs(fresh, asked, found.rows, today),
        }
    return page(
        request,
        "worklist.html.jinja",
        asked=asked,
        query=_query(asked),
        with_=lambda **changes: _query(asked, **changes),
        tiles=TILES,
        statuses=STATUSES,
        orders=ORDERS,
        recall_files=RECALL_WORDS,
        sheets=label_sheets(),
        words=STATE_WORDS,
        waiting=waiting,
        state_name=state_name,
        calcium=_calcium,
        calcium_unit=in_clinic_unit("calcium", 1.0, 0)[1],
        **content,
    )


@router.get("/worklist/judging")
def judging(request: Request, s: Db) -> Response:
    """A step of judging whom the list waits for; the page asks again until nobody is left, and then for its list."""
    note_look(request, s)
    left = refresh(request, s, WORK_S, dt.date.today())
    if not left:
        return HTMLResponse("", headers={"hx-trigger": "judged"})
    return page(request, "worklist-judging.html.jinja", waiting=left)


@router.get("/worklist/export")
def export(request: Request, s: Db, asked: Asked, form: Text = "csv") -> Response:
    """The whole list of this filter as CSV or xlsx."""
    note_look(request, s)
    today = dt.date.today()
    refresh_all(request, s, today)
    with store_of(request).reading() as fresh:
        rows = worklist.find(fresh, asked, today, 0, MOST, delays.month_of(today, _code())).rows
        costs = _costs(fresh, asked, rows, today)
    cells = (_cells(row) for row in rows)
    if not asked.delay:
        return sheet(f"worklist-{today}", form, HEADS, cells)
    month = (costs[row.id]["more"][1] if row.id in costs else None for row in rows)
    with_cost = (
        (*row, None if one is None else round(one, 2)) for row, one in zip(cells, month, strict=True)
    )
    return sheet(f"worklist-{today}", form, (*HEADS, COST_HEAD), with_cost)


@router.post("/worklist/do")
def change(s: Db, form: Posted, account: By) -> Response:
    """Set owner, status or site of the people that were ticked, or of all that the filter finds."""
    asked, ids = _asked_in(form), chosen_people(s, form)
    chosen = [one for one in worklist.FIELDS if str(form.get(f"set-{one}", "")).strip()]
    if not chosen:
        raise InputError(
            "change",
            gettext("nothing was chosen"),
            gettext("go back and choose an owner, a status or a site"),
        )
    for field in chosen:
        value = str(form[f"set-{field}"]).strip()
        value = "" if value == "nobody" and field == "owner" else value
        for person_id in worklist.assign(s, ids, field, value):
            audit.note(s, account.name, f"worklist {field}", person_id, "" if field == "status" else value)
    return redirect(f"/worklist?{_query(asked)}", "assigned")


def chosen_people(s: Session, form: FormData) -> list[int]:
    """The numbers of the people that were ticked, or of all that the filter finds. Raises InputError for nobody."""
    if form.get("whom") == "all":
        ids = [row.id for row in worklist.find(s, _asked_in(form), dt.date.today(), 0, MOST).rows]
    else:
        ids = [int(one) for one in map(str, form.getlist("id")) if one.isdecimal() and len(one) < 10][:MOST]
    if not ids:
        raise InputError(
            "people", gettext("nobody was ticked"), gettext("go back, tick the people and send it again")
        )
    return ids


@router.post("/worklist/views")
def save_view(s: Db, form: Posted, account: By) -> Response:
    """Keep the filter under a name, for this user."""
    asked = _asked_in(form)
    worklist.save_view(s, account.name, str(form.get("name", "")), _query(asked))
    return redirect(f"/worklist?{_query(asked)}", "view-saved")


@router.post("/worklist/views/{number:int}/delete")
def delete_view(s: Db, number: int, account: By) -> Response:
    """Delete a view of this user."""
    worklist.delete_view(s, account.name, number)
    return redirect("/worklist", "view-deleted")


_FIELDS = tuple(one.name for one in fields(WorklistFilter))


def _asked_in(form: FormData) -> WorklistFilter:
    """The filter of the page that a form was sent from."""
    query = dict(parse_qsl(str(form.get("query", "")))[:10])
    return _asked(**{name: query[name] for name in _FIELDS if name in query})


def _query(asked: WorklistFilter, **changes: Any) -> str:
    """The filter as an address holds it, with changes; what is usual is left out."""
    usual = WorklistFilter()
    values = {name: getattr(asked, name) for name in _FIELDS} | changes
    return urlencode({name: value for name, value in values.items() if value != getattr(usual, name, 0)})


def _code() -> str:
    """The code behind what a delay costs, as it is kept with the numbers."""
    return code_version()[:16]


def _calcium(kept: str) -> str:
    """A calcium of the list as the clinic shows it; one of which only bounds are known as it is."""
    try:
        return in_clinic_unit("calcium", float(kept), 2)[0]
    except ValueError:
        return kept


def _costs(
    s: Session, asked: WorklistFilter, rows: tuple[WorklistRow, ...], today: dt.date
) -> dict[int, dict[str, Any]]:
    """What a delay costs these people, by number, where the list shows it."""
    return delays.costs_of(s, (row.id for row in rows), today, _code()) if asked.delay else {}


def _owners(s: Session, request: Request) -> list[str]:
    known = [one.name for one in accounts.every(s)] if settings_of(request).accounts else []
    return sorted({*known, *worklist.choices(s, "owner")})


def _cells(row: WorklistRow) -> tuple[Cell, ...]:
    return (
        row.name, row.record_id, row.birth_date, row.last_dose, row.doses, row.due, row.window_d, row.calcium,
        row.calcium_day, row.egfr, row.egfr_day, state_name(row.state, "") if row.state in STATE_WORDS else "",
        row.next_action, row.owner, row.status, row.site,
    )  # fmt: skip
