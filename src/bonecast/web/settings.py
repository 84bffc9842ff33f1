"""How the application is run: where its data lie, who reaches it, and by which names."""

from __future__ import annotations

import getpass
import ipaddress
from dataclasses import dataclass
from pathlib import Path

LOOPBACK_NAMES = ("localhost", "localhost.localdomain")
LARGEST_PAGE = 4_000_000  # bytes of a posted form: 5,000 measurements with all their fields stay below
LARGEST_UPLOAD = 12_000_000  # bytes of an upload: the largest record file (10 MB) in its envelope


@dataclass(frozen=True)
class Settings:
    """How the application is run.

    Parameters
    ----------
    database : address of the database (`sqlite:///FILE` or `postgresql://USER@HOST/NAME`).
    host : the address that it listens at.
    accounts : whether people sign in; only a loopback address that no proxy passes on may do without.
    secure : whether browsers reach it over HTTPS (cookies are then sent over HTTPS only).
    names : the host names by which browsers may call it, besides numbers and those of the loopback.
    cds_hooks : whether CDS Hooks clients may ask; they do not sign in.
    worker : whether this process does the queued jobs.
    jurisdiction : whose care rules hold where a record does not say.
    phone : the clinic's phone, for leaflets.
    """

    database: str
    host: str = "127.0.0.1"
    accounts: bool = False
    secure: bool = False
    names: tuple[str, ...] = ()
    cds_hooks: bool = True
    worker: bool = True
    jurisdiction: str | None = None
    phone: str | None = None

    def answers_to(self, name: str) -> bool:
        """May a browser call this server by this name? An address in numbers cannot be rebound by a stranger's DNS.

        >>> Settings("x.db").answers_to("127.0.0.1"), Settings("x.db").answers_to("evil.example")
        (True, False)
        """
        name = name.casefold().rstrip(".")
        return is_address(name) or name in (*LOOPBACK_NAMES, *(known.casefold() for known in self.names))


def is_address(host: str) -> bool:
    """Is this an address in numbers?"""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Is this an address that only this computer reaches?

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.casefold() in LOOPBACK_NAMES:
        return True
    return is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def default_database() -> str:
    """The database of whoever runs the command, in their own folder of application data."""
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('bonecast', appauthor=False) / 'bonecast.db'}"


def local_user() -> str:
    """Who uses this computer: the name that changes bear where nobody signs in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return "this computer"


def folder_beside(database: Path | None) -> Path:
    """Where larger results lie: beside the database's file, or in the user's folder of application data."""
    from platformdirs import user_data_path

    return (database.parent if database else user_data_path("bonecast", appauthor=False)) / "results"
