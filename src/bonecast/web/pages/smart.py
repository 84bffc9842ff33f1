"""A chart out of a record system (SMART App Launch): launched, read, and shown with what was read and what was not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from bonecast.errors import InputError, printable
from bonecast.interop import read_tables
from bonecast.web.context import By, Db, note_look, page, redirect, require_role, set_cookie, store_of
from bonecast.web.importing import ImportResult, bring
from bonecast.web.smart import FetchedChart, SmartRefused, SmartService, fetch_chart
from bonecast.web.smart.issuers import SmartIssuer
from bonecast.web.smart.protocol import SmartToken, authorization_url, exchange, refreshed
from bonecast.web.smart.service import LAUNCH_S
from bonecast.web.store import audit, people, smart_charts

COOKIE = "bonecast-smart"  # which browser began a launch
MOST_SHOWN = 500  # parts that were not read
router = APIRouter(dependencies=[require_role("clinician")])


@router.get("/smart")
def choose(request: Request, s: Db) -> Response:
    """The record systems, and the charts that were opened."""
    note_look(request, s)
    charts = [(one, stored) for one in smart_charts.newest(s) if (stored := people.get(s, one.person_id))]
    issuers = _service(request).settings.issuers
    return page(request, "smart.html.jinja", issuers=issuers, charts=charts)


@router.get("/smart/launch")
def launch(request: Request, account: By, iss: str = "", launch: str = "") -> Response:
    """Begin: from a record system (`launch`), or by itself. The browser goes on to the record system."""
    service = _service(request)
    try:
        begun = service.begin(iss, account.name)
    except SmartRefused as error:
        return _refused(request, account.name, error)
    answer = RedirectResponse(authorization_url(begun, service.redirect_uri, launch), 303)
    set_cookie(answer, request, COOKIE, begun.browser, "lax", max_age=LAUNCH_S)
    return answer


@router.get("/smart/callback")
def come_back(
    request: Request,
    account: By,
    state: str = "",
    code: str = "",
    error: str = "",
    error_description: str = "",
) -> Response:
    """The browser comes back: the token is fetched, the chart read and kept, and its page shown."""
    service = _service(request)
    try:
        begun = service.returned(state, request.cookies.get(COOKIE, ""), account.name)
        if error or not code:
            said = ": ".join(
                printable(one, 120) for one in (error or "no code came", error_description) if one
            )
            cause = f"the record system refused ({said})"
            raise SmartRefused(begun.issuer.name, cause, "open the chart again", 403)
        token = exchange(begun, code, service.redirect_uri)
        number = _read(request, service, begun.issuer, token, account.name)
    except SmartRefused as refused:
        return _refused(request, account.name, refused)
    return redirect(f"/smart/charts/{number}")


@router.get("/smart/charts/{id}")
def chart(request: Request, s: Db, id: int) -> Response:
    """What was read of a chart, and what was not and why."""
    row = smart_charts.get(s, id)
    person = people.get(s, row.person_id) if row else None
    if row is None or person is None or person.deleted:
        raise HTTPException(404, "No such chart was opened.")
    note_look(request, s, person.id)
    issuer = _service(request).settings.issuer(row.iss)
    return page(request, "smart-chart.html.jinja", person, tab="record", chart=row, issuer=issuer)


@router.post("/smart/charts/{id}/read")
def read_again(request: Request, account: By, id: int) -> Response:
    """Read the chart again, with a new token where the time of the old one is over."""
    service = _service(request)
    try:
        issuer, token = _access(request, service, id)
        number = _read(request, service, issuer, token, account.name)
    except SmartRefused as refused:
        return _refused(request, account.name, refused)
    return redirect(f"/smart/charts/{number}")


@router.post("/smart/charts/{id}/forget")
def forget(request: Request, s: Db, account: By, id: int) -> Response:
    """Delete the access to a chart."""
    row = smart_charts.get(s, id)
    if row is None:
        raise HTTPException(404, "No such chart was opened.")
    smart_charts.forget(s, id)
    audit.note(s, account.name, "forgot access", row.person_id, "SMART")
    return redirect("/smart")


def _access(request: Request, service: SmartService, id: int) -> tuple[SmartIssuer, SmartToken]:
    """The record system of a chart and a token that is still good."""
    with store_of(request).reading() as session:
        row = smart_charts.get(session, id)
    if row is None:
        raise HTTPException(404, "No such chart was opened.")
    issuer = service.listed(row.iss)
    if row.token is None:
        raise SmartRefused(issuer.name, "the access was deleted", "open the chart again", 401)
    token = service.opened(row.token)
    if token.has_expired(dt.datetime.now(dt.UTC)):
        token = refreshed(issuer, token)
    return issuer, token


def _read(request: Request, service: SmartService, issuer: SmartIssuer, token: SmartToken, by: str) -> int:
    """Fetch and keep a chart; its number."""
    fetched, store = fetch_chart(issuer, token), store_of(request)
    _check_same(request, issuer, fetched)
    (brought,) = bring(store, fetched.bundle, f"{issuer.name}.json", by, update=True)
    if brought.id is None:
        cause = "; ".join(str(fault) for fault in brought.faults[:3])
        raise SmartRefused(issuer.name, f"the chart cannot be used ({printable(cause, 400)})", "", 422)
    with store.session() as session:
        audit.note(session, by, "opened by SMART", brought.id, issuer.name)
        return smart_charts.keep(
            session, issuer.iss, brought.id, by, service.sealed(token), _reading(fetched, brought)
        )


def _check_same(request: Request, issuer: SmartIssuer, fetched: FetchedChart) -> None:
    """Refuse a chart whose id somebody else on the list has."""
    try:
        (read,) = read_tables(fetched.bundle, "chart.json")
    except (InputError, ValueError):
        return  # what cannot be read is refused, with its faults, where it would be kept
    person = read.tables.get("person", {})
    with store_of(request).reading() as session:
        known = people.with_record_id(session, str(person.get("id", "")))
    if known is None:
        return
    for key in ("birth_date", "sex"):
        if str(known.record["person"].get(key)) != str(person.get(key)):
            cause = f"somebody with this id and another {key.replace('_', ' ')} is on the list"
            raise SmartRefused(issuer.name, cause, "compare the two before anything is merged", 409)


def _reading(fetched: FetchedChart, brought: ImportResult) -> dict[str, Any]:
    return {
        "counts": fetched.counts,
        "missing": fetched.missing,
        "fate": brought.fate,
        "skipped": [[one.place, one.reason] for one in brought.skipped[:MOST_SHOWN]],
        "more": max(0, len(brought.skipped) - MOST_SHOWN),
    }


def _refused(request: Request, by: str, error: SmartRefused) -> Response:
    """The page that says why no chart was opened; who tried is kept in the audit log."""
    said = (
        error.place if error.status in (409, 422) else printable(error, 200)
    )  # those two speak of the record
    with store_of(request).session() as session:
        audit.note(session, by, "SMART launch refused", None, said)
    return page(
        request,
        "plain.html.jinja",
        status=error.status,
        heading="The chart cannot be opened",
        lines=[str(error)],
    )


def _service(request: Request) -> SmartService:
    return request.app.state.smart
