"""What CDS Hooks clients reported of the cards that they were given; it is only ever added to, and lifts no block."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bonecast.web.store import people
from bonecast.web.store.tables import CardFeedbackTable

if TYPE_CHECKING:  # it takes long to load, which the database's own commands need not wait for
    from bonecast.interop import CardFeedback


def record(s: Session, made: Iterable[CardFeedback], record_id: str, by: str) -> None:
    """Keep what a client reported for the patient of this id, on the list or not."""
    known = people.with_record_id(s, record_id)
    for one in made:
        s.add(
            CardFeedbackTable(
                card=one.card[:40],
                person_id=known.id if known else None,
                record_id=record_id[:200],
                rule=one.rule,
                outcome=one.outcome,
                at=one.at,
                by=by[:100],
                accepted=list(one.accepted),
                reason_system=one.reason_system,
                reason_code=one.reason_code,
                reason_display=one.reason_display,
                comment=one.comment,
            )
        )
    s.flush()


def of_record(s: Session, record_id: str) -> list[tuple[CardFeedback, str]]:
    """Everything that was reported for the patient of this id, with the name of the client, in the order it came."""
    from bonecast.interop import CardFeedback

    which = select(CardFeedbackTable).where(CardFeedbackTable.record_id == record_id)
    return [
        (
            CardFeedback(
                row.card,
                row.rule,
                "accepted" if row.outcome == "accepted" else "overridden",
                row.at,
                tuple(map(str, row.accepted)),
                row.reason_system,
                row.reason_code,
                row.reason_display,
                row.comment,
            ),
            row.by,
        )
        for row in s.scalars(which.order_by(CardFeedbackTable.id))
    ]
