"""Record forms that somebody has begun: kept apart from the record until they are sent, for their writer alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bonecast.web.store.tables import DraftTable

NEW = 0  # stands for a person who is not on the list yet


@dataclass(frozen=True)
class Draft:
    """A form as it was left: its fields by name, and when."""

    at: dt.datetime
    fields: dict[str, str]


def keep(s: Session, by: str, person_id: int, fields: Mapping[str, str]) -> None:
    """Keep the form in place of what this user had begun for this person."""
    row = _row(s, by, person_id)
    if row is None:
        row = DraftTable(by=by, person_id=person_id)
        s.add(row)
    row.at, row.fields = dt.datetime.now(dt.UTC), dict(fields)
    s.flush()


def get(s: Session, by: str, person_id: int) -> Draft | None:
    """What this user has begun for this person; None where nothing."""
    row = _row(s, by, person_id)
    return None if row is None else Draft(row.at, row.fields)


def drop(s: Session, by: str, person_id: int) -> None:
    """Forget what this user has begun for this person."""
    s.execute(delete(DraftTable).where(DraftTable.by == by, DraftTable.person_id == person_id))


def _row(s: Session, by: str, person_id: int) -> DraftTable | None:
    which = (DraftTable.by == by, DraftTable.person_id == person_id)
    return s.scalars(select(DraftTable).where(*which)).first()
