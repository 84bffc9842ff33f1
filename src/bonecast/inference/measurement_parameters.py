"""Numbers that are taken for granted about measurements, with evidence grades and sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import table


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

    >>> numbers()["outlier_share"].mark
    'assumption'
    """
    return table(files("bonecast.inference") / "measurement_parameters.toml", Number)


def value(name: str) -> float:
    """The value alone."""
    return numbers()[name].value
