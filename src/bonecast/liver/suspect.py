"""What is on file of a drug as a cause of liver injury: its reports, its elimination, what the source prints."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Report:
    """One published report of liver injury."""

    name: str
    words: str
    mark: str
    source: str


@dataclass(frozen=True)
class Suspect:
    """One drug; each statement has its mark and source."""

    drug: str
    hepatotoxicity: str
    hepatotoxicity_why: str
    hepatotoxicity_mark: str
    hepatotoxicity_source: str
    slow: bool
    slow_why: str
    slow_mark: str
    slow_source: str
    likelihood: str
    likelihood_words: str
    likelihood_mark: str
    likelihood_source: str
    likelihood_why: str
    reports: tuple[Report, ...]


@cache
def suspects() -> dict[str, Suspect]:
    """Every drug on file."""
    data = tomllib.loads((files("bonecast.liver") / "suspects.toml").read_text("utf-8"))
    made = {}
    for drug, row in data.items():
        reports = tuple(Report(**one) for one in row.pop("report"))
        made[drug] = Suspect(drug, **row, reports=reports)
    return made


def find_suspect(drug: str | None) -> Suspect | None:
    """What is on file of this drug; None where nothing is.

    >>> find_suspect("denosumab").slow
    True
    """
    return suspects().get(drug or "")
