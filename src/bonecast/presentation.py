"""Who draws and words a result. A result is data; the room that presents it lies above it and is not imported by it.

The package registers the presenter of each kind of result when it is imported (`bonecast/__init__.py`), by name; it is
loaded when the first result is shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES: dict[str, str] = {}


def register_presenter(kind: str, module: str) -> None:
    """Name the module that presents this kind of result.

    Parameters
    ----------
    kind : str
        Kind of result ("forecast").
    module : str
        Full name of a module with one function for each way of showing it.
    """
    _MODULES[kind] = module


def presenter_of(kind: str) -> Any:
    """Load the module that presents this kind of result.

    >>> presenter_of("forecast").__name__
    'bonecast.reports.forecast_views'
    """
    return import_module(_MODULES[kind])
