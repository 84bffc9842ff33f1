"""A limit on sign-ins: each counts before its password is looked at; one that worked does not count any more.

Three things are counted over a quarter of an hour: tries of a name from browsers that never signed in with it, tries of
a name from one browser that did (it holds a mark, see `known_browser`), and tries from an address. So strangers who try
a name's passwords, from however many addresses, get five of them, and do not keep its owner out.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import threading
import time
from collections.abc import Callable
from unicodedata import normalize

SPAN_S = 15 * 60.0  # seconds for which a try counts
MOST_NAME, MOST_ADDRESS = 5, 30  # tries within the span, of one name and from one address
MOST_KEPT = 20_000  # keys: a flood of invented names does not fill the memory
Key = tuple[str, str]


class LoginThrottle:
    """The sign-ins of the last quarter of an hour that did not work, or whose answer is not known yet."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[Key, list[float]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, address: str, browser: str = "") -> int:
        """Count a try and return 0; or count nothing and return how many seconds it must wait.

        `browser` is the mark of one that signed in with this name before.
        """
        with self._lock:
            keys = _keys(name, address, browser)
            wait = max(self._wait(key, most) for key, most in keys)
            if wait == 0:
                if len(self._tries) > MOST_KEPT:
                    self._drop_old()
                for key, _ in keys:
                    self._tries.setdefault(key, []).append(self._clock())
            return wait

    def passed(self, name: str, address: str, browser: str = "") -> None:
        """The try worked: what was counted for this browser is forgotten, and one try of name and address."""
        with self._lock:
            (own, _), *others = _keys(name, address, browser)
            if browser:
                self._tries.pop(own, None)
            else:
                others = [*others, (own, 0)]
            for key, _ in others:
                times = self._tries.get(key)
                if times:
                    times.pop()

    def _wait(self, key: Key, most: int) -> int:
        now = self._clock()
        times = [moment for moment in self._tries.get(key, ()) if moment > now - SPAN_S]
        if key in self._tries:
            self._tries[key] = times
        return math.ceil(times[-most] + SPAN_S - now) if len(times) >= most else 0

    def _drop_old(self) -> None:
        limit = self._clock() - SPAN_S
        self._tries = {key: times for key, times in self._tries.items() if times and times[-1] > limit}


def known_browser(key: bytes, name: str, kept: str) -> str:
    """The browser of a cookie that `browser_mark` made for this name; empty where it made it for no such name."""
    browser, _, mark = kept.partition(".")
    return browser if browser and hmac.compare_digest(mark.encode(), _mark(key, name, browser)) else ""


def browser_mark(key: bytes, name: str, browser: str) -> str:
    """What a browser keeps once it has signed in with this name."""
    return f"{browser}.{_mark(key, name, browser).decode()}"


def waiting_time(seconds: int) -> str:
    """How long to wait, in words.

    >>> waiting_time(1), waiting_time(61), waiting_time(899)
    ('1 minute', '2 minutes', '15 minutes')
    """
    minutes = -(-seconds // 60)
    return f"{minutes} minute" + ("" if minutes == 1 else "s")


def _mark(key: bytes, name: str, browser: str) -> bytes:
    return hmac.new(key, f"browser\n{browser}\n{_plain(name)}".encode(), hashlib.sha256).hexdigest().encode()


def _keys(name: str, address: str, browser: str) -> tuple[tuple[Key, int], ...]:
    return ((_plain(name), browser), MOST_NAME), (("", address), MOST_ADDRESS)


def _plain(name: str) -> str:
    """As accounts are looked for."""
    known = normalize("NFKC", normalize("NFKC", name[:400]).casefold()).strip()[:100]
    return known.encode("utf-8", "replace").decode()
