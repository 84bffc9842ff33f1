"""The cards that CDS Hooks clients were given: feedback names a card alone, and may come days later."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bonecast.web.store.tables import CardTable

KEPT = dt.timedelta(days=90)  # for which a card is known, from when it was last given
MOST = 100_000  # cards that are known; the oldest go


def write(s: Session, record_id: str, cards: dict[str, str]) -> None:
    """Keep cards of a person, uuid to rule; what is too old, or too much, goes."""
    now = dt.datetime.now(dt.UTC)
    for card, rule in cards.items():
        s.merge(CardTable(uuid=card, record_id=record_id[:200], rule=rule[:40], at=now))
    s.flush()
    s.execute(delete(CardTable).where(CardTable.at < now - KEPT))
    over = (s.scalar(select(func.count()).select_from(CardTable)) or 0) - MOST
    if over > 0:
        oldest = select(CardTable.uuid).order_by(CardTable.at, CardTable.uuid).limit(over)
        s.execute(delete(CardTable).where(CardTable.uuid.in_(oldest)))


def read(s: Session, card: str) -> tuple[str, str] | None:
    """Patient and rule of a card; the rule is empty where it stood for none, None where the card is not known."""
    row = s.get(CardTable, card)
    return None if row is None or row.at < dt.datetime.now(dt.UTC) - KEPT else (row.record_id, row.rule)


def take_in(s: Session, file: Path) -> None:
    """Take in the file in which earlier versions kept the cards, and remove it."""
    if not file.is_file():
        return
    for line in file.read_text("utf-8").splitlines()[-MOST:]:
        try:
            card, record_id, rule = map(str, json.loads(line))
        except (ValueError, TypeError):  # a line that was cut off
            continue
        s.merge(
            CardTable(uuid=card[:64], record_id=record_id[:200], rule=rule[:40], at=dt.datetime.now(dt.UTC))
        )
    s.flush()
    file.unlink()
