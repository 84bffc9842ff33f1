"""Public keys of clients that sign: a JWK Set in a file, or at the one address that the configuration names."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from bonecast.core import parse_json, read_text
from bonecast.errors import InputError
from bonecast.web.security.middleware import log

LARGEST_SET = 200_000  # bytes
WAITS_S = 5  # for the answer of the client's server
SHORTEST_RSA = 2048  # bits
KEPT_S, LEAST_S, MOST_S = 600, 60, 86_400  # how long a set is kept: without Cache-Control, and its bounds
_CURVE = "P-384"
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*(\d{1,9})", re.IGNORECASE)


@dataclass
class KeySet:
    """Keys by their id. `load` gives the set and for how many seconds it is good."""

    load: Callable[[], tuple[dict[str, Any], float]]
    clock: Callable[[], float] = time.monotonic
    _keys: list[dict[str, Any]] = field(default_factory=list)
    _until: float = float("-inf")
    _asked: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, kid: object, kind: str) -> Any:
        """The one public key of this id and kind (`EC`, `RSA`); None where there is none, or more than one.

        The set is loaded again when its time is over, or when it does not know the id, at most once a minute.
        """
        if not isinstance(kid, str) or not kid:
            return None
        with self._lock:
            now = self.clock()
            stale = now >= self._until or not any(key.get("kid") == kid for key in self._keys)
            if stale and now >= self._asked + LEAST_S:
                self._asked = now
                self._load(now)
            if now >= self._until:
                return None
            found = [key for key in self._keys if key.get("kid") == kid]
        return _public_key(found[0], kind) if len(found) == 1 else None

    def _load(self, now: float) -> None:
        try:
            found, good_s = self.load()
        except (OSError, ValueError, HTTPException) as error:  # the client's server is away, or says nonsense
            log("keys of a client not loaded", kind=type(error).__name__)
            return
        self._keys = [key for key in found["keys"] if isinstance(key, dict)]
        self._until = now + good_s


def keys_in(path: Path, place: str) -> KeySet:
    """The keys of a file, read once. Raises InputError."""
    found = parse_json(read_text(path, place, LARGEST_SET), place)
    known = _as_set(found)
    if known is None:
        raise InputError(place, "this is no JWK Set", 'write {"keys": [ … ]}')
    return KeySet(lambda: (known, float("inf")))


def keys_at(url: str) -> KeySet:
    """The keys at an address, asked for when a call comes, and kept as long as its answer allows."""
    return KeySet(lambda: _fetched(url))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is an error: the configured address is the only one that is asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _fetched(url: str) -> tuple[dict[str, Any], float]:
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(url, timeout=WAITS_S) as answer:
        data = answer.read(LARGEST_SET + 1)
        said = answer.headers.get("cache-control", "")
    try:
        found = _as_set(json.loads(data)) if len(data) <= LARGEST_SET else None
    except RecursionError:
        found = None
    if found is None:
        raise ValueError("no JWK Set")
    age = _MAX_AGE.search(said)
    wanted = LEAST_S if "no-store" in said or "no-cache" in said else float(age[1]) if age else KEPT_S
    return found, min(max(wanted, LEAST_S), MOST_S)


def _as_set(found: Any) -> dict[str, Any] | None:
    return found if isinstance(found, dict) and isinstance(found.get("keys"), list) else None


def _public_key(key: dict[str, Any], kind: str) -> Any:
    """The key for PyJWT; None where it is of another kind, too weak, or not for signatures."""
    import jwt
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm

    fits = key.get("kty") == kind and key.get("use", "sig") == "sig" and "d" not in key
    if not fits or (kind == "EC" and key.get("crv") != _CURVE):
        return None
    try:
        made: Any = (ECAlgorithm if kind == "EC" else RSAAlgorithm).from_jwk(key)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return made if kind == "EC" or made.key_size >= SHORTEST_RSA else None
