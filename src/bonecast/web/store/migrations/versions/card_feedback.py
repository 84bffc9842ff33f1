"""What CDS Hooks clients report of cards: outcome, accepted suggestions, reason and comment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bonecast.web.store.migrations.versions.first_tables import only_add

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table, which is only added to."""
    op.create_table(
        "card_feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card", sa.String(40), nullable=False, index=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        sa.Column("record_id", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("accepted", sa.JSON, nullable=False),
        sa.Column("reason_system", sa.String(200), nullable=False),
        sa.Column("reason_code", sa.String(200), nullable=False),
        sa.Column("reason_display", sa.String(200), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
    )
    only_add("card_feedback")
