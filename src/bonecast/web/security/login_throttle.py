"""A limit on failed sign-ins: after some, the same name or address waits."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from unicodedata import normalize

SPAN_S = 15 * 60.0
MOST_PAIR, MOST_ADDRESS, MOST_NAME = 5, 30, 50  # failures within the span
MOST_KEPT = 20_000  # keys: a flood of invented names does not fill the memory


class LoginThrottle:
    """Failed sign-ins of the last quarter of an hour, by name at an address, by address, and by name."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, name: str, address: str) -> int:
        """How many seconds must this name at this address wait? 0: it may try."""
        with self._lock:
            return max(self._wait(key, most) for key, most in _keys(name, address))

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        with self._lock:
            if len(self._failed) > MOST_KEPT:
                self._drop_old()
            for key, most in _keys(name, address):
                self._failed.setdefault(key, deque(maxlen=most)).append(self._clock())

    def passed(self, name: str, address: str) -> None:
        """A sign-in worked: its failures are forgotten, those of the address and the name are not."""
        with self._lock:
            self._failed.pop(_keys(name, address)[0][0], None)

    def _wait(self, key: tuple[str, str], most: int) -> int:
        times = self._failed.get(key)
        if times is None or len(times) < most:
            return 0
        return max(0, math.ceil(times[0] + SPAN_S - self._clock()))

    def _drop_old(self) -> None:
        limit = self._clock() - SPAN_S
        self._failed = {key: times for key, times in self._failed.items() if times[-1] > limit}


def _keys(name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    known = normalize("NFKC", normalize("NFKC", name[:400]).casefold()).strip()[
        :100
    ]  # as accounts are looked for
    return ((known, address), MOST_PAIR), (("", address), MOST_ADDRESS), ((known, ""), MOST_NAME)
