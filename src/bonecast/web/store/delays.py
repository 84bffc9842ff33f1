"""What a delay of the next injection costs the people of the worklist, kept for a few days.

A number is shown of nobody whom the judge keeps back: the worklist must have judged the person today, as `worklist`
says, and not blocked the injection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session

from bonecast.web.store import jobs
from bonecast.web.store.tables import DelayCostTable, PersonTable, WorklistTable
from bonecast.web.store.worklist import HORIZON_D, OFF_LIST, STATUSES, unjudged

KIND = "delays"  # of the job
HOLDS_D = 7  # days for which a number is shown: today moves on
AT_ONCE = 25  # people of one job: others have their turn after it


class DelaySum(NamedTuple):
    """How many people of the list have a number, wait for one, are kept back, and have none; and the numbers."""

    counted: int
    waiting: int
    blocked: int
    without: int
    costs: tuple[dict[str, Any], ...]


def holding(today: dt.date, code: str) -> ColumnElement[bool]:
    """Does the kept cost hold for the record as it is, and may it be shown?"""
    return and_(
        DelayCostTable.version == PersonTable.version,
        DelayCostTable.code == code,
        DelayCostTable.day <= today,
        DelayCostTable.day > today - dt.timedelta(HOLDS_D),
        *_listed(today),
        not_(WorklistTable.blocked),
    )


def month_of(today: dt.date, code: str) -> ColumnElement[float | None]:
    """What a month of delay costs the person of a row, where it may be shown: for the order of the list."""
    kept = select(DelayCostTable.month).where(
        DelayCostTable.person_id == PersonTable.id,
        WorklistTable.person_id == PersonTable.id,
        holding(today, code),
    )
    return kept.correlate(PersonTable, WorklistTable).scalar_subquery()


def costs_of(s: Session, ids: Iterable[int], today: dt.date, code: str) -> dict[int, dict[str, Any]]:
    """What a delay costs these people, by number; those of whom it is not shown are not among them."""
    which = (PersonTable.id.in_(list(ids)), holding(today, code), DelayCostTable.month.is_not(None))
    lines = s.execute(_from(PersonTable.id, DelayCostTable.cost).where(*which))
    return {line.id: line.cost for line in lines}


def sum_of(s: Session, today: dt.date, code: str) -> DelaySum:
    """The numbers of everybody who is due in 8 weeks or overdue and is still to be called."""
    holds = holding(today, code)
    asked = _from(func.count(), WorklistTable.blocked, holds, DelayCostTable.month.is_(None)).where(
        *_listed(today)
    )
    groups: Any = s.execute(
        asked.group_by(WorklistTable.blocked, holds, DelayCostTable.month.is_(None))
    ).all()
    costs = s.scalars(_from(DelayCostTable.cost).where(holds, DelayCostTable.month.is_not(None))).all()
    found = {"counted": 0, "waiting": 0, "blocked": 0, "without": 0}
    for count, blocked, holds_, without in groups:
        found["blocked" if blocked else "waiting" if not holds_ else "without" if without else "counted"] += (
            count
        )
    return DelaySum(**found, costs=tuple(costs))


def keep(s: Session, made: Mapping[str, Mapping[str, Any]], asked: Mapping[str, Any]) -> None:
    """Keep what was forecast of each person, by number; an empty cost says that no number is given."""
    day, code = dt.date.fromisoformat(asked["day"]), asked["code"]
    there = set(s.scalars(select(PersonTable.id).where(PersonTable.id.in_(map(int, made)))))
    for id_, one in made.items():
        if int(id_) in there:
            cost = dict(one["cost"])
            month = cost["more"][1] if cost else None
            s.merge(
                DelayCostTable(
                    person_id=int(id_), version=one["version"], day=day, code=code, month=month, cost=cost
                )
            )
    s.flush()


def submit(s: Session, by: str, asked: Mapping[str, Any]) -> bool:
    """Put a job into the queue for the next people who have no number; False where there are none.

    asked : "day" and "code" that the numbers hold for, and the usual "jurisdiction" of the clinic.
    """
    today, code = dt.date.fromisoformat(asked["day"]), asked["code"]
    if any(job.state in jobs.OPEN for job in jobs.of(s, None, KIND, limit=3)):
        return True
    which = _from(PersonTable.id).where(
        *_listed(today), not_(WorklistTable.blocked), not_(func.coalesce(holding(today, code), False))
    )
    ids = s.scalars(which.order_by(PersonTable.next_due, PersonTable.id).limit(AT_ONCE)).all()
    if ids:
        jobs.submit(s, KIND, None, {**asked, "people": list(ids)}, by)
    return bool(ids)


def latest_job(s: Session) -> jobs.Job | None:
    """The last job of this kind."""
    return next(iter(jobs.of(s, None, KIND, limit=1)), None)


def _listed(today: dt.date) -> tuple[ColumnElement[bool], ...]:
    """Judged today, due in 8 weeks or overdue, and to be called."""
    return (
        PersonTable.deleted.is_(False),
        not_(unjudged(today)),
        PersonTable.next_due <= today + dt.timedelta(HORIZON_D),
        not_(func.coalesce(WorklistTable.status, STATUSES[0]).in_(OFF_LIST)),
    )


def _from(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(PersonTable)
        .join(WorklistTable, WorklistTable.person_id == PersonTable.id)
        .outerjoin(DelayCostTable, DelayCostTable.person_id == PersonTable.id)
    )
