"""The numbers that rules compare with: each is a claim of a source, in one place, and the rules take it from here.

A condition names a limit with a dollar sign (`crcl_mL_min < $zoledronate_crcl`). The grade separates what a source says
from what this project made of it: "published" where the source states the number, "derived" where it is
arithmetic on it, "assumption" where this project chose it, "recalled" where the source was not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bonecast.care.sources import RuleSource, find_source
from bonecast.care.variables import table
from bonecast.core import EVIDENCE_GRADES
from bonecast.errors import UnknownName

_NAME = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class RuleLimit:
    """One number that rules compare with.

    Parameters
    ----------
    key : str
        Name by which conditions call it.
    number : float
        The number.
    unit : str
        Its unit, that of the variable that is compared; empty for counts and scores.
    claim : str
        What the source says, in our own words.
    source : RuleSource
        Where it was read.
    mark : str
        Evidence grade of the number, one of `bonecast.core.EVIDENCE_GRADES`.
    """

    key: str
    number: float
    unit: str
    claim: str
    source: RuleSource
    mark: str


@cache
def rule_limits() -> dict[str, RuleLimit]:
    """List every number that care rules compare with, by its name.

    Returns
    -------
    dict of str to RuleLimit

    Raises
    ------
    UnknownName
        If a row has a source or an evidence grade that is not known.

    Examples
    --------
    >>> one = rule_limits()["zoledronate_crcl"]
    >>> one.number, one.unit, one.mark, one.source.key
    (35.0, 'mL/min', 'published', 'reclast-us-2026')
    """
    found = {}
    for row in table("limits.csv"):
        place = f"limits.csv, {row['key']}"
        if row["mark"] not in EVIDENCE_GRADES:
            raise UnknownName(place, "mark", row["mark"], EVIDENCE_GRADES)
        source = find_source(row["source"], f"{place}, source")
        found[row["key"]] = RuleLimit(
            row["key"], float(row["number"]), row["unit"], row["claim"], source, row["mark"]
        )
    return found


def limit_days(key: str) -> int:
    """Look up a limit that is a time.

    Parameters
    ----------
    key : str
        Name of the limit.

    Returns
    -------
    int
        Days.

    Examples
    --------
    >>> limit_days("on_time_last_d")
    211
    """
    return int(rule_limits()[key].number)


def limits_in(text: str, place: str) -> tuple[RuleLimit, ...]:
    """The limits that a condition names, each once; UnknownName with the nearest names for another."""
    names = list(dict.fromkeys(_NAME.findall(text)))
    for name in names:
        if name not in rule_limits():
            raise UnknownName(place, "limit", name, rule_limits())
    return tuple(rule_limits()[name] for name in names)


def filled(text: str, place: str) -> str:
    """The condition with the numbers of its limits.

    >>> filled("crcl_mL_min < $zoledronate_crcl", "rule")
    'crcl_mL_min < 35'
    """
    numbers = {one.key: f"{one.number:g}" for one in limits_in(text, place)}
    return _NAME.sub(lambda name: numbers[name[1]], text)
