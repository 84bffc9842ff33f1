"""Forecasts as work: the whole job, the comparison, the exits, lateness, and what a screen asks at once.

Every result is a page's content in JSON's terms; the pages show it and compute nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from bonecast.care import late_content, override_of_data
from bonecast.charts import Overlay, curves
from bonecast.core import Progress, current_language, current_practice, gettext
from bonecast.errors import InputError
from bonecast.forecasts import (
    LATE_DRAWS,
    THROUGHOUT,
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
    read_follow_up,
)
from bonecast.records import Patient, patient_of_tables
from bonecast.regimens import DAYS_IN
from bonecast.reports import Glance, at_a_glance, headline
from bonecast.web.jobs.content import chart_of, content_of
from bonecast.web.store.merge import without_keys

HORIZON, LONG_HORIZON, DRAWS, SEED = "5 years", "10 years", 500, 1
_HORIZON_D = 5 * DAYS_IN["years"]
AS_PLANNED, ON_TIME = "these dates", "on time"
PREVIEW_DRAWS = 40  # people whose curves follow a date while it is dragged
REDRAWN = ("LS_BMD", "TH_BMD", "CTX", "calcium")
MOST_READY = 12  # people kept in memory, some tens of megabytes each
_ready: OrderedDict[tuple[str, bool, bool], Prepared] = OrderedDict()
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
    progress(0.6, gettext("drawing the charts of the report"))
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
    plans = asked.get("plans") or {gettext(THROUGHOUT): _throughout(ready)}
    follow_up = asked.get("follow_up", "today")
    made = forecast(
        ready.case.patient,
        plans,
        HORIZON if read_follow_up(follow_up, her).until_d <= _HORIZON_D else LONG_HORIZON,
        DRAWS,
        SEED,
        progress=lambda share, what: progress(0.25 + 0.75 * share, what),
        best_by=asked.get("best_by", "vertebral"),
        optimise=True,
        known=ready.known,
        follow_up=follow_up,
        without=asked.get("without", ()),
        exits=asked.get("exits"),
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
    plans = asked.get("plans") or {gettext(ON_TIME): _throughout(ready)}
    return content_of(ready.follow(plans), asked.get("charts", REDRAWN))


def redraw(asked: dict[str, Any], folder: Path | None, progress: Progress) -> Any:
    """One chart of the forecast under injections on these dates, beside the plan on time and no further dose.

    asked : "dates" planned (absent: those on time), "given" {place of a dose of the record: date}, "show", "since" and
    "years" of the chart, "others" for the usual strategies too, "preview" for the curves alone, of a few people. Uses
    what was learned where it is there already, else people like this one; "learned" says which.
    """
    her = _patient(asked)
    ready = _kept(
        asked, her, learn=_is_learned(asked, her, folder), folder=folder, few=bool(asked.get("preview"))
    )
    moved = _with_given(ready.case.patient, asked.get("given") or {})
    if moved.doses != ready.case.patient.doses:
        ready = ready.with_doses(moved)
    planned = gettext(AS_PLANNED)
    plans = {gettext(ON_TIME): _throughout(ready)}
    if asked.get("dates") is not None:
        plans[planned] = _plan_of(ready, [dt.date.fromisoformat(day) for day in asked["dates"]])
    same = planned in plans and _doses(ready, plans[planned]) == _doses(ready, plans[gettext(ON_TIME)])
    if same:
        del plans[planned]
    if asked.get("others"):
        plans = {**plans, **{name: plan for name, plan in ready.usual_plans().items() if name not in plans}}
    made, risks = ready.at_a_glance(plans)
    shown = Glance(*(asked[name] for name in ("show", "since", "years") if name in asked))
    picture = at_a_glance(made, shown, risks, planned if same else "")
    if asked.get("preview"):
        return {"curves": curves(picture) if picture else {}}
    return {
        **content_of(made, ()),
        "charts": [chart_of(picture)] if picture else [],
        "legend": _legend(picture, risks, planned if same else "") if picture else [],
        "headline": headline(made, risks),
        "learned": ready.known.diagnostics.count > 0,
    }


def _legend(picture: Overlay, risks: Collection[str], twin: str) -> list[dict[str, Any]]:
    """Each line of the chart: its place, name, colour and dash, and whether it is a risk, has its band, is a twin."""
    return [
        {
            "place": place,
            "name": one.name,
            "colour": one.look.colour,
            "dash": " ".join(map(str, one.look.dash)),
            "risk": one.name in risks,
            "band": one.name in picture.shown,
            "twin": one.name == twin,
        }
        for place, one in enumerate(picture.panel.series)
        if one.x
    ]


def _patient(asked: Mapping[str, Any]) -> Patient:
    return patient_of_tables(without_keys(asked["record"]), "record")


def _prepared(asked: Mapping[str, Any], her: Patient, folder: Path | None, progress: Progress) -> Prepared:
    return prepare(
        her, HORIZON, DRAWS, SEED, jurisdiction=asked.get("jurisdiction"), folder=folder, progress=progress
    )


def _kept(
    asked: Mapping[str, Any], her: Patient, learn: bool, folder: Path | None, few: bool = False
) -> Prepared:
    """The people of this record, or a few of them, from memory if they were asked for lately."""
    whose = (astuple(her), asked.get("jurisdiction"), current_language().code, current_practice())
    key = (repr(whose), learn, few)
    if key not in _ready:
        _ready[key] = (
            _kept(asked, her, learn, folder).thinned(PREVIEW_DRAWS)
            if few
            else prepare(
                her, HORIZON, DRAWS, SEED, jurisdiction=asked.get("jurisdiction"), folder=folder, learn=learn
            )
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
            raise InputError(
                "injections", gettext("there is no such dose on record"), gettext("open the page again")
            )
        if not her.birth_date < date <= her.record_date:
            cause = gettext(
                "{date} does not lie before the day of the record, {record_date}",
                date=date,
                record_date=her.record_date,
            )
            raise InputError("injections", cause, gettext("an injection that is to come is a planned one"))
        doses[at] = replace(doses[at], date=date)
    days = [(d.drug, d.date) for d in doses]
    if len(set(days)) < len(days):
        raise InputError(
            "injections", gettext("two of them are on one day"), gettext("give each a day of its own")
        )
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
    return {gettext(AS_PLANNED): _plan_of(ready, days), gettext(ON_TIME): _throughout(ready)}


def _doses(ready: Prepared, plan: str) -> tuple:
    from bonecast.regimens import parse_regimen, place_strategy

    way = place_strategy("x", parse_regimen(plan), ready.case.history, ready.case.horizon_d)
    return tuple((d.time_d, d.drug, d.amount) for d in way.doses)


def _said(made: Forecast, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {**content_of(made), "version": asked.get("version"), "learned": True}
