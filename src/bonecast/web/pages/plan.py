"""The plan of a person: go on, wait or leave denosumab; and the exit builder over what the care rules allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bonecast.care import check, state_heading
from bonecast.core import gettext
from bonecast.decisions import AIMS, find_aim
from bonecast.errors import InputError
from bonecast.forecasts import THROUGHOUT, read_follow_up
from bonecast.records import Patient
from bonecast.regimens import parse_regimen
from bonecast.web.context import By, Db, Person, later_of, page, redirect, settings_of
from bonecast.web.jobs.job_request import JobRequest, known_result, request_job
from bonecast.web.pages.compare import DEFAULT_AIM
from bonecast.web.pages.drawn import patient_of
from bonecast.web.pages.forecast import asked_usually
from bonecast.web.pages.printing import as_of_today
from bonecast.web.pages.whose_rules import usual_rules, whose_rules
from bonecast.web.store import StoredPerson

router = APIRouter()
EXIT_DRUGS = ("zoledronate", "alendronate")
OWN = "my plan"
SHADES = 6  # of the heat map
FOLLOW_UPS = {"today": "5 years from today", "last dose": "24 months after the effect of the last denosumab"}
AGES = range(60, 100, 5)
PERSONS, ACROSS = 1000, 50  # of an icon array
Aim = Annotated[str, Query(description="By what the exits are judged.")]
Over = Annotated[
    str, Query(alias="over", max_length=20, description="The time over which they are compared.")
]
Without = Annotated[list[str] | None, Query(max_length=10, description="Drugs that are not wanted.")]
OwnPlan = Annotated[str, Query(alias="own", max_length=2000, description="A further plan, in words.")]


@dataclass(frozen=True)
class ExitQuestion:
    """What the exit builder is asked for."""

    aim: str = DEFAULT_AIM
    over: str = "today"
    without: tuple[str, ...] = ()
    own: str = ""

    @property
    def query(self) -> str:
        """The same in an address; what is usual is left out.

        >>> ExitQuestion(over="last dose", without=("alendronate",)).query
        '?over=last+dose&without=alendronate'
        """
        usual = ExitQuestion()
        parts = [("aim", self.aim, usual.aim), ("over", self.over, usual.over)]
        parts += [*(("without", drug, "") for drug in self.without), ("own", self.own, "")]
        said = urlencode([(name, value) for name, value, left_out in parts if value != left_out])
        return f"?{said}" if said else ""


@router.get("/people/{id:int}/plan")
def plan(
    request: Request,
    person: Person,
    account: By,
    aim: Aim = DEFAULT_AIM,
    over: Over = "today",
    without: Without = None,
    own: OwnPlan = "",
) -> Response:
    """Three cards, and every exit at every time with what the care rules say of it."""
    patient, asked, trouble = patient_of(person), _asked(aim, over, without, own), ""
    try:
        work = _job(request, person, account.name, asked)
    except InputError as error:
        asked, trouble = ExitQuestion(), f"{error.place}: {error.cause}; {error.hint}."
        work = _job(request, person, account.name, asked)
    search = work.result["forecast"]["search"] if work.result else None
    ranks = search["ranks"] if search else []
    return page(
        request,
        "plan.html.jinja",
        person,
        "plan",
        work=work,
        made=work.result,
        search=search,
        on=next((one for one in ranks if one["strategy"] == gettext(THROUGHOUT)), None),
        best=next((one for one in ranks if one["strategy"] != gettext(THROUGHOUT)), None),
        grid=grid_of(search) if search else None,
        against=against_best_exit(search["ranks"]) if search else {},
        arrays=arrays_of(search) if search and search["best_by"] not in ("spine-bmd", "hip-bmd") else [],
        asked=asked,
        trouble=trouble,
        aims=AIMS,
        overs=_overs(patient),
        exit_drugs=EXIT_DRUGS,
        own_name=gettext(OWN),
        **_cards(request, person, patient),
    )


@router.get("/people/{id:int}/stop")
def stop(request: Request, person: Person) -> Response:
    """The stop planner is the exit builder now."""
    query = request.url.query
    return redirect(f"/people/{person.id}/plan" + (f"?{query}" if query else ""))


@router.post("/people/{id:int}/plan/again")
def again(
    request: Request,
    s: Db,
    person: Person,
    account: By,
    aim: Aim = DEFAULT_AIM,
    over: Over = "today",
    without: Without = None,
    own: OwnPlan = "",
) -> Response:
    """Compute it again after it failed or was stopped."""
    asked = _asked(aim, over, without, own)
    _job(request, person, account.name, asked, s=s)
    return redirect(f"/people/{person.id}/plan{asked.query}")


def against_best_exit(ranks: list[dict[str, Any]]) -> dict[str, str]:
    """Of each exit, the best first: can the forecast tell it from the best one? Going on throughout is no exit.

    >>> ranks = [{"strategy": "denosumab throughout", "bracket": "a"}, {"strategy": "x", "bracket": "ab"}]
    >>> against_best_exit([*ranks, {"strategy": "y", "bracket": "b"}, {"strategy": "z", "bracket": "c"}])
    {'x': 'the best exit', 'y': 'no meaningful difference from it', 'z': 'behind it'}
    """
    exits = [one for one in ranks if one["strategy"] != gettext(THROUGHOUT)]
    said = {}
    for one in exits:
        near = set(one["bracket"] or "") & set(exits[0]["bracket"] or "")
        said[one["strategy"]] = gettext("no meaningful difference from it") if near else gettext("behind it")
    return said | {exits[0]["strategy"]: gettext("the best exit")} if exits else said


def grid_of(search: dict[str, Any]) -> dict[str, Any]:
    """The heat map: a row for each exit, a column for each number of further doses; blocked cells have no number.

    >>> ranks = [{"strategy": "x, now", "mean": 20.0}, {"strategy": "x, 6 more months of denosumab", "mean": 30.0}]
    >>> cells = {"x, now": ["x", 0], "x, 6 more months of denosumab": ["x", 6], "y, now": ["y", 0]}
    >>> rules = {"warned": {}, "forbidden": {"y, now": "ZO-01"}}
    >>> made = grid_of({"ranks": ranks, "cells": cells, "best_by": "hip", **rules})
    >>> made["columns"], [[cell and (cell["shade"], cell["why"]) for cell in row["cells"]] for row in made["rows"]]
    ([0, 6], [[(0, ''), (5, '')], [(None, 'ZO-01'), None]])
    """
    ranks = {one["strategy"]: one for one in search["ranks"]}
    means = [one["mean"] for name, one in ranks.items() if name in search["cells"]]
    low, high = (min(means), max(means)) if means else (0.0, 0.0)
    better_is_less = find_aim(search["best_by"]).better == "less"
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for name, (leaves, months) in search["cells"].items():
        rank, blocked = ranks.get(name), search["forbidden"].get(name, "")
        if rank is None and not blocked:
            continue
        share = None if rank is None or high == low else (rank["mean"] - low) / (high - low)
        if share is not None and not better_is_less:
            share = 1 - share
        shade = None if rank is None else 0 if share is None else min(SHADES - 1, int(share * SHADES))
        rows.setdefault(leaves, {})[months] = {
            "name": name,
            "mean": rank["mean"] if rank else None,
            "shade": shade,
            "why": blocked or search["warned"].get(name, ""),
            "blocked": bool(blocked),
        }
    columns = sorted({months for cells in rows.values() for months in cells})
    return {
        "columns": columns,
        "rows": [
            {"name": name, "cells": [cells.get(months) for months in columns]} for name, cells in rows.items()
        ],
    }


def arrays_of(search: dict[str, Any]) -> list[dict[str, Any]]:
    """Icon arrays of 1,000 people: going on, the best exit and one's own plan; nothing that the care rules block.

    >>> found = arrays_of({"ranks": [{"strategy": "a, now", "mean": 61.7}, {"strategy": "b, now", "mean": 70.0}]})
    >>> [(one["name"], one["count"], one["rows"], one["rest"]) for one in found]
    [('a, now', 62, 1, 12)]
    """
    ranks = search["ranks"]
    fixed = (gettext(THROUGHOUT), gettext(OWN))
    best = next((one for one in ranks if one["strategy"] not in fixed), None)
    shown = [one for one in ranks if one["strategy"] in fixed or one is best]
    counts = [(one["strategy"], min(PERSONS, round(one["mean"]))) for one in shown]
    return [
        {"name": name, "count": count, "rows": count // ACROSS, "rest": count % ACROSS}
        for name, count in counts
    ]


def _cards(request: Request, person: StoredPerson, patient: Patient) -> dict[str, Any]:
    """What the three cards say beside the exits: the state of the next injection, and how long it may wait."""
    usual = settings_of(request).jurisdiction
    made = check(as_of_today(patient), jurisdiction=whose_rules(patient, "", usual))
    known = known_result(later_of(request), "forecast", person, asked_usually(request, person))
    return {
        "state": made.state,
        "state_name": state_heading(made),
        "withheld": made.outcome == "blocked",
        "latest": known["latest"] if known else None,
    }


def _overs(patient: Patient) -> dict[str, str]:
    """The times that can be chosen: an age where the forecast reaches it."""
    found = dict(FOLLOW_UPS)
    for age in AGES:
        try:
            read_follow_up(f"age {age}", patient)
        except InputError:
            continue
        found[f"age {age}"] = gettext("until age {age}", age=age)
    return found


def _asked(aim: str, over: str, without: Sequence[str] | None, own: str) -> ExitQuestion:
    drugs = tuple(drug for drug in EXIT_DRUGS if drug in (without or ()))
    return ExitQuestion(find_aim(aim).name, over, drugs, " ".join(own.split()))


def _job(
    request: Request, person: StoredPerson, by: str, asked: ExitQuestion, s: Db | None = None
) -> JobRequest:
    """The job of the search. Raises InputError for a time or a plan that cannot be used."""
    payload: dict[str, Any] = {"best_by": asked.aim, **usual_rules(person, settings_of(request).jurisdiction)}
    if asked.over != "today":
        read_follow_up(asked.over, patient_of(person))
        payload["follow_up"] = asked.over
    if asked.without:
        payload["without"] = list(asked.without)
    if asked.own:
        payload["exits"] = {gettext(OWN): str(parse_regimen(asked.own, place="my plan"))}
    return request_job(
        later_of(request), request.app.state.workshop, "stop", person, by, payload, again=s is not None, s=s
    )
