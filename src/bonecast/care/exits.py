"""What can follow denosumab: each exit drug with the act that judges it and what it is called on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bonecast.care.check import NOT_SET_ASIDE, Check, case_of, check_case
from bonecast.care.overrides import Override
from bonecast.care.variables import Value, table
from bonecast.drugs import find_drug
from bonecast.errors import UnknownName
from bonecast.records import Patient


@dataclass(frozen=True)
class Exit:
    """One drug that can follow: its act in the rules, what the rules call the drug, and its name for the person."""

    name: str
    drug: str
    action: str
    target_drug: str
    bisphosphonate: bool
    label: str


@cache
def exits() -> dict[str, Exit]:
    """What can follow denosumab, by name.

    >>> exits()["zoledronate"].action
    'switch_zoledronate'
    """
    return {
        row["name"]: Exit(
            row["name"],
            row["drug"],
            row["action"],
            row["target_drug"],
            row["bisphosphonate"] == "yes",
            row["label"],
        )
        for row in table("exits.csv")
    }


def find_exit(name: str, place: str = "--exit") -> Exit:
    """The exit drug of this name, or of this product name. Raises UnknownName.

    Ibandronate without a form is the tablet.

    >>> find_exit("Aclasta").name, find_exit("ibandronate").name
    ('zoledronate', 'ibandronate tablet')
    """
    spoken = name.strip().replace("-", " ").casefold()
    if spoken in exits():
        return exits()[spoken]
    try:
        agent = find_drug(name, place).generic
    except UnknownName:
        agent = ""
    for one in exits().values():
        if one.drug == agent:
            return one
    raise UnknownName(place, "exit drug", name, exits())


def check_exit(
    patient: Patient,
    exit_drug: Exit,
    jurisdiction: str | None,
    on: dt.date,
    overrides: Iterable[Override] = (),
) -> Check:
    """What do the rules say of this drug after the last injection, on the day on which it would start?"""
    facts: dict[str, Value | str] = {
        "target_drug": exit_drug.target_drug,
        "followon_antiresorptive_planned": True,
    }
    case = case_of(patient, exit_drug.action, jurisdiction, on, facts)
    return check_with(case, overrides)


def check_with(case, overrides: Iterable[Override]) -> Check:
    """The check of a case with those overrides whose rule fires and can be overridden."""
    plain = check_case(case)
    fired = {finding.rule for finding in plain.findings} - set(NOT_SET_ASIDE)
    applied = [one for one in overrides if one.rule in fired]
    return check_case(case, applied) if applied else plain
