"""Charts opened out of record systems: the encrypted access, and what was read of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "smart_charts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("iss", sa.String(500), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("token", sa.LargeBinary),
        sa.Column("fetched", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reading", sa.JSON, nullable=False),
    )
