"""Who may ask the CDS Hooks service: clients that sign each call (JWT), those with a token, programs of this computer.

A signed call is held to CDS Hooks 2.0, "Trusting CDS Clients": ES384 or RS384, a known issuer, its key, the exact
address as audience, five minutes at most, and each token once. Keys come from a file or from the address that the
configuration names; what a token says of where its keys lie is compared with that address and never followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from bonecast.errors import InputError, printable
from bonecast.web.security.key_sets import KeySet, keys_at, keys_in
from bonecast.web.security.registered import (
    check_distinct,
    check_entries,
    check_private,
    make_secret,
    registered_tables,
)
from bonecast.web.settings import is_loopback, read_origin

ALGORITHMS = {
    "ES384": "EC",
    "RS384": "RSA",
}  # with the type of their keys; none and shared secrets are refused
LONGEST_TOKEN = 8_000  # characters
LIFETIME_S, SKEW_S = 300, 60  # most seconds from iat to exp, and how far two clocks may be apart
MOST_SEEN = 100_000  # tokens that are remembered until they expire
SHORTEST_TOKEN = 32  # characters of a client's token
_FIELDS = ("name", "issuer", "keys", "keys_url", "token_sha256")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class NotAdmitted(Exception):
    """A call of nobody that is known here, with the reason in a sentence."""


class Clients(Protocol):
    """Decides who a caller is."""

    def admit(self, authorization: str | None, path: str) -> str:
        """The name of the client that calls this path. Raises NotAdmitted."""
        ...

    def prepare(self) -> None:
        """What is to be there before the first call."""
        ...


class Sandbox:
    """Everyone is answered: for the public sandbox and for trying out, with invented people only."""

    def admit(self, authorization: str | None, path: str) -> str:
        """The one name that all have."""
        return "CDS sandbox (not verified)"

    def prepare(self) -> None:
        """Nothing is needed."""


@dataclass(frozen=True)
class Client:
    """A client of the configuration: it signs (`issuer`, `keys`) or sends a token (`token_sha256`)."""

    name: str
    issuer: str = ""
    keys: KeySet | None = None
    keys_url: str = ""
    token_sha256: str = ""


@dataclass
class RegisteredClients:
    """The clients of a configuration, and the programs that can read this computer's own secret.

    Parameters
    ----------
    clients : tuple of Client
        Those of the configuration.
    url : str
        By which clients call this server; audiences of signed calls begin with it.
    own : Path, optional
        File with the secret of this computer's own programs.
    clock : callable
        Seconds since 1970.
    """

    clients: tuple[Client, ...] = ()
    url: str = ""
    own: Path | None = None
    clock: Callable[[], float] = time.time
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def admit(self, authorization: str | None, path: str) -> str:
        """The name of the client that calls this path. Raises NotAdmitted."""
        if authorization is None:
            raise NotAdmitted("A CDS Hooks client says who it is: send the header Authorization: Bearer.")
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.casefold() != "bearer" or not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise NotAdmitted("The header Authorization holds no bearer token.")
        if token.count(".") == 2:
            return self._signed(token, path)
        return self._with_token(token)

    def prepare(self) -> None:
        """Make this computer's own secret, if there is none yet."""
        if self.own is not None:
            own_secret(self.own)

    def _with_token(self, token: str) -> str:
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = ""
        for client in self.clients:  # all of them, so that the time says nothing
            if client.token_sha256 and hmac.compare_digest(client.token_sha256, digest):
                found = client.name
        if self.own is not None and hmac.compare_digest(own_secret(self.own).encode(), token.encode()):
            found = "CDS client of this computer"
        if not found:
            raise NotAdmitted("No client has this token.")
        return found

    def _signed(self, token: str, path: str) -> str:
        header, said = (_part(token, place) for place in (0, 1))
        algorithm = str(header.get("alg"))
        if algorithm not in ALGORITHMS:
            raise NotAdmitted(f"The token is to be signed with {' or '.join(ALGORITHMS)}.")
        if str(header.get("typ")).upper() != "JWT" or "crit" in header:
            raise NotAdmitted("The header of the token is to say typ JWT, and nothing critical.")
        client = next((one for one in self.clients if one.issuer and one.issuer == said.get("iss")), None)
        if client is None or client.keys is None:
            raise NotAdmitted("The token is of no client that is known here.")
        if "jku" in header and header["jku"] != client.keys_url:
            raise NotAdmitted("The token names another address of keys than the one that is known here.")
        key = client.keys.find(header.get("kid"), ALGORITHMS[algorithm])
        if key is None:
            raise NotAdmitted("The token is of no client that is known here.")
        claims = self._verified(token, key, algorithm, client, path)
        self._once(client.issuer, claims)
        return client.name

    def _verified(self, token: str, key: Any, algorithm: str, client: Client, path: str) -> Mapping[str, Any]:
        """The claims, once signature, audience and times are right."""
        import jwt

        called = self.url + path
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=client.issuer,
                audience=[called, called.removesuffix("/feedback")],
                options={
                    "require": ["iss", "aud", "exp", "iat", "jti"],
                    "verify_exp": False,  # the times are held to our own clock below
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_jti": False,
                },
            )
        except jwt.MissingRequiredClaimError as error:
            raise NotAdmitted(f"The token has no {error.claim}.") from None
        except jwt.InvalidAudienceError:
            raise NotAdmitted("The token is for another address than the one that was called.") from None
        except jwt.PyJWTError:
            raise NotAdmitted("The token is of no client that is known here.") from None
        now, issued, ends = self.clock(), _number(claims, "iat"), _number(claims, "exp")
        if ends <= now - SKEW_S:
            raise NotAdmitted("The token has expired.")
        if issued > now + SKEW_S or _number(claims, "nbf", 0.0) > now + SKEW_S:
            raise NotAdmitted("The token is of the future: compare the clocks.")
        if not 0 < ends - issued <= LIFETIME_S:
            raise NotAdmitted(f"A token is good for {LIFETIME_S} seconds at most.")
        if issued < int(self._started):  # what was used before the start is not known any more
            raise NotAdmitted("The token was made before this server started: make a new one.")
        return claims

    def _once(self, issuer: str, claims: Mapping[str, Any]) -> None:
        """Refuse a token that was used before."""
        jti = claims["jti"]
        if not isinstance(jti, str) or not jti:
            raise NotAdmitted("The jti of the token is no text.")
        key = (issuer, hashlib.sha256(jti.encode("utf-8", "surrogatepass")).hexdigest())
        now = self.clock()
        with self._lock:
            if key in self._seen:
                raise NotAdmitted("The token was used before: make one for each call.")
            if len(self._seen) >= MOST_SEEN:
                self._seen = {one: ends for one, ends in self._seen.items() if ends > now - SKEW_S}
            if len(self._seen) >= MOST_SEEN:
                raise NotAdmitted("There were too many calls within five minutes: wait a minute.")
            self._seen[key] = _number(claims, "exp")


def read_clients(path: Path) -> tuple[str, tuple[Client, ...]]:
    """Read the configuration of CDS Hooks clients.

    Parameters
    ----------
    path : Path
        A TOML file: `url`, and a table `[[client]]` for each.

    Returns
    -------
    tuple of str and tuple of Client
        The address by which clients call this server, and the clients.

    Raises
    ------
    InputError
        If something in it cannot be used.
    """
    place = path.name
    tables, rows = registered_tables(path, "client", "add a table [[client]] with a name")
    clients = tuple(
        _client(row, f"{place}, client {number}", path.parent) for number, row in enumerate(rows, 1)
    )
    check_distinct(clients, ("name", "issuer", "token_sha256"), place, "clients")
    if not any(one.issuer for one in clients):
        return "", clients
    if "url" not in tables:
        hint = 'write url = "https://clinic.example", as clients call this server'
        raise InputError(place, "there is no url, and clients that sign name the one they call", hint)
    if find_spec("jwt") is None or find_spec("cryptography") is None:
        hint = "pip install 'bonecast[cds-hooks]'"
        raise InputError(place, "signed calls are checked with PyJWT, which is not installed", hint)
    return read_origin(str(tables["url"]), f"{place}, url"), clients


def own_secret(path: Path) -> str:
    """The secret of this computer's own programs; made, for its owner only, if there is none."""
    place = printable(path, 120)
    make_secret(path, lambda: secrets.token_urlsafe(32), place, "make the folder writable")
    cause = "others can read the secret of CDS Hooks clients"
    check_private(path, place, cause, "delete the file: a new one is made at the next start")
    found = path.read_text("utf-8").strip()
    if len(found) < SHORTEST_TOKEN:
        raise InputError(place, "the secret is too short", "delete the file")
    return found


def _client(row: dict[str, Any], place: str, folder: Path) -> Client:
    check_entries(row, place, _FIELDS)
    name, issuer, digest = (row.get(key, "") for key in ("name", "issuer", "token_sha256"))
    if not name or len(name) > 60:
        raise InputError(place, "it has no name", 'write name = "…", of 60 characters at most')
    if bool(issuer) == bool(digest):
        raise InputError(place, "a client signs its calls or has a token", "give issuer, or token_sha256")
    if digest:
        if not _SHA256.fullmatch(digest):
            hint = "write 64 hexadecimal digits; printf %s TOKEN | sha256sum gives them"
            raise InputError(f"{place}, token_sha256", "this is no SHA-256 digest", hint)
        return Client(name, token_sha256=digest)
    file, url = row.get("keys", ""), row.get("keys_url", "")
    if bool(file) == bool(url):
        raise InputError(place, "its keys lie in one place", "give keys (a file) or keys_url (an address)")
    if file:
        return Client(name, issuer, keys_in(folder / file, f"{place}, keys"))
    if not url.startswith("https://"):
        host = url.removeprefix("http://").partition("/")[0].rpartition(":")[0]
        if not url.startswith("http://") or not is_loopback(host):
            raise InputError(f"{place}, keys_url", "keys travel over HTTPS", "write https://…")
    return Client(name, issuer, keys_at(url), url)


def _part(token: str, place: int) -> dict[str, Any]:
    """Header or claims of a token, before anything about it is known to be right."""
    text = token.split(".")[place]
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotAdmitted("The token cannot be read.")
    return found


def _number(claims: Mapping[str, Any], name: str, otherwise: float | None = None) -> float:
    value = claims.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise NotAdmitted(f"The {name} of the token is no time.")
    return float(value)
