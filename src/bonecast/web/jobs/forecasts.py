"""Forecasts as work: the whole job, the comparison, the exits, lateness, and what a screen asks at once.

Every result is a page's content in JSON's terms; the pages show it and compute nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from bonecast.care import late_content, override_of_data
from bonecast.core import Progress, current_language, current_practice
from bonecast.errors import InputError
from bonecast.forecasts import (
    LATE_DRAWS,
    Forecast,
    Injection,
    Prepared,
    code_version,
    forecast,
    learned_before,
    load_machine,
    plan_on,
    plans_120,
    prepare,
    prepare_late,
)
from bonecast.records import Patient, patient_of_tables
from bonecast.regimens import DAYS_IN
from bonecast.web.jobs.content import content_of
from bonecast.web.store.merge import without_keys

HORIZON, DRAWS, SEED = "5 years", 500, 1
AS_PLANNED, ON_TIME = "these dates", "on time"
REDRAWN = ("LS_BMD", "TH_BMD", "CTX", "calcium")
MOST_READY = 8  # people kept in memory, some tens of megabytes each
_ready: OrderedDict[tuple[str, bool], Prepared] = OrderedDict()
_last_whole: dict[str, Forecast] = {}  # one: the report is mostly asked for after the forecast that it prints


def warm(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Load what a first forecast would wait for."""
    load_machine()
    return {"code": code_version()}


def whole(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The forecast of the usual strategies, or of those that were asked for, learned from every measurement."""
    return _said(_whole(asked, folder, progress), asked)


def report(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The same forecast as the clinician's report, one HTML file."""
    from bonecast.papers import clinician_content
    from bonecast.reports import render

    made = _whole(asked, folder, lambda share, what: progress(0.6 * share, what))
    overrides = tuple(override_of_data(one) for one in asked.get("overrides", ()))
    progress(0.6, "drawing the charts of the report")
    paper = clinician_content(made, overrides)
    return {"html": render(made, overrides), "paper": paper, "version": asked.get("version")}


def together(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The same forecast and the course without a further dose, for the page that is looked at together."""
    from bonecast.reports import together_content

    made = _whole(asked, folder, lambda share, what: progress(0.8 * share, what))
    course = None
    if any(dose.drug == "denosumab" for dose in made.history):
        ready = _prepared(asked, _patient(asked), folder, lambda share, what: None)
        course = ready.without_further_dose()
    return {**together_content(made, course), "version": asked.get("version")}


def _whole(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Forecast:
    her = _patient(asked)
    choices = [asked.get(name) for name in ("jurisdiction", "plans", "dates")]
    key = repr((astuple(her), choices, current_language().code))
    if key not in _last_whole:
        ready = _prepared(asked, her, folder, lambda share, what: progress(share / 2, what))
        made = forecast(
            ready.case.patient,
            asked.get("plans") or _on_dates(ready, asked.get("dates")),
            HORIZON,
            DRAWS,
            SEED,
            progress=lambda share, what: progress(0.5 + share / 2, what),
            known=ready.known,
        )
        _last_whole.clear()
        _last_whole[key] = made
    return _last_whole[key]


def compare(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """Every strategy that fits what was given last, ranked by an aim; those that the rules block have no number."""
    her = _patient(asked)
    ready = _prepared(asked, her, folder, lambda share, what: progress(share / 4, what))
    made = forecast(
        ready.case.patient,
        asked.get("plans") or None,
        HORIZON,
        DRAWS,
        SEED,
        progress=lambda share, what: progress(0.25 + 0.75 * share, what),
        best_by=asked.get("best_by", "vertebral"),
        every_way=not asked.get("plans"),
        known=ready.known,
    )
    return _said(made, asked)


def exits(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The exits from denosumab, searched among the plans that the care rules allow."""
    her = _patient(asked)
    ready = _prepared(asked, her, folder, lambda share, what: progress(share / 4, what))
    plans = asked.get("plans") or {"denosumab throughout": _throughout(ready)}
    made = forecast(
        ready.case.patient,
        plans,
        HORIZON,
        DRAWS,
        SEED,
        progress=lambda share, what: progress(0.25 + 0.75 * share, what),
        best_by=asked.get("best_by", "vertebral"),
        optimise=True,
        known=ready.known,
    )
    return _said(made, asked)


def late(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """How late the next injection is on a day, and each option with its numbers."""
    her = _patient(asked)
    on = dt.date.fromisoformat(asked["on"]) if asked.get("on") else None
    prepared = prepare_late(her, on, asked.get("jurisdiction"), LATE_DRAWS, SEED, progress=progress)
    if prepared is None:
        return {"version": asked.get("version"), "late": None}
    found, ready = prepared
    course = content_of(ready.without_further_dose(), REDRAWN)
    possible = {one.title: one.plan for one in found.options if one.outcome != "blocked"}
    shown = content_of(ready.follow(possible), REDRAWN) if possible else course
    lapse = [
        f"Without any further dose (a risk, not an option): {one['outcome']} {one['reason']}"
        for one in course["accounts"]
    ]
    return {
        **shown,
        "version": asked.get("version"),
        "late": late_content(found),
        "lapse": lapse,
    }


def people_alike(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The forecast of people like this one, before anything measured is learned from: at once."""
    her = _patient(asked)
    ready = _kept(asked, her, learn=False, folder=None)
    plans = asked.get("plans") or {ON_TIME: _throughout(ready)}
    return content_of(ready.follow(plans), asked.get("charts", REDRAWN))


def redraw(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """The forecast under injections on these dates, beside the plan on time; other dates given are replayed.

    asked : "dates" planned, "given" {place of a dose of the record: date}. Uses what was learned where it is there
    already, else people like this one; "learned" says which.
    """
    her = _patient(asked)
    ready = _kept(asked, her, learn=_is_learned(asked, her, folder), folder=folder)
    learned = ready.known.diagnostics.count > 0
    moved = _with_given(ready.case.patient, asked.get("given") or {})
    if moved.doses != ready.case.patient.doses:
        ready = ready.with_doses(moved)
    dates = [dt.date.fromisoformat(day) for day in asked["dates"]]
    plans = {
        AS_PLANNED: _plan_of(ready, dates),
        ON_TIME: _throughout(ready),
    }
    if moved.doses == her.doses and _doses(ready, plans[AS_PLANNED]) == _doses(ready, plans[ON_TIME]):
        del plans[AS_PLANNED]
    return {**content_of(ready.follow(plans), asked.get("charts", REDRAWN)), "learned": learned}


def _patient(asked: Mapping[str, Any]) -> Patient:
    return patient_of_tables(without_keys(asked["record"]), "record")


def _prepared(asked: Mapping[str, Any], her: Patient, folder: Path | None, progress: Progress) -> Prepared:
    return prepare(
        her, HORIZON, DRAWS, SEED, jurisdiction=asked.get("jurisdiction"), folder=folder, progress=progress
    )


def _kept(asked: Mapping[str, Any], her: Patient, learn: bool, folder: Path | None) -> Prepared:
    """The people of this record, from memory if they were asked for lately."""
    key = (
        repr((astuple(her), asked.get("jurisdiction"), current_language().code, current_practice())),
        learn,
    )
    if key not in _ready:
        _ready[key] = prepare(
            her, HORIZON, DRAWS, SEED, jurisdiction=asked.get("jurisdiction"), folder=folder, learn=learn
        )
        while len(_ready) > MOST_READY:
            _ready.popitem(last=False)
    _ready.move_to_end(key)
    return _ready[key]


def _is_learned(asked: Mapping[str, Any], her: Patient, folder: Path | None) -> bool:
    """Was this record learned from already? Learning takes seconds, and who drags a date does not wait for it."""
    return folder is not None and learned_before(her, folder, HORIZON, DRAWS, SEED, asked.get("jurisdiction"))


def _with_given(her: Patient, given: Mapping[str, str]) -> Patient:
    """The record with some of its doses on other days. Raises InputError for a day after the record or no such dose."""
    doses = list(her.doses)
    for place, day in given.items():
        at, date = int(place), dt.date.fromisoformat(day)
        if not 0 <= at < len(doses):
            raise InputError("injections", "there is no such dose on record", "open the page again")
        if not her.birth_date < date <= her.record_date:
            cause = f"{date} does not lie before the day of the record, {her.record_date}"
            raise InputError("injections", cause, "an injection that is to come is a planned one")
        doses[at] = replace(doses[at], date=date)
    days = [(d.drug, d.date) for d in doses]
    if len(set(days)) < len(days):
        raise InputError("injections", "two of them are on one day", "give each a day of its own")
    return replace(her, doses=tuple(sorted(doses, key=lambda d: (d.date, d.drug))))


def _throughout(ready: Prepared) -> str:
    if ready.case.indication_120 is not None:
        return plans_120(ready.case.history, ready.case.horizon_d, ready.case.indication_120)["every4"]
    months = round(ready.case.horizon_d / DAYS_IN["months"])
    return f"denosumab 60 mg every 6 months x {months // 6 + 1}"


def _plan_of(ready: Prepared, dates: Sequence[dt.date]) -> str:
    if not dates:
        return f"nothing for {round(ready.case.horizon_d / DAYS_IN['months'])} months"
    amount = 60.0 if ready.case.indication_120 is None else 120.0
    return plan_on(ready.case.history, [Injection(day, amount=amount) for day in dates])


def _on_dates(ready: Prepared, dates: Sequence[str] | None) -> dict[str, str] | None:
    """The plan on these dates beside the one on time; None, the usual strategies, without dates."""
    if not dates:
        return None
    days = [dt.date.fromisoformat(day) for day in dates]
    return {AS_PLANNED: _plan_of(ready, days), ON_TIME: _throughout(ready)}


def _doses(ready: Prepared, plan: str) -> tuple:
    from bonecast.regimens import parse_regimen, place_strategy

    way = place_strategy("x", parse_regimen(plan), ready.case.history, ready.case.horizon_d)
    return tuple((d.time_d, d.drug, d.amount) for d in way.doses)


def _said(made: Forecast, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {**content_of(made), "version": asked.get("version"), "learned": True}
