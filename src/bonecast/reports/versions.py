"""Which numbers were used: the version of Bonecast, and of each model's parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import bonecast
from bonecast.models import load_model


def bonecast_version() -> str:
    """Return the version of this Bonecast.

    Returns
    -------
    str
    """
    return bonecast.__version__


def model_versions(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return each model with the version of its parameters.

    Parameters
    ----------
    names : iterable of str
        Library names.

    Returns
    -------
    list of tuple of (str, str)
        Name, and ten characters that change when any value does.
    """
    return [(name, f"parameters {_digest(name)}") for name in names]


def _digest(name: str) -> str:
    values = load_model(name).parameter_set.values()
    text = "\n".join(f"{key}={value!r}" for key, value in sorted(values.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:10]
