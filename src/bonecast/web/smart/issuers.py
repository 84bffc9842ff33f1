"""Which record systems may launch Bonecast: an allow-list in a TOML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bonecast.core import read_text
from bonecast.errors import InputError, printable
from bonecast.web.security.registered import (
    LARGEST,
    check_distinct,
    check_entries,
    check_private,
    registered_tables,
)
from bonecast.web.settings import is_loopback, read_origin

_FIELDS = ("name", "iss", "client_id", "client_secret_file", "offline")


@dataclass(frozen=True)
class SmartIssuer:
    """One record system: its FHIR server, and by which id Bonecast is registered there.

    Parameters
    ----------
    name : str
        What pages and the audit log call it.
    iss : str
        Base address of its FHIR server.
    client_id : str
        Id of this application there.
    client_secret : str
        Secret of a confidential client; empty for a public one.
    offline : bool
        Whether access is asked for that outlasts the session (`offline_access`).
    """

    name: str
    iss: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    offline: bool = False


@dataclass(frozen=True)
class SmartSettings:
    """The address by which browsers call this server, and the record systems that may launch it."""

    url: str
    issuers: tuple[SmartIssuer, ...]

    def issuer(self, iss: str) -> SmartIssuer | None:
        """The record system with this FHIR server; None for one that is not listed."""
        return next((one for one in self.issuers if one.iss == iss.rstrip("/")), None)


def read_issuers(path: Path) -> SmartSettings:
    """Read the allow-list.

    Parameters
    ----------
    path : Path
        A TOML file: `url`, and a table `[[issuer]]` for each record system.

    Returns
    -------
    SmartSettings

    Raises
    ------
    InputError
        If something in it cannot be used.
    """
    place = path.name
    tables, rows = registered_tables(path, "issuer", "add a table [[issuer]] with name, iss and client_id")
    if "url" not in tables:
        hint = 'write url = "https://clinic.example", as browsers call this server'
        raise InputError(place, "there is no url, to which the record system sends the browser back", hint)
    issuers = tuple(
        _issuer(row, f"{place}, issuer {number}", path.parent) for number, row in enumerate(rows, 1)
    )
    check_distinct(issuers, ("name", "iss"), place, "issuers")
    url = read_origin(str(tables["url"]), f"{place}, url")
    if not is_safe(url):
        raise InputError(f"{place}, url", "the launch travels over HTTPS", "write https://…")
    return SmartSettings(url, issuers)


def is_safe(url: str) -> bool:
    """Is this an address over HTTPS, or one of this computer?

    >>> is_safe("https://ehr.example/token"), is_safe("http://127.0.0.1:8080/x"), is_safe("http://ehr.example")
    (True, True, False)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.username or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def _issuer(row: dict[str, Any], place: str, folder: Path) -> SmartIssuer:
    check_entries(row, place, _FIELDS, flags=("offline",))
    for name in ("name", "iss", "client_id"):
        if name not in row:
            raise InputError(place, f"it has no {name}", f'write {name} = "…"')
    iss = row["iss"].rstrip("/")
    if not is_safe(iss) or urlsplit(iss).query or urlsplit(iss).fragment:
        hint = "write the https:// address of its FHIR server"
        raise InputError(f"{place}, iss", f"'{printable(iss, 120)}' is no address of a FHIR server", hint)
    secret = row.get("client_secret_file")
    return SmartIssuer(
        row["name"][:60],
        iss,
        row["client_id"],
        _secret(folder / secret, f"{place}, client_secret_file") if secret else "",
        row.get("offline", False),
    )


def _secret(path: Path, place: str) -> str:
    """What a file holds that its owner alone can read."""
    found = read_text(path, place, LARGEST).strip()
    check_private(path, place)
    if not found:
        raise InputError(place, "the file is empty", "write the secret into it")
    return found
