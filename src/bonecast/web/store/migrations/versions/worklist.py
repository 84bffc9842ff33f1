"""The worklist: owners, statuses, what the judge last said, saved views; and names that are found without accents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bonecast.web.store.folding import folded

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables, and fold what people are searched by."""
    op.create_table(
        "worklist",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("site", sa.String(100), nullable=False),
        sa.Column("judged_version", sa.Integer, nullable=False),
        sa.Column("judged_until", sa.Date),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("blocked", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("last_dose", sa.Date),
        sa.Column("doses", sa.Integer, nullable=False),
        sa.Column("calcium", sa.String(40), nullable=False),
        sa.Column("calcium_day", sa.Date),
        sa.Column("egfr", sa.String(40), nullable=False),
        sa.Column("egfr_day", sa.Date),
    )
    op.create_table(
        "service_days",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("days", sa.JSON, nullable=False),
    )
    op.create_index("people_for_worklist", "people", ["deleted", "next_due", "version", "name"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("by", sa.String(100), nullable=False, index=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
    )
    people = sa.table("people", sa.column("id", sa.Integer), sa.column("sought", sa.Text))
    connection = op.get_bind()
    for id_, sought in connection.execute(sa.select(people.c.id, people.c.sought)).all():
        if folded(sought) != sought:
            connection.execute(people.update().where(people.c.id == id_).values(sought=folded(sought)))
