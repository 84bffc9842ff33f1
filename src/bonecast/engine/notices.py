"""One-line notices about slow work (a kernel being compiled), so that nobody waits without knowing why."""

from __future__ import annotations

import sys
from collections.abc import Callable

Listener = Callable[[str], None]


def to_terminal(text: str) -> None:
    """Write the line to stderr if a person is there to read it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"bonecast: {text}\n")


_listener: Listener = to_terminal


def listen(listener: Listener) -> None:
    """Send notices to `listener` from now on."""
    global _listener
    _listener = listener


def notify(text: str) -> None:
    """Send one notice."""
    _listener(text)
