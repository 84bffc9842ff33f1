"""Plug-ins that other packages announce by entry point: loaded once, when somebody first needs them."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from importlib.metadata import entry_points

_lock = threading.RLock()
_started: set[str] = set()


def load_plugins(group: str, register: Callable[..., object]) -> None:
    """Hand every object that the installed packages announce in this group to `register`, once in a process.

    A plug-in that cannot be loaded or registered is named in one warning and costs nothing else.

    Parameters
    ----------
    group : str
        The entry-point group, such as "bonecast.models".
    register : callable
        What takes a loaded object; its error says what is wrong with it.
    """
    with _lock:  # another thread waits for the whole list; a plug-in that asks for it while it loads does not
        if group in _started:
            return
        _started.add(group)
        for entry in sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
            try:
                register(entry.load())
            except Exception as error:  # foreign code: whatever it raises, the others are loaded
                cause = f"{type(error).__name__}: {error}"
                warnings.warn(
                    f"plug-in '{entry.name}' ({entry.value}, group {group}) was left out: {cause}",
                    stacklevel=2,
                )
