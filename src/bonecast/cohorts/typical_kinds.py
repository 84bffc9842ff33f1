"""Typical people of each kind, from `typical.toml`: averages, states of the body, what was taken before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.core import sourced, table, toml

SITES = ("LS", "TH", "FN")
TYPICAL = files("bonecast.cohorts") / "typical.toml"
ELSE = "OTHER"


@dataclass(frozen=True)
class Typical:
    """Typical people of one kind.

    Parameters
    ----------
    name, title : str
        Code of the population ("PMO"), and its name for people.
    age : float
        Mean, years.
    female : float
        Share of women, 0 to 1.
    t_scores : mapping of str to float
        Means by site.
    prevalent_vfx : float
        Share with a vertebral fracture before, 0 to 1.
    adherence : float
        Share taken of oral drugs, 0 to 1.
    mark, source : str
        Evidence grade of the numbers, and where they come from.
    states : mapping of str to float
        States of the body, by the names that models know.
    prior_plan : str
        Regimen followed before time zero; empty for none.
    prior_adherence : float
        Share taken of it, 0 to 1.
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
    """Typical people of every kind.

    Returns
    -------
    dict of str to Typical
        By the code of their population.

    Examples
    --------
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
    """Typical people of one kind.

    Parameters
    ----------
    name : str
        Code of a population.

    Returns
    -------
    Typical
        Adults of any kind where the code is not known.

    Examples
    --------
    >>> typical("astronauts").name
    'OTHER'
    """
    return typical_people().get(name, typical_people()[ELSE])


def weight_of_women(region: str) -> float | None:
    """Median weight of the women of a region.

    Parameters
    ----------
    region : str
        As rows of evidence name it.

    Returns
    -------
    float or None
        In kg; None where they are like those of `margins.toml`.

    Examples
    --------
    >>> weight_of_women("Japan"), weight_of_women("international")
    (52.3, None)
    """
    row = _tables()["region"].get(region)
    return row["weight_women"] if row else None


def from_spine(site: str) -> float:
    """How far the T-score of a site lies from that of the spine, on average."""
    return {"LS": 0.0, **_tables()["t_score_from_spine"]}[site]


@cache
def _tables() -> dict[str, Any]:
    """The file; an entry without a known mark and a source is our own fault."""
    tables = toml(TYPICAL)
    spine = sourced(tables["t_score_from_spine"], dict, "typical.toml, t_score_from_spine")
    return {
        **tables,
        "t_score_from_spine": spine,
        "population": table(TYPICAL, dict, "population"),
        "region": table(TYPICAL, dict, "region"),
    }
