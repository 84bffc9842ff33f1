"""Typical people of each kind, from `typical.toml`: averages, states of the body, what was taken before."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.words import MARKS

SITES = ("LS", "TH", "FN")
ELSE = "OTHER"


@dataclass(frozen=True)
class Typical:
    """Typical people of one kind.

    age, female, t_scores : means, by site. prevalent_vfx : share with a vertebral fracture. adherence : share taken
    of oral drugs. states : facts of the body, by the names that models know. prior_plan, prior_adherence : what was
    taken before time zero, if anything.
    """

    name: str
    title: str
    age: float
    female: float
    t_scores: Mapping[str, float]
    prevalent_vfx: float
    adherence: float
    mark: str
    source: str
    states: Mapping[str, float] = field(default_factory=dict)
    prior_plan: str = ""
    prior_adherence: float = 1.0


@cache
def typical_people() -> dict[str, Typical]:
    """All of them by the code of their population.

    >>> typical_people()["AI"].states
    {'aromatase inhibitor': 1}
    """
    found = {}
    for name, row in _tables()["population"].items():
        t_scores = {site: row[site] for site in SITES}
        rest = {key: value for key, value in row.items() if key not in SITES}
        found[name] = Typical(name=name, t_scores=t_scores, **rest)
    return found


def typical(name: str) -> Typical:
    """Those of that code; adults of any kind where there is none.

    >>> typical("astronauts").name
    'OTHER'
    """
    return typical_people().get(name, typical_people()[ELSE])


def from_spine(site: str) -> float:
    """How far the T-score of a site lies from that of the spine, on average."""
    return {"LS": 0.0, **_tables()["t_score_from_spine"]}[site]


@cache
def _tables() -> dict[str, Any]:
    """The file; an entry without a known mark and a source is our own fault."""
    tables = tomllib.loads((files("bonecast.cohorts") / "typical.toml").read_text("utf-8"))
    for entry in (tables["t_score_from_spine"], *tables["population"].values()):
        if entry["mark"] not in MARKS or not entry["source"]:
            raise ValueError(f"typical.toml: a known mark and a source must be given, in {entry}")
    return tables
