"""What can follow denosumab: each exit drug with the act that judges it and what it is called on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bonecast.care.check import NOT_OVERRIDABLE, Check, case_of, check_case
from bonecast.care.overrides import Override
from bonecast.care.variables import Value, table
from bonecast.drugs import Drug, Treatment, all_drugs, find_drug
from bonecast.errors import UnknownName
from bonecast.records import Patient


@dataclass(frozen=True)
class Exit:
    """A drug that can follow denosumab.

    Parameters
    ----------
    name : str
        Name, with the form where there are several.
    drug : str
        Agent, as the catalogue names it.
    action : str
        Act that gives it, as the rules name it.
    target_drug : str
        Drug, as the rules name it.
    bisphosphonate : bool
        Whether it is a bisphosphonate.
    label : str
        Drug as the leaflet names it, such as "a drip of zoledronate".
    """

    name: str
    drug: str
    action: str
    target_drug: str
    bisphosphonate: bool
    label: str


@cache
def exits() -> dict[str, Exit]:
    """List the drugs that can follow denosumab.

    Returns
    -------
    dict of str to Exit
        Name to exit drug.

    Examples
    --------
    >>> exits()["zoledronate"].action
    'switch_zoledronate'
    """
    given = {one.name: (drug, one) for drug in all_drugs() for one in drug.treatments}
    return {
        row["name"]: _exit(row["name"], row["label"], *given[row["target_drug"]])
        for row in table("exits.csv")
    }


def _exit(name: str, label: str, drug: Drug, treatment: Treatment) -> Exit:
    is_bisphosphonate = drug.drug_class == "bisphosphonate"
    return Exit(name, drug.generic, treatment.action, treatment.name, is_bisphosphonate, label)


def find_exit(name: str, place: str = "--exit") -> Exit:
    """Find an exit drug by agent or product name.

    Ibandronate without a form is the tablet.

    Parameters
    ----------
    name : str
        Agent or product name.
    place : str
        Where the name stands, for the error.

    Returns
    -------
    Exit
        The exit drug.

    Raises
    ------
    UnknownName
        If no exit drug has this name.

    Examples
    --------
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
    fired = {finding.rule for finding in plain.findings} - set(NOT_OVERRIDABLE)
    applied = [one for one in overrides if one.rule in fired]
    return check_case(case, applied) if applied else plain
