"""The plan builder: steps chosen from the catalogue or written, read as they are written, with doses and dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from bonecast.core import gettext, read_day
from bonecast.drugs import all_drugs
from bonecast.errors import InputError
from bonecast.models import DEFAULT_MODEL, load_model, model_names
from bonecast.regimens import DAYS_IN, Dose, Regimen, RegimenError, parse_regimen
from bonecast.web.context import Db, page
from bonecast.web.pages.plan_steps import REPEATS, RHYTHMS, SPANS, UNITS, changed_plan, offers
from bonecast.web.store import people

router = APIRouter()
MOST_DOSES = 60  # listed one by one
MOST_FOUND = 8
YEARS = (1900, 2200)  # of a first day: a plan of 100 years ends before dates do


@dataclass(frozen=True)
class DoseLine:
    """A dose of the plan on its date; `until` is the day on which its cover ends."""

    number: int
    dose: Dose
    date: dt.date
    until: dt.date | None

    @property
    def month(self) -> float:
        """Months from the start."""
        return self.dose.time_d / DAYS_IN["months"]


@dataclass(frozen=True)
class PlanOutput:
    """A plan as it was read, laid out from its first day; or its fault with the place in the text."""

    text: str
    start: dt.date
    plan: Regimen | None = None
    fault: str = ""
    pointer: str = ""

    @property
    def lines(self) -> list[DoseLine]:
        """The first doses, on their dates."""
        doses = self.plan.doses[:MOST_DOSES] if self.plan else ()
        return [
            DoseLine(
                i, dose, self.on(dose.time_d), self.on(dose.time_d + dose.cover_d) if dose.cover_d else None
            )
            for i, dose in enumerate(doses, 1)
        ]

    def on(self, days: float) -> dt.date:
        """The date so many days after the start."""
        return self.start + dt.timedelta(days=round(days))

    @property
    def carriers(self) -> list[str]:
        """The models that carry every drug of the plan."""
        drugs = [drug for drug in (self.plan.drugs if self.plan else ()) if drug != "placebo"]
        return [name for name in model_names() if all(drug in load_model(name).drugs for drug in drugs)]


def read(text: str, start: dt.date) -> PlanOutput:
    """The plan of this text, or what is wrong with it and where."""
    if not text.strip():
        return PlanOutput("", start)
    try:
        return PlanOutput(text, start, parse_regimen(text))
    except InputError as error:
        return PlanOutput(
            text, start, None, str(error), error.pointer if isinstance(error, RegimenError) else ""
        )


@router.get("/plans")
def builder(
    request: Request, s: Db, plan: str = "", start: str = "", do: str = "", person: str = ""
) -> Response:
    """The builder with a plan; a pressed button changes the plan and leads to its own address."""
    trouble, day = "", dt.date.today()
    try:
        day = first_day(start)
        if do and do != "find":
            changed = changed_plan(plan, do, request.query_params)
            return RedirectResponse(f"/plans?{_query(changed, start)}", 303)
    except InputError as error:
        trouble = str(error)
    found = people.find(s, person, False, 0, MOST_FOUND) if do == "find" else None
    return page(
        request,
        "plans/builder.html.jinja",
        reading=read(plan, day),
        trouble=trouble,
        start=day.isoformat(),
        offers=offers(),
        drugs=[drug.generic for drug in all_drugs()],
        repeats=REPEATS,
        rhythms=RHYTHMS,
        units=UNITS,
        spans=SPANS,
        found=found,
        sought=person,
        **_links(),
    )


@router.get("/plans/read")
def reading(request: Request, plan: str = "", start: str = "") -> Response:
    """What a text means while it is written: a part of the page."""
    try:
        day = first_day(start)
    except InputError:
        day = dt.date.today()
    return page(request, "plans/read.html.jinja", reading=read(plan, day), start=day.isoformat(), **_links())


def first_day(text: str) -> dt.date:
    """The day of the first dose; today by default. Raises InputError."""
    day = read_day(text, "first day") if text.strip() else dt.date.today()
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise InputError(
            "first day",
            gettext(
                "{year} is outside {years} to {years_2}", year=day.year, years=YEARS[0], years_2=YEARS[1]
            ),
            gettext("write it as 2026-03-16"),
        )
    return day


def _links() -> dict[str, Any]:
    return {"query": _query, "most": MOST_DOSES, "default_model": DEFAULT_MODEL}


def _query(plan: str, start: str = "") -> str:
    return urlencode({"plan": plan, **({"start": start} if start else {})})
