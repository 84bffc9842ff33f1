"""Plans read and laid out in dates, and the regimens that they can be made of, in JSON."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from bonecast.regimens import parse_regimen
from bonecast.web.api.bodies import api_router
from bonecast.web.api.faults import REFUSED
from bonecast.web.pages.plan_steps import offers
from bonecast.web.pages.plans import PlanOutput, first_day

router = api_router(tags=["plans"])


class DoseOfPlan(BaseModel):
    """One dose on its date; `until` is where its cover ends."""

    number: int
    day: float
    date: dt.date
    drug: str
    amount: float
    unit: str
    until: dt.date | None


class PlanRead(BaseModel):
    """A plan as it was read: said back, its steps, doses and end, and the models that carry its drugs."""

    text: str
    said: str
    steps: list[str]
    end_day: float
    end: dt.date
    doses_in_all: int
    doses: list[DoseOfPlan]
    models: list[str]


class RegimenLine(BaseModel):
    """A regimen of the catalogue. `template` leaves {repeat} open where the label does."""

    drug: str
    indication: str
    template: str
    status: str
    mark: str
    source: str


@router.get("/plans/read", responses=REFUSED)
def read(
    plan: Annotated[str, Query(max_length=10_000, description="In the plan grammar.")],
    start: Annotated[
        str, Query(max_length=10, description="Of the first dose, such as 2026-03-16; today if blank.")
    ] = "",
) -> PlanRead:
    """Which doses, on which dates, does this text mean? The first sixty are listed one by one."""
    found = parse_regimen(plan)
    reading = PlanOutput(plan, first_day(start), found)
    return PlanRead(
        text=str(found),
        said=found.describe(),
        steps=[str(step) for step in found.steps],
        end_day=found.end_d,
        end=reading.on(found.end_d),
        doses_in_all=len(found.doses),
        doses=[
            DoseOfPlan(
                number=one.number,
                day=one.dose.time_d,
                date=one.date,
                drug=one.dose.drug,
                amount=one.dose.amount,
                unit=one.dose.unit,
                until=one.until,
            )
            for one in reading.lines
        ],
        models=reading.carriers,
    )


@router.get("/plans/regimens")
def regimens() -> list[RegimenLine]:
    """Every regimen of the catalogue, by drug."""
    return [
        RegimenLine(
            drug=one.drug,
            indication=one.regimen.indication,
            template=one.regimen.template,
            status=one.regimen.status,
            mark=one.regimen.mark,
            source=one.regimen.source,
        )
        for one in offers()
    ]
