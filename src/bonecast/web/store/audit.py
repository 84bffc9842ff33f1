"""The audit log: who did what, when. It can be added to and read; the database itself refuses anything else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bonecast.web.store.tables import AuditTable


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    id: int
    at: dt.datetime
    by: str
    action: str
    person_id: int | None
    detail: str


def note(
    s: Session,
    by: str,
    action: str,
    person_id: int | None = None,
    detail: str = "",
    at: dt.datetime | None = None,
) -> None:
    """Add a line. `detail` holds no medical data: the log is read by those who keep the accounts."""
    when = at or dt.datetime.now(dt.UTC)
    s.add(AuditTable(at=when, by=by[:100], action=action, person_id=person_id, detail=detail[:500]))
    s.flush()


def add_missing(s: Session, lines: Iterable[tuple[dt.datetime, str, str, int | None, str]]) -> None:
    """Add lines (moment, by whom, action, person, detail) unless they are there: a kill may have come after that."""
    for at, by, action, person_id, detail in lines:
        same = (AuditTable.at == at, AuditTable.by == by, AuditTable.action == action)
        there = s.execute(select(AuditTable.person_id, AuditTable.detail).where(*same)).all()
        if (person_id, detail) not in [tuple(row) for row in there]:
            note(s, by, action, person_id, detail, at)


def latest(s: Session, offset: int = 0, limit: int = 100) -> list[Entry]:
    """The lines of the log, the newest first."""
    which = select(AuditTable).order_by(AuditTable.id.desc()).offset(offset).limit(limit)
    return [Entry(row.id, row.at, row.by, row.action, row.person_id, row.detail) for row in s.scalars(which)]
