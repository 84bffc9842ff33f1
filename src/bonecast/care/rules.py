"""The rules: read once, every condition type-checked, every source and disagreement looked up.

The rules of a drug lie in its folder of the catalogue (`drugs/catalogue/zoledronate/rules.csv`), those of a class and
of every act in the table of this room.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from bonecast.care.limits import RuleLimit, filled, limits_in
from bonecast.care.sources import RuleSource, find_source
from bonecast.care.variables import read_condition, table
from bonecast.core import EVIDENCE_GRADES, Condition
from bonecast.drugs import all_drugs
from bonecast.errors import InputError, UnknownName

Severity = Literal["block", "warn", "inform"]
SEVERITIES: tuple[Severity, ...] = ("block", "warn", "inform")
JURISDICTIONS = ("US", "EU", "UK", "CA", "AU")


@dataclass(frozen=True)
class Rule:
    """One rule, as its row in the table states it.

    Parameters
    ----------
    id : str
        Id.
    topic : str
        Topic, such as "discontinuation".
    severity : str
        "block", "warn" or "inform".
    condition : Condition
        When it fires, as read from `text`.
    text : str
        Condition as the table states it, with the numbers of its limits.
    limits : tuple of RuleLimit
        The numbers that it compares with, each with the claim and the source that it was taken from.
    advice : str
        What to do where it fires.
    strength : str
        Strength of the advice in its source, such as "labelled contraindication".
    source : RuleSource
        Where it was read.
    mark : str
        Evidence grade: "published" where the source was read, "recalled" where it was not verified, "assumption" for
        an inference of this project.
    jurisdictions : tuple of str
        Where the source applies; ("ALL",) for most. Only the condition decides whether the rule fires.
    disagrees_with : tuple of str
        Ids of the rules with another answer to the same question; a disagreement holds in both directions.
    review_by : date
        Day by which the rule is reviewed again.
    """

    id: str
    topic: str
    severity: Severity
    condition: Condition
    text: str
    limits: tuple[RuleLimit, ...]
    advice: str
    strength: str
    source: RuleSource
    mark: str
    jurisdictions: tuple[str, ...]
    disagrees_with: tuple[str, ...]
    review_by: dt.date

    @property
    def binding(self) -> bool:
        """Does it keep an act from being done? A block with a source or a limit that is only recalled is advice."""
        grades = (self.mark, *(one.mark for one in self.limits))
        return self.severity == "block" and "recalled" not in grades


def rules() -> dict[str, Rule]:
    """List every rule: those of all acts and classes, then those of the drugs in alphabetical order.

    Returns
    -------
    dict of str to Rule
        Id to rule.

    Raises
    ------
    InputError
        If a row of a table, or of a drug from a plug-in, is not valid.

    Examples
    --------
    >>> rules()["CI-01"].severity, len(rules()) > 200
    ('block', True)
    """
    return _rules(tuple(drug.generic for drug in all_drugs()))


@cache
def _rules(drugs: tuple[str, ...]) -> dict[str, Rule]:
    return read_rules([*table("rules.csv"), *(dict(row) for drug in all_drugs() for row in drug.rules)])


def read_rules(rows: list[dict[str, str]]) -> dict[str, Rule]:
    """The rules of these rows; each fault names the rule."""
    ids = [row["id"] for row in rows]
    for twice in {one for one in ids if ids.count(one) > 1}:
        raise InputError(f"rules.csv, {twice}", "two rules have this id", "rename one")
    against = _disagreements(rows)
    return {row["id"]: _rule(row, against[row["id"]]) for row in rows}


def find_rule(rule_id: str, place: str = "rule") -> Rule:
    """Find a rule by its id.

    Parameters
    ----------
    rule_id : str
        Id of the rule.
    place : str
        Where the id stands, for the error.

    Returns
    -------
    Rule
        The rule.

    Raises
    ------
    UnknownName
        If there is no such rule; the error has the nearest ids.

    Examples
    --------
    >>> find_rule("DC-01").severity
    'block'
    """
    if rule_id not in rules():
        raise UnknownName(place, "rule", rule_id, rules())
    return rules()[rule_id]


def _disagreements(rows: list[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    """A disagreement has two sides, whichever of the two rows names it."""
    found: dict[str, list[str]] = {row["id"]: row["disagrees_with"].split() for row in rows}
    for row in rows:
        for other in row["disagrees_with"].split():
            if other not in found:
                raise UnknownName(f"rules.csv, {row['id']}, disagrees_with", "rule", other, found)
            if row["id"] not in found[other]:
                found[other].append(row["id"])
    return {rule_id: tuple(others) for rule_id, others in found.items()}


def _rule(row: dict[str, str], against: tuple[str, ...]) -> Rule:
    place = f"rules.csv, {row['id']}"
    places = tuple(row["jurisdiction"].split())
    for given, known, kind in (
        (row["severity"], SEVERITIES, "severity"),
        (row["mark"], EVIDENCE_GRADES, "mark"),
        *((one, (*JURISDICTIONS, "ALL"), "jurisdiction") for one in places),
    ):
        if given not in known:
            raise UnknownName(place, kind, given, known)
    text = filled(row["condition"], place)
    return Rule(
        row["id"],
        row["topic"],
        cast(Severity, row["severity"]),
        read_condition(text, place),
        text,
        limits_in(row["condition"], place),
        row["advice"],
        row["strength"],
        find_source(row["source"], f"{place}, source"),
        row["mark"],
        places,
        against,
        dt.date.fromisoformat(row["review_by"]),
    )
