"""The numbers of `observing.toml`: what is taken for granted about measurements, with marks and sources."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import EVIDENCE_GRADES


@dataclass(frozen=True)
class Number:
    """One number with its unit, mark and source."""

    value: float
    unit: str
    mark: str
    source: str


@cache
def numbers() -> dict[str, Number]:
    """Name to number; one without a known mark is refused (ValueError: our own fault).

    >>> numbers()["stray_share"].mark
    'assumption'
    """
    rows = tomllib.loads((files("bonecast.inference") / "measurement_parameters.toml").read_text("utf-8"))
    found = {name: Number(**row) for name, row in rows.items()}
    for name, number in found.items():
        if number.mark not in EVIDENCE_GRADES or not number.source:
            raise ValueError(f"observing.toml, {name}: a known mark and a source must be given")
    return found


def value(name: str) -> float:
    """The value alone."""
    return numbers()[name].value
