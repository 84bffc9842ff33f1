"""Overrides can be undone: who and when; the override itself is never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bonecast.web.store.migrations.versions.first_tables import only_add

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; from now on overrides, too, are only added to."""
    op.create_table(
        "withdrawals",
        sa.Column("override_id", sa.Integer, sa.ForeignKey("overrides.id"), primary_key=True),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for table in ("overrides", "withdrawals"):
        only_add(table)
