"""Names of accounts are kept in one form: compatible letters (NFKC), case folded; two that become one get a number."""

from __future__ import annotations

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Rename them; the older of two keeps the name."""
    accounts = sa.table("accounts", sa.column("id", sa.Integer), sa.column("name", sa.String))
    connection = op.get_bind()
    found = connection.execute(sa.select(accounts.c.id, accounts.c.name).order_by(accounts.c.id)).all()
    taken: dict[str, int] = {}
    for id, name in found:
        plain = known = normalize("NFKC", normalize("NFKC", name).casefold()).strip()[:90]
        number = 2
        while known in taken:
            known, number = f"{plain} {number}", number + 1
        taken[known] = id
    for id in taken.values():  # by way of a name that nobody has, for a new name may be another's old one
        connection.execute(sa.update(accounts).where(accounts.c.id == id).values(name=f"\x01{id}"))
    for known, id in taken.items():
        connection.execute(sa.update(accounts).where(accounts.c.id == id).values(name=known))
