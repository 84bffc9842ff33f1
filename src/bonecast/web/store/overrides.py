"""Findings set aside by a clinician for one person, each with its reason; they are only ever added to.

Taking one back is a row of its own: what was set aside, why, and until when stays on file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bonecast.errors import InputError
from bonecast.web.store import people
from bonecast.web.store.tables import OverrideTable, PersonTable, WithdrawalTable

if TYPE_CHECKING:  # its rules take long to load, which the database's own commands need not wait for
    from bonecast.care import Override


@dataclass(frozen=True)
class StoredOverride:
    """A rule set aside for a person. `withdrawn_by` and `withdrawn_at` are None while it is in force."""

    id: int
    rule: str
    reason: str
    by: str
    at: dt.datetime
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None

    @property
    def override(self) -> Override:
        """As the check takes it."""
        from bonecast.care import Override

        return Override(self.rule, self.reason, self.by, self.at)


def record(s: Session, person_id: int, rule: str, reason: str, by: str) -> Override:
    """Keep an override. Raises InputError without a reason, UnknownName where there is no such rule."""
    from bonecast.care import read_override

    made = read_override(f"{rule}: {reason}", by, dt.datetime.now(dt.UTC), "reason")
    row = s.get_one(PersonTable, person_id)
    _keep(s, made, person_id, row.record_id)
    return made


def record_fed_back(s: Session, made: Iterable[Override], record_id: str) -> None:
    """Keep overrides that a CDS Hooks client fed back for the patient of this id, on the list or not."""
    known = people.with_record_id(s, record_id)
    for one in made:
        _keep(s, one, known.id if known else None, record_id)


def of(s: Session, person_id: int) -> list[StoredOverride]:
    """Everything that was ever set aside for a person, in order of time."""
    which = (
        select(OverrideTable, WithdrawalTable)
        .outerjoin(WithdrawalTable, WithdrawalTable.override_id == OverrideTable.id)
        .where(OverrideTable.person_id == person_id)
        .order_by(OverrideTable.id)
    )
    return [
        StoredOverride(
            row.id, row.rule, row.reason, row.by, row.at, back.by if back else None, back.at if back else None
        )
        for row, back in s.execute(which)
    ]


def in_force(s: Session, person_id: int) -> dict[str, StoredOverride]:
    """What is set aside now, by rule; of two for one rule, the later."""
    return {one.rule: one for one in of(s, person_id) if one.withdrawn_at is None}


def withdraw(s: Session, person_id: int, rule: str, by: str) -> None:
    """Take back whatever sets this rule aside for this person. Raises InputError where nothing does."""
    standing = [one for one in of(s, person_id) if one.rule == rule and one.withdrawn_at is None]
    if not standing:
        raise InputError("override", f"{rule[:40]} is not set aside", "open the page again")
    now = dt.datetime.now(dt.UTC)
    s.add_all(WithdrawalTable(override_id=one.id, by=by[:100], at=now) for one in standing)
    s.flush()


def _keep(s: Session, made: Override, person_id: int | None, record_id: str) -> None:
    row = OverrideTable(person_id=person_id, record_id=record_id[:200], rule=made.rule, reason=made.reason)
    row.by, row.at = made.by[:100], made.at
    s.add(row)
    s.flush()
