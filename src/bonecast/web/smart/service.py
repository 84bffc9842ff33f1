"""The launches that are under way, and what a launch needs of this server."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bonecast.errors import InputError, printable
from bonecast.web.smart.errors import SmartRefused
from bonecast.web.smart.issuers import SmartIssuer, SmartSettings, read_issuers
from bonecast.web.smart.keys import token_cipher
from bonecast.web.smart.protocol import SmartLaunch, SmartToken, discover

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

LAUNCH_S = 600  # within which the browser has to come back
MOST_LAUNCHES = 1_000  # that are under way at once


@dataclass
class SmartService:
    """The allow-list, the cipher of tokens, and the launches that are under way.

    Parameters
    ----------
    settings : SmartSettings
        The allow-list.
    cipher : Fernet
        Encrypts tokens where they are kept.
    clock : callable
        Seconds, which only go forward.
    """

    settings: SmartSettings
    cipher: Fernet
    clock: Callable[[], float] = time.monotonic
    _launches: dict[str, tuple[float, SmartLaunch]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def launch_url(self) -> str:
        """Where record systems launch it."""
        return f"{self.settings.url}/smart/launch"

    @property
    def redirect_uri(self) -> str:
        """Where record systems send the browser back to."""
        return f"{self.settings.url}/smart/callback"

    def listed(self, iss: str) -> SmartIssuer:
        """The record system with this FHIR server. Raises SmartRefused for one that is not on the allow-list."""
        found = self.settings.issuer(iss)
        if found is None:
            cause = f"the record system '{printable(iss, 120)}' is not on the list of this server"
            raise SmartRefused("iss", cause, "ask who runs this server to add it to --smart-issuers", 403)
        return found

    def begin(self, iss: str, by: str) -> SmartLaunch:
        """A new launch, which is remembered until the browser comes back. Raises SmartRefused."""
        issuer = self.listed(iss)
        launch = SmartLaunch(issuer, discover(issuer), by)
        now = self.clock()
        with self._lock:
            self._launches = {
                state: kept for state, kept in self._launches.items() if now < kept[0] + LAUNCH_S
            }
            if len(self._launches) >= MOST_LAUNCHES:
                raise SmartRefused("launch", "too many are under way", "try again in ten minutes", 503)
            self._launches[launch.state] = (now, launch)
        return launch

    def returned(self, state: str, browser: str, by: str) -> SmartLaunch:
        """The launch that a browser comes back from: once, in time, the same browser and account.

        Raises SmartRefused.
        """
        with self._lock:
            began, launch = self._launches.pop(state, (0.0, None))
        same = launch is not None and secrets.compare_digest(launch.browser.encode(), browser.encode())
        if launch is None or not same or launch.by != by:
            cause = "the browser comes back from no launch that began here"
            raise SmartRefused("state", cause, "open the chart again", 403)
        if self.clock() >= began + LAUNCH_S:
            raise SmartRefused("state", "the launch took too long", "open the chart again", 403)
        return launch

    def sealed(self, token: SmartToken) -> bytes:
        """The token, encrypted."""
        return self.cipher.encrypt(token.to_json())

    def opened(self, sealed: bytes) -> SmartToken:
        """The token out of `sealed`. Raises SmartRefused where the key is another one by now."""
        from cryptography.fernet import InvalidToken

        try:
            return SmartToken.from_json(self.cipher.decrypt(sealed))
        except InvalidToken:
            cause = "the access was encrypted with another key"
            raise SmartRefused("token", cause, "open the chart again", 401) from None


def smart_service(issuers: Path, key: Path) -> SmartService:
    """Read the allow-list and the key. Raises InputError, also where the packages of the extra are missing."""
    if any(find_spec(name) is None for name in ("httpx", "jwt", "cryptography")):
        cause = "SMART App Launch uses httpx and PyJWT, which are not installed"
        raise InputError("--smart-issuers", cause, "pip install 'bonecast[smart]'")
    return SmartService(read_issuers(issuers), token_cipher(key))
