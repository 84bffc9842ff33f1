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
    database : str
        Address of the database (`sqlite:///FILE` or `postgresql://USER@HOST/NAME`).
    host : str
        Address that it listens at.
    accounts : bool
        Whether people sign in; only a loopback address that no proxy passes on may do without.
    secure : bool
        Whether browsers reach it over HTTPS (cookies are then sent over HTTPS only).
    names : tuple of str
        Host names by which browsers may call it, besides numbers and those of the loopback.
    cds_hooks : bool
        Whether CDS Hooks clients may ask; they do not sign in.
    worker : bool
        Whether this process does the queued jobs.
    jurisdiction : str, optional
        Whose care rules hold where a record does not say.
    phone : str, optional
        The clinic's phone, for leaflets.
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
    """Tell whether only this computer reaches an address.

    Parameters
    ----------
    host : str
        Name or number.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host.casefold() in LOOPBACK_NAMES:
        return True
    return is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def default_database() -> str:
    """Return the database of the user who runs the command, in their folder of application data.

    Returns
    -------
    str
        Its address.
    """
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('bonecast', appauthor=False) / 'bonecast.db'}"


def local_user() -> str:
    """Return the user of this computer: the name that changes bear where nobody signs in.

    Returns
    -------
    str
    """
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in a container
        return "this computer"


def folder_beside(database: Path | None) -> Path:
    """Where larger results lie: beside the database's file, or in the user's folder of application data."""
    from platformdirs import user_data_path

    return (database.parent if database else user_data_path("bonecast", appauthor=False)) / "results"
