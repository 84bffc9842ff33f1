"""Charts that were opened out of record systems (SMART App Launch): one row for each person and record system."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bonecast.web.store.people import LARGEST_ID
from bonecast.web.store.tables import SmartChartTable


def keep(s: Session, iss: str, person_id: int, by: str, token: bytes, reading: dict[str, Any]) -> int:
    """Keep the encrypted access and what was read, in place of an earlier one; its number."""
    which = select(SmartChartTable).where(SmartChartTable.iss == iss, SmartChartTable.person_id == person_id)
    row = s.scalars(which).first()
    if row is None:
        row = SmartChartTable(iss=iss, person_id=person_id)
        s.add(row)
    row.by, row.token, row.reading = by[:100], token, reading
    row.fetched = dt.datetime.now(dt.UTC)
    s.flush()
    return row.id


def get(s: Session, id: int) -> SmartChartTable | None:
    """The chart with this number; None where there is none."""
    return s.get(SmartChartTable, id) if 0 < id <= LARGEST_ID else None


def newest(s: Session, limit: int = 50) -> list[SmartChartTable]:
    """The charts that were read last."""
    return list(s.scalars(select(SmartChartTable).order_by(SmartChartTable.fetched.desc()).limit(limit)))


def forget(s: Session, id: int) -> None:
    """Delete the access to a chart; what was read stays."""
    row = get(s, id)
    if row is not None:
        row.token = None
        s.flush()
