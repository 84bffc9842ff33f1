"""What the application keeps: people with every version of their record, jobs, overrides, accounts, the audit log.

This room owns the tables and their migrations, in SQLite or PostgreSQL, the merge of two edits, and backups. Its
modules take a SQLAlchemy session first and never commit: who opened the session does. It knows no page and no
request.
"""

from bonecast.web.store import (
    accounts,
    api_tokens,
    audit,
    card_feedback,
    clinic,
    delays,
    drafts,
    given_cards,
    history,
    jobs,
    letter_templates,
    one_person,
    overrides,
    people,
    smart_charts,
    worklist,
)
from bonecast.web.store.later import Later
from bonecast.web.store.merge import Clash, Conflict
from bonecast.web.store.open import Store, database_file, is_full, open_store
from bonecast.web.store.people import Page, PersonRow, StoredPerson
from bonecast.web.store.tables import LARGEST_ID

__all__ = [
    "LARGEST_ID",
    "Clash",
    "Conflict",
    "Later",
    "Page",
    "PersonRow",
    "Store",
    "StoredPerson",
    "accounts",
    "api_tokens",
    "audit",
    "card_feedback",
    "clinic",
    "database_file",
    "delays",
    "drafts",
    "given_cards",
    "history",
    "is_full",
    "jobs",
    "letter_templates",
    "one_person",
    "open_store",
    "overrides",
    "people",
    "smart_charts",
    "worklist",
]
