"""Findings overridden by a clinician for one person, each with its reason; they are only ever added to.

An override is for one act and the values that it was given for. Undoing one is a row of its own: what was overridden,
why, and until when stays on file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bonecast.core import gettext
from bonecast.errors import InputError
from bonecast.web.store import people, worklist
from bonecast.web.store.tables import OverrideTable, PersonTable, WithdrawalTable

if TYPE_CHECKING:  # its rules take long to load, which the database's own commands need not wait for
    from bonecast.care import Override


@dataclass(frozen=True)
class StoredOverride:
    """An override of a person.

    Parameters
    ----------
    override : as the check takes it; without an act where it was kept before overrides were for one act.
    fed_back : reported by a CDS Hooks client: kept on file, never applied.
    withdrawn_by, withdrawn_at : None while nobody undid it.
    """

    id: int
    override: Override
    fed_back: bool
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None

    @property
    def ended(self) -> str:
        """Why it is not applied to any check, whatever the day; empty where it may be."""
        if self.withdrawn_at is not None:
            return f"undone by {self.withdrawn_by}"
        if self.fed_back:
            return "reported by another program: kept on file, never applied"
        return "" if self.override.action else "it names no act: give it again for the act that is planned"


def record(s: Session, person_id: int, override: Override) -> None:
    """Keep an override. Raises InputError without a reason, UnknownName where there is no such rule."""
    from bonecast.care import read_override

    read_override(f"{override.rule}: {override.reason}", override.by, override.at, "reason")
    row = s.get_one(PersonTable, person_id)
    _keep(s, override, person_id, row.record_id)


def record_fed_back(s: Session, made: Iterable[Override], record_id: str) -> None:
    """Keep what a CDS Hooks client fed back for the patient of this id, on the list or not; it lifts no block."""
    known = people.with_record_id(s, record_id)
    for one in made:
        _keep(s, one, known.id if known else None, record_id, fed_back=True)


def of(s: Session, person_id: int) -> list[StoredOverride]:
    """Everything that was ever overridden for a person, in order of time."""
    which = (
        select(OverrideTable, WithdrawalTable)
        .outerjoin(WithdrawalTable, WithdrawalTable.override_id == OverrideTable.id)
        .where(OverrideTable.person_id == person_id)
        .order_by(OverrideTable.id)
    )
    return [
        StoredOverride(
            row.id, _override(row), row.fed_back, back.by if back else None, back.at if back else None
        )
        for row, back in s.execute(which)
    ]


def standing(s: Session, person_id: int) -> list[StoredOverride]:
    """What nobody undid and nobody else reported; of two for one rule and act, the later.

    Whether one still holds is for the check to say: it knows the act, the day and the values.
    """
    kept = [one for one in of(s, person_id) if one.withdrawn_at is None and not one.fed_back]
    return list({(one.override.rule, one.override.action): one for one in kept}.values())


def withdraw(s: Session, person_id: int, rule: str, by: str, action: str | None = None) -> None:
    """Undo every override of this rule for this person, for one act or for all.

    Raises InputError where there is none.
    """
    found = [
        one
        for one in of(s, person_id)
        if one.override.rule == rule
        and one.withdrawn_at is None
        and not one.fed_back
        and action in (None, one.override.action)
    ]
    if not found:
        raise InputError(
            "override", gettext("{rule} is not overridden", rule=rule[:40]), gettext("open the page again")
        )
    now = dt.datetime.now(dt.UTC)
    s.add_all(WithdrawalTable(override_id=one.id, by=by[:100], at=now) for one in found)
    s.flush()
    worklist.forget(s, person_id)


def _override(row: OverrideTable) -> Override:
    values = tuple((str(name), value) for name, value in row.fact_values or [])
    from bonecast.care import Override

    return Override(row.rule, row.reason, row.by, row.at, row.action, values)


def _keep(s: Session, made: Override, person_id: int | None, record_id: str, fed_back: bool = False) -> None:
    row = OverrideTable(person_id=person_id, record_id=record_id[:200], rule=made.rule, reason=made.reason)
    row.by, row.at, row.fed_back = made.by[:100], made.at, fed_back
    row.action, row.fact_values = made.action, [list(pair) for pair in made.values]
    s.add(row)
    s.flush()
    if person_id is not None:
        worklist.forget(s, person_id)
