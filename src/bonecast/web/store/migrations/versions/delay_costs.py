"""What a delay of the next injection costs each person of the worklist."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "delay_costs",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("month", sa.Float),
        sa.Column("cost", sa.JSON, nullable=False),
    )
