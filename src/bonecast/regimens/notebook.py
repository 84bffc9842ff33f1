"""What a notebook shows of a plan: a lane of doses for each drug, and the steps in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, SmallLane, SmallLanes, Table, card_html, style_of
from bonecast.regimens.span import DAYS_IN, plain_number

if TYPE_CHECKING:
    from bonecast.regimens.regimen import Regimen


def html(plan: Regimen) -> str:
    """The card of a plan."""
    lanes = []
    for i, drug in enumerate(plan.drugs):
        doses = [dose for dose in plan.doses if dose.drug == drug]
        times = [_months(dose.time_d) for dose in doses]
        lanes.append(SmallLane(drug, style_of(i), times, [_months(dose.cover_d) for dose in doses]))
    end = _months(plan.end_d)
    rows = tuple(
        (str(placed.step), _month(placed.start_d), _month(placed.end_d), str(len(placed.doses)))
        for placed in plan.placed
    )
    pictures = (
        (SmallLanes("Doses, and what each covers, months", tuple(lanes), end, "months"),) if lanes else ()
    )
    return card_html(
        Card(
            "Treatment plan",
            (plan.describe(),),
            pictures,
            tuple((lane.name, lane.look) for lane in lanes),
            Table(("step", "from month", "to month", "doses"), rows),
        )
    )


def _months(days: float) -> float:
    return days / DAYS_IN["months"]


def _month(days: float) -> str:
    return plain_number(round(_months(days), 1))
