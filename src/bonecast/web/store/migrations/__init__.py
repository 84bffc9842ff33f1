"""The steps by which the tables came to be what they are; Alembic runs those that a database has not seen."""
