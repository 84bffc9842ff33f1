"""How the application is run: where its data lie, who reaches it, and by which names."""

from __future__ import annotations

import getpass
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bonecast.errors import InputError, printable

USUAL_PORTS = {"http": 80, "https": 443}
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
        Whether CDS Hooks clients may ask; each says by a token who it is.
    cds_origins : tuple of str
        Origins of the pages that may ask as CDS Hooks clients (`read_origin`); none by default.
    cds_clients : Path, optional
        Configuration of the clients that sign or have a token. Without accounts, programs that can read the secret
        beside the database (`cds_secret_file`) are clients too.
    cds_sandbox : bool
        Whether every CDS Hooks client is answered, signed or not; on the loopback only.
    smart_issuers : Path, optional
        Allow-list of the record systems that may launch the application (SMART App Launch); none by default.
    smart_key : Path, optional
        File with the key that encrypts their tokens; beside the database by default.
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
    cds_origins: tuple[str, ...] = ()
    cds_clients: Path | None = None
    cds_sandbox: bool = False
    smart_issuers: Path | None = None
    smart_key: Path | None = None
    worker: bool = True
    jurisdiction: str | None = None
    phone: str | None = None

    def answers_to(self, name: str) -> bool:
        """May a browser use this name of the server? An address in numbers cannot be rebound by a stranger's DNS; where
        nobody signs in it is one of the loopback.

        >>> Settings("x.db").answers_to("127.0.0.1"), Settings("x.db").answers_to("evil.example")
        (True, False)
        >>> Settings("x.db").answers_to("10.0.0.7"), Settings("x.db", accounts=True).answers_to("10.0.0.7")
        (False, True)
        """
        name = name.casefold().rstrip(".")
        numbers = is_address(name) if self.accounts else is_loopback(name)
        return numbers or name in (*LOOPBACK_NAMES, *(known.casefold() for known in self.names))


def read_origin(url: str, place: str = "--cds-origin") -> str:
    """Read an origin as browsers write it: scheme, host and a port that is not the usual one.

    Parameters
    ----------
    url : str
        Such as `https://sandbox.cds-hooks.org`.
    place : str
        Where it was given, for errors.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is none, or has a path.

    Examples
    --------
    >>> read_origin("https://Sandbox.CDS-Hooks.org:443/"), read_origin("http://localhost:8080")
    ('https://sandbox.cds-hooks.org', 'http://localhost:8080')
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number
        parts, host, port = urlsplit(""), None, None
    more = host and (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    if not host or more or parts.scheme not in USUAL_PORTS or not host.isascii() or "*" in host:
        hint = "write scheme and host alone, such as https://sandbox.cds-hooks.org"
        raise InputError(place, f"'{printable(url, 120)}' is not the origin of a page", hint)
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + ("" if port in (None, USUAL_PORTS[parts.scheme]) else f":{port}")


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
    return _folder(database) / "results"


def cds_secret_file(database: Path | None) -> Path:
    """Where the secret of this computer's own CDS Hooks clients lies."""
    return _folder(database) / "cds-hooks-secret"


def smart_key_file(database: Path | None) -> Path:
    """Where the key that encrypts tokens of record systems lies by default."""
    return _folder(database) / "smart-key"


def _folder(database: Path | None) -> Path:
    from platformdirs import user_data_path

    return database.parent if database else user_data_path("bonecast", appauthor=False)
