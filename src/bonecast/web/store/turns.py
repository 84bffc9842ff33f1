"""Writers in the order in which they came: SQLite admits the one that asks at the right moment, and others starve."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """One writer at a time, first come first served.

    >>> turns = Turns()
    >>> with turns.wait(1.0):
    ...     len(turns)
    1
    >>> len(turns)
    0
    """

    def __init__(self) -> None:
        self._queue: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._queue)

    @contextmanager
    def wait(self, seconds: float) -> Iterator[None]:
        """Wait for one's turn, and hold it for as long as the block lasts.

        Raises
        ------
        TimeoutError
            If the turn has not come within these seconds.
        """
        mine = threading.Event()
        with self._lock:
            self._queue.append(mine)
            if self._queue[0] is mine:
                mine.set()
        try:
            if not mine.wait(seconds):
                raise TimeoutError("database is locked")
            yield
        finally:
            with self._lock:
                self._queue.remove(mine)
                if self._queue:
                    self._queue[0].set()
