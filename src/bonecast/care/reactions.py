"""Adverse reactions: rates in both arms on one denominator, onset, signs, and what a symptom in a record leads to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.care.rules import find_rule
from bonecast.care.variables import Value, table
from bonecast.core import EVIDENCE_GRADES, gettext
from bonecast.errors import UnknownName
from bonecast.records import known_facts

# What multiplies a rate to give a number of 1,000 people, or of 1,000 people followed for a year.
_PER_1000 = {"percent": 10.0, "per 100 person-years": 10.0, "per 10,000 person-years": 0.1}
_ROUNDED = 5.0  # of 1,000: a percentage printed without decimals


@dataclass(frozen=True)
class Rate:
    """One row of a study: how many had the reaction on denosumab and on the comparator.

    drug_per_1000, comparator_per_1000 : of 1,000 people, or of 1,000 followed for a year (`per_year`); None where
        the study gives no such figure; `wording` then holds what it says.
    """

    heading: str
    reaction: str
    study: str
    dose_mg: int | None
    comparator: str
    drug_per_1000: float | None
    comparator_per_1000: float | None
    per_year: bool
    counts: str
    months: str
    wording: str
    note: str
    source: str
    mark: str

    def __str__(self) -> str:
        """The row in words, both arms on one denominator."""
        if self.drug_per_1000 is None:
            return self.wording or self.note or gettext("frequency not known")
        of = "1,000 people a year" if self.per_year else "1,000 people"
        said = gettext("{shown} of {of} on denosumab", shown=_shown(self.drug_per_1000), of=of)
        if self.comparator_per_1000 is not None:
            said += f", {_shown(self.comparator_per_1000)} of {of} on {self.comparator}"
        return said


@dataclass(frozen=True)
class Heading:
    """A group of reactions. `corrected` is what holds where a common text does not; `claims` are such texts' ids."""

    key: str
    title: str
    onset: str
    signs: str
    raises: str
    corrected: str
    symptoms: tuple[str, ...]
    rules: tuple[str, ...]
    claims: tuple[str, ...]
    mark: str
    rates: tuple[Rate, ...]


@dataclass(frozen=True)
class Symptom:
    """A symptom that the record gives, and the reaction that it may point to.

    Parameters
    ----------
    fact : str
        Name of the fact.
    heading : str
        Key of the reaction.
    title : str
        Its name.
    signs : str
        What to report.
    rules : tuple of str
        The rules about it.
    """

    fact: str
    heading: str
    title: str
    signs: str
    rules: tuple[str, ...]


@cache
def headings() -> dict[str, Heading]:
    """List the adverse reactions by group.

    Returns
    -------
    dict of str to Heading
        Key to group.

    Examples
    --------
    >>> str(headings()["pain"].rates[0])
    '347 of 1,000 people on denosumab, 346 of 1,000 people on placebo'
    """
    rows = tomllib.loads((files("bonecast.care") / "reaction_headings.toml").read_text("utf-8"))
    rates = [_rate(row, rows) for row in table("reactions.csv")]
    return {key: _heading(key, row, rates) for key, row in rows.items()}


def symptoms_in(facts: Mapping[str, Value]) -> tuple[Symptom, ...]:
    """Which reactions do these facts of a record point to?

    >>> [one.title for one in symptoms_in({"jaw_symptoms": True})]
    ['Osteonecrosis of the jaw or the ear canal']
    """
    found = []
    for heading in headings().values():
        for symptom in heading.symptoms:
            fact, _, value = symptom.partition("=")
            given = facts.get(fact)
            if given == value or (not value and given not in (None, False, "none")):
                found.append(Symptom(fact, heading.key, heading.title, heading.signs, heading.rules))
    return tuple(found)


def _shown(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _per_1000(row: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Both arms of a row. Counts say more than a rounded percentage, but not where that was weighted.

    A rate over person-years has no count to go by.
    """
    arms = (("drug", "drug"), ("comparator", "comparator_value"))
    printed = [float(row[v]) * _PER_1000[row["measure"]] if row[v] else None for _, v in arms]
    counted = [
        1000.0 * int(row[f"{arm}_events"]) / int(row[f"{arm}_n"]) if row[f"{arm}_events"] else None
        for arm, _ in arms
    ]
    both = zip(printed, counted, strict=True)
    if row["measure"] == "percent" and all(
        p is None or (c is not None and abs(c - p) <= _ROUNDED) for p, c in both
    ):
        return counted[0], counted[1]
    return printed[0], printed[1]


def _counts(row: dict[str, str]) -> str:
    """Events over people in each arm that gives them."""
    arms = [
        f"{row[f'{arm}_events']}/{row[f'{arm}_n']}" for arm in ("drug", "comparator") if row[f"{arm}_events"]
    ]
    return " against ".join(arms)


def _rate(row: dict[str, str], known: Mapping[str, Any]) -> Rate:
    place = f"reactions.csv, {row['reaction']}, {row['study']}"
    for given, names, kind in (
        (row["heading"], known, "heading"),
        (row["measure"], (*_PER_1000, "wording"), "measure"),
        (row["mark"], EVIDENCE_GRADES, "mark"),
    ):
        if given not in names:
            raise UnknownName(place, kind, given, names)
    drug, other = _per_1000(row)
    return Rate(
        row["heading"],
        row["reaction"],
        row["study"],
        int(row["dose_mg"]) if row["dose_mg"] else None,
        row["comparator"],
        drug,
        other,
        "years" in row["measure"],
        _counts(row),
        row["months"],
        row["wording"],
        row["note"],
        row["source"],
        row["mark"],
    )


def _heading(key: str, row: dict[str, Any], rates: list[Rate]) -> Heading:
    place = f"reaction_headings.toml, {key}"
    kept = {fact.kept_as for fact in known_facts().values()}
    for symptom in row["symptoms"]:
        if symptom.partition("=")[0] not in kept:
            raise UnknownName(place, "fact", symptom, kept)
    for rule_id in row["rules"]:
        find_rule(rule_id, place)
    return Heading(
        key,
        row["title"],
        row["onset"],
        row["signs"],
        row["raises"],
        row["corrected"],
        tuple(row["symptoms"]),
        tuple(row["rules"]),
        tuple(row["claims"]),
        row["mark"],
        tuple(rate for rate in rates if rate.heading == key),
    )
