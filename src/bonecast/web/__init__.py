"""The web application: a clinic's pages, a modeller's pages and their API, on this computer by default.

This room owns the server, the database with its history, accounts and security, and the pages. It asks the rooms
below for checked records, findings, forecasts and pictures, and shows them; it knows no numerics and no medicine of
its own. Nothing in it asks another host for anything but public keys of
CDS Hooks clients, where an address of theirs is configured. `bonecast.web.app` makes the application.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports

if TYPE_CHECKING:
    from bonecast.web.app import create_app
    from bonecast.web.security.connections import server_options
    from bonecast.web.settings import Settings, default_database, is_loopback, local_user, read_origin
    from bonecast.web.store import Store, accounts, audit, open_store
    from bonecast.web.store.backup import backup, restore
    from bonecast.web.store.open import read_url

__all__ = [
    "Settings",
    "Store",
    "accounts",
    "audit",
    "backup",
    "create_app",
    "default_database",
    "is_loopback",
    "local_user",
    "open_store",
    "read_origin",
    "read_url",
    "restore",
    "server_options",
]

# A backup or a new account loads the database's part of the room, and neither pages nor what they show.
__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Settings": "settings",
        "Store": "store",
        "accounts": "store",
        "audit": "store",
        "backup": "store.backup",
        "create_app": "app",
        "default_database": "settings",
        "is_loopback": "settings",
        "local_user": "settings",
        "open_store": "store",
        "read_origin": "settings",
        "read_url": "store.open",
        "restore": "store.backup",
        "server_options": "security.connections",
    },
)
