"""What rules, limits and the monograph were read in: one table of sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bonecast.care.variables import table
from bonecast.errors import UnknownName


@dataclass(frozen=True)
class RuleSource:
    """Where something was read: a label, a guideline or a paper.

    Parameters
    ----------
    key : str
        Key.
    year : int, optional
        Year of publication; None where the text has none.
    text : str
        Short citation.
    where : str
        DOI, PMC or PubMed id, number of a label, or title where there is none.
    locator : str
        Section, table, figure or page that was read; empty where it was not recorded.
    """

    key: str
    year: int | None
    text: str
    where: str
    locator: str = ""


@cache
def care_sources() -> dict[str, RuleSource]:
    """List every source that rules, limits and the monograph cite, by key.

    Returns
    -------
    dict of str to RuleSource

    Examples
    --------
    >>> care_sources()["lyu-2020"].where
    '10.7326/M20-0882'
    """
    return {
        row["key"]: RuleSource(
            row["key"], int(row["year"]) if row["year"] else None, row["text"], row["where"], row["locator"]
        )
        for row in table("sources.csv")
    }


def find_source(key: str, place: str) -> RuleSource:
    """The source of this key; UnknownName with the nearest keys otherwise."""
    if key not in care_sources():
        raise UnknownName(place, "source", key, care_sources())
    return care_sources()[key]
