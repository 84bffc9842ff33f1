"""LiverTox: how likely a drug is a cause of liver injury at all, and what is on file of a drug."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import gettext, rows
from bonecast.drugs import all_drugs
from bonecast.errors import InputError, UnknownName

DEFAULT_SYSTEM = "bjornsson-hoofnagle-2016"  # complete and without gaps; its text is LiverTox's


@dataclass(frozen=True)
class Report:
    """One published report of liver injury."""

    name: str
    words: str
    mark: str
    source: str


@dataclass(frozen=True)
class Likelihood:
    """A LiverTox likelihood category and how it was reached.

    Parameters
    ----------
    category : str
        A to E, E* or X, with [HD] for high doses only.
    name : str
        The category in words.
    system : str
        The counting system.
    cases : int
        The number of convincing cases.
    mark, source : str
        Provenance.
    caveat : str
        What limits it; empty where nothing does.
    """

    category: str
    name: str
    system: str
    cases: int
    mark: str
    source: str
    caveat: str = ""


@dataclass(frozen=True)
class LiverToxEntry:
    """The published category of a drug, the count of the reports on file, and why the two differ.

    Parameters
    ----------
    published : str
        The category that LiverTox prints.
    published_words : str
        Its wording there.
    mark, source : str
        Provenance of the published category.
    recount : Likelihood
        The category by the count of `reports`.
    why : str
        Why the two differ.
    reports : tuple of Report
        The published reports of cases.
    """

    published: str
    published_words: str
    mark: str
    source: str
    recount: Likelihood
    why: str
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class HepatotoxicityRecord:
    """What is on file of one drug as a cause of liver injury; each statement has its mark and source."""

    drug: str
    hepatotoxicity: str
    hepatotoxicity_why: str
    hepatotoxicity_mark: str
    hepatotoxicity_source: str
    slow: bool
    slow_why: str
    slow_mark: str
    slow_source: str
    livertox: LiverToxEntry


def likelihood(
    cases: int,
    suspected: bool = False,
    enough_use: bool = True,
    signature: bool | None = None,
    high_dose: bool = False,
    system: str = DEFAULT_SYSTEM,
) -> Likelihood:
    """Give the LiverTox category of a number of convincing cases.

    Too little use: X. No case, but suspected: E*. Else by count, in the system named: 2016 counts are A >= 50,
    B 12 to 49, C 4 to 11, D 1 to 3, E none. A and B also need a recognisable signature: without one it is C at
    most. Source: Bjornsson & Hoofnagle 2016, LiverTox [published]; X and E* before the count, C without a
    signature [assumption]; [HD] [recalled].

    Parameters
    ----------
    cases : int
        Number of convincing cases.
    suspected : bool
        Whether the drug is suspected without a case.
    enough_use : bool
        Whether the drug was used enough to judge.
    signature : bool, optional
        Whether the injury has a recognisable signature; None where it is not stated.
    high_dose : bool
        Whether only high doses cause it.
    system : str
        "bjornsson-hoofnagle-2016", "livertox-text" or "hepatology-2010".

    Returns
    -------
    The category with its source.

    Raises
    ------
    InputError
        A count below zero, or a system that is not known.

    Examples
    --------
    >>> [likelihood(n).category for n in (50, 49, 12, 11, 4, 3, 1, 0)]
    ['A', 'B', 'B', 'C', 'C', 'D', 'D', 'E']
    >>> likelihood(0, suspected=True).category, likelihood(3, system="livertox-text").category
    ('E*', 'C')
    """
    if cases < 0:
        raise InputError("cases", f"there cannot be {cases}", "count the convincing cases; 0 for none")
    if system not in systems():
        raise UnknownName("system", "counting system", system, systems())
    count = next(row for row in _counts() if row["system"] == system and _holds(row, cases))
    category, caveat = count["category"], ""
    if not enough_use:
        category, caveat = "X", gettext("too little use to judge, whatever the count")
    elif cases == 0 and suspected:
        category = "E*"
    elif category in ("A", "B") and signature is None:
        caveat = gettext(
            "{category} also needs a recognisable signature, which was not stated", category=category
        )
    elif category in ("A", "B") and not signature:
        category, caveat = (
            "C",
            gettext("the count gives {category}, which needs a recognisable signature", category=category),
        )
    text = _categories()[category]
    source = count["source"] if category in "ABCDE" else text["source"]
    name = f"{category}[HD]" if high_dose and category in "ABCD" else category
    return Likelihood(name, text["name"], system, cases, text["mark"], source, caveat)


def livertox_entry(drug: str) -> LiverToxEntry | None:
    """Look up a drug: what LiverTox prints, and what the reports on file come to.

    Parameters
    ----------
    drug : str
        Generic name.

    Returns
    -------
    The entry; None for a drug that is not on file.

    Examples
    --------
    >>> denosumab = livertox_entry("denosumab")
    >>> denosumab.published, denosumab.recount.category
    ('E*', 'D')
    """
    record = hepatotoxicity_record(drug)
    return record.livertox if record is not None else None


def hepatotoxicity_record(drug: str | None) -> HepatotoxicityRecord | None:
    """What is on file of this drug; None where nothing is.

    >>> hepatotoxicity_record("denosumab").slow
    True
    """
    known = {one.generic: one.liver for one in all_drugs() if one.liver}
    if drug not in known:
        return None
    row = dict(known[drug])
    reports = tuple(Report(**report) for report in row.pop("report"))
    entry = LiverToxEntry(**row.pop("livertox"), recount=likelihood(len(reports)), reports=reports)
    return HepatotoxicityRecord(drug=drug, livertox=entry, **row)


@cache
def systems() -> tuple[str, ...]:
    """The counting systems, by name."""
    return tuple(dict.fromkeys(row["system"] for row in _counts()))


def _holds(row: dict[str, str], cases: int) -> bool:
    return int(row["from_cases"]) <= cases and (not row["to_cases"] or cases <= int(row["to_cases"]))


@cache
def _counts() -> tuple[dict[str, str], ...]:
    return rows(files("bonecast.liver") / "livertox_counts.csv", dict)


@cache
def _categories() -> dict[str, dict[str, str]]:
    return {row["category"]: row for row in rows(files("bonecast.liver") / "livertox_categories.csv", dict)}
