"""Grades of hypocalcaemia: the calcium below which each holds (`grades.toml`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bonecast.core import rows


@dataclass(frozen=True)
class Grade:
    """A grade, the corrected total calcium in mmol/L below which it holds, and where that was had from."""

    grade: int
    below: float
    mark: str
    source: str


def grades(lower_limit: float | None = None) -> tuple[Grade, ...]:
    """All grades; `lower_limit` is the laboratory's own limit of normal, from which grade 1 begins.

    >>> [one.below for one in grades()]
    [2.15, 2.0, 1.75, 1.5]
    """
    first, *others = _read()
    return (first if lower_limit is None else replace(first, below=lower_limit), *others)


@cache
def _read() -> tuple[Grade, ...]:
    return rows(files("bonecast.trials.endpoints") / "grades.toml", Grade, "grade")
