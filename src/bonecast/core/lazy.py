"""Rooms whose names are imported when they are first used: a light use does not load what a heavy one needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(
    room: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make `__getattr__` and `__dir__` for the `__init__.py` of a room.

    Parameters
    ----------
    room : str
        Full name of the package.
    modules : mapping of str to str
        Public name to the module of the room that has it, without the room's name.

    Returns
    -------
    tuple of callable
        `__getattr__` and `__dir__` of the package (PEP 562).

    Examples
    --------
    >>> get, names = lazy_exports("bonecast.core", {"Amount": "amounts"})
    >>> get("Amount").__name__, names()
    ('Amount', ['Amount'])
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module '{room}' has no attribute '{name}'")
        return getattr(import_module(f"{room}.{modules[name]}"), name)

    return get, lambda: sorted(modules)
