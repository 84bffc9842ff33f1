"""How likely is a drug a cause of liver injury at all? The LiverTox categories, from counts of cases."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.errors import InputError, UnknownName
from bonecast.liver.suspect import Report, find_suspect

DEFAULT_SYSTEM = "bjornsson-hoofnagle-2016"  # complete and without gaps; its text is LiverTox's


@dataclass(frozen=True)
class Likelihood:
    """A category and how it was had: the system that counts, its mark and source, and a caveat where one holds."""

    category: str
    name: str
    system: str
    cases: int
    mark: str
    source: str
    caveat: str = ""


@dataclass(frozen=True)
class Standing:
    """What the source prints for a drug, what the reports on file come to, and why the two differ."""

    published: str
    published_words: str
    mark: str
    source: str
    recount: Likelihood
    why: str
    reports: tuple[Report, ...]


def likelihood(
    cases: int,
    suspected: bool = False,
    enough_use: bool = True,
    signature: bool | None = None,
    high_dose: bool = False,
    system: str = DEFAULT_SYSTEM,
) -> Likelihood:
    """Which category do so many convincing cases give?

    Too little use: X. No case, but suspected: E*. Else by count, in the system named: 2016 counts are A >= 50,
    B 12 to 49, C 4 to 11, D 1 to 3, E none. A and B also need a recognisable signature: without one
    (`signature=False`) it is C at most. `high_dose` adds [HD]. Only "bjornsson-hoofnagle-2016",
    "livertox-text" and "hepatology-2010" are known. Raises InputError for a count below zero.
    Source: Bjornsson & Hoofnagle 2016, LiverTox [published]; X and E* before the count, C without a signature
    [assumption]; [HD] [recalled].

    >>> [likelihood(n).category for n in (50, 49, 12, 11, 4, 3, 1, 0)]
    ['A', 'B', 'B', 'C', 'C', 'D', 'D', 'E']
    >>> likelihood(0, suspected=True).category, likelihood(3, system="livertox-text").category
    ('E*', 'C')
    """
    if cases < 0:
        raise InputError("cases", f"there cannot be {cases}", "count the convincing cases; 0 for none")
    if system not in systems():
        raise UnknownName("system", "counting system", system, systems())
    found = next(row for row in _counts() if row["system"] == system and _holds(row, cases))
    category, caveat = found["category"], ""
    if not enough_use:
        category, caveat = "X", "too little use to judge, whatever the count"
    elif cases == 0 and suspected:
        category = "E*"
    elif category in ("A", "B") and signature is None:
        caveat = f"{category} also needs a recognisable signature, which was not stated"
    elif category in ("A", "B") and not signature:
        category, caveat = "C", f"the count gives {category}, which needs a recognisable signature"
    text = _categories()[category]
    source = found["source"] if category in "ABCDE" else text["source"]
    name = f"{category}[HD]" if high_dose and category in "ABCD" else category
    return Likelihood(name, text["name"], system, cases, text["mark"], source, caveat)


def standing(drug: str) -> Standing | None:
    """What do source and recount say of this drug? None for a drug that is not on file.

    >>> denosumab = standing("denosumab")
    >>> denosumab.published, denosumab.recount.category
    ('E*', 'D')
    """
    suspect = find_suspect(drug)
    if suspect is None or not suspect.likelihood:
        return None
    return Standing(
        suspect.likelihood,
        suspect.likelihood_words,
        suspect.likelihood_mark,
        suspect.likelihood_source,
        likelihood(len(suspect.reports)),
        suspect.likelihood_why,
        suspect.reports,
    )


@cache
def systems() -> tuple[str, ...]:
    """The counting systems, by name."""
    return tuple(dict.fromkeys(row["system"] for row in _counts()))


def _holds(row: dict[str, str], cases: int) -> bool:
    return int(row["from_cases"]) <= cases and (not row["to_cases"] or cases <= int(row["to_cases"]))


@cache
def _counts() -> list[dict[str, str]]:
    return _table("livertox_counts.csv")


@cache
def _categories() -> dict[str, dict[str, str]]:
    return {row["category"]: row for row in _table("livertox_categories.csv")}


def _table(name: str) -> list[dict[str, str]]:
    text = (files("bonecast.liver") / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
