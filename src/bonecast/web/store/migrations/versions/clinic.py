"""The clinic's settings, drafts, API tokens, erasures; second factors, one-time passwords, where sessions are from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bonecast.web.store.migrations.versions.first_tables import only_add

revision = "0009"
down_revision = "0008"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and add the columns."""
    op.create_table(
        "clinic",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("said", sa.JSON, nullable=False),
        sa.Column("logo", sa.LargeBinary),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False, index=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.UniqueConstraint("by", "person_id"),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("accounts.id"), nullable=False, index=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("used", _MOMENT),
    )
    op.create_table(
        "erasures",
        sa.Column("person_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    only_add("erasures")
    op.add_column("accounts", sa.Column("factor", sa.String(64)))
    op.add_column(
        "accounts", sa.Column("factor_step", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.add_column("accounts", sa.Column("recovery", sa.JSON))
    op.add_column("accounts", sa.Column("one_time_until", _MOMENT))
    for name, length in (("address", 60), ("browser", 200)):
        op.add_column("sessions", sa.Column(name, sa.String(length), nullable=False, server_default=""))
