"""What the clinic has set: one row of words and numbers, and its logo."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bonecast.web.store.tables import ClinicTable

_ROW = 1


def read(s: Session) -> tuple[dict[str, Any], bytes | None]:
    """The settings as they were kept, and the logo; nothing where nothing was set."""
    row = s.get(ClinicTable, _ROW)
    return ({}, None) if row is None else (dict(row.said), row.logo)


def keep(s: Session, settings: dict[str, Any], logo: bytes | None) -> None:
    """Keep these settings in place of the earlier ones."""
    row = s.get(ClinicTable, _ROW)
    if row is None:
        row = ClinicTable(id=_ROW)
        s.add(row)
    row.said, row.logo = settings, logo
    s.flush()
