"""An override is for one act and the values that it was given for; those of before name neither and have ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; rows that are there keep their words and apply to no act."""
    op.add_column("overrides", sa.Column("action", sa.String(60), nullable=False, server_default=""))
    op.add_column("overrides", sa.Column("fact_values", sa.JSON))
    op.add_column("overrides", sa.Column("fed_back", sa.Boolean, nullable=False, server_default=sa.false()))
