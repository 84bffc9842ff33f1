"""Every limit that this room compares with, by name, with unit, mark and source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import EVIDENCE_GRADES


@dataclass(frozen=True)
class Threshold:
    """One limit: what it means, its value and unit, and where it was had from."""

    name: str
    meaning: str
    value: float
    unit: str
    mark: str
    source: str


@cache
def thresholds() -> dict[str, Threshold]:
    """All limits, by name. ValueError (our fault) for one without source, mark or unit.

    >>> thresholds()["case_alt"].value, thresholds()["case_alt"].mark
    (5.0, 'published')
    """
    data = tomllib.loads((files("bonecast.liver") / "thresholds.toml").read_text("utf-8"))
    found = {}
    for name, row in data["threshold"].items():
        if row["mark"] not in EVIDENCE_GRADES or row["source"] not in data["source"] or not row["unit"]:
            raise ValueError(f"thresholds.toml, {name}: source, mark and unit must all be given")
        found[name] = Threshold(name, **{**row, "source": data["source"][row["source"]]})
    return found


def limit(name: str) -> float:
    """The value of one limit.

    >>> limit("hy_bilirubin")
    2.0
    """
    return thresholds()[name].value
