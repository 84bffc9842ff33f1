"""From a name to its agent. The folders of the catalogue are read once, when the first name is looked up."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path

from bonecast.core import load_plugins
from bonecast.drugs.drug import Drug
from bonecast.drugs.reader import read_drug, read_drug_folder, rules_beside
from bonecast.errors import InputError, UnknownName, close_matches

ENTRY_POINTS = "bonecast.drugs"  # the group in which other packages announce theirs
_registered: dict[str, Drug] = {}


def register_drug(drug: Drug | str | os.PathLike[str]) -> Drug:
    """Add a drug of your own to the catalogue, for as long as this process lives.

    Its names are then read in records and plans, and what its folder says is used in checks, forecasts and reports. A
    model must support it before it can be simulated: `register_model`. A package that announces its drug (a `Drug`,
    or the path of its folder) in the entry-point group `bonecast.drugs` needs no call.

    Parameters
    ----------
    drug : Drug or str or path
        The drug, or its folder with a `drug.toml`.

    Returns
    -------
    The drug.

    Raises
    ------
    InputError
        It is no drug, its file breaks the form, or one of its names is taken.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import bonecast as bc
    >>> mine = replace(bc.find_drug("placebo"), generic="new drug", status="investigational")
    >>> bc.register_drug(mine).generic, bc.find_drug("New Drug") is mine
    ('new drug', True)
    """
    if isinstance(drug, str | os.PathLike):
        drug = read_drug_folder(Path(drug))
    if not isinstance(drug, Drug):
        cause = f"an object of type {type(drug).__name__} is no drug"
        raise InputError("register_drug", cause, "give a bonecast Drug or the path of its folder")
    for name in drug.names:
        owner = _by_name().get(_key(name), drug)
        if owner != drug:
            cause = f"the name '{name}' already belongs to {owner.generic}"
            raise InputError("register_drug", cause, "give the drug another name")
    _registered[_key(drug.generic)] = drug
    forget()
    return drug


def forget() -> None:
    """Drop the lists that were made of the drugs so far."""
    for made in (_listed, _by_name, _names):
        made.cache_clear()


def all_drugs() -> tuple[Drug, ...]:
    """List the agents of the catalogue.

    Returns
    -------
    All agents, by generic name.

    Examples
    --------
    >>> [drug.generic for drug in all_drugs()][:3]
    ['abaloparatide', 'alendronate', 'blosozumab']
    """
    load_plugins(ENTRY_POINTS, register_drug)
    return _listed()


def drug_names() -> tuple[str, ...]:
    """List every name that `find_drug` accepts.

    Returns
    -------
    Generic and product names alike, in alphabetical order.

    Examples
    --------
    >>> "Prolia" in drug_names(), "zoledronic acid" in drug_names()
    (True, True)
    """
    load_plugins(ENTRY_POINTS, register_drug)
    return _names()


def is_drug_name(name: str) -> bool:
    """Tell whether `find_drug` accepts a name.

    Parameters
    ----------
    name : str
        Any text.

    Returns
    -------
    bool
        True if it does.

    Examples
    --------
    >>> is_drug_name("PROLIA"), is_drug_name("aspirin")
    (True, False)
    """
    return _drug_named(name) is not None


def find_drug(name: str, place: str = "drug") -> Drug:
    """Find the agent of a name.

    Parameters
    ----------
    name : str
        Generic, product or suffixed name, in any case.
    place : str
        Where the name stands, for the error message.

    Returns
    -------
    The agent.

    Raises
    ------
    UnknownName
        No agent has this name; the nearest names are given.

    Examples
    --------
    >>> find_drug("PROLIA").generic, find_drug("denosumab-bbdz").generic
    ('denosumab', 'denosumab')
    """
    drug = _drug_named(name)
    if drug is None:
        # With nothing near, a list of agents helps more than a list of brands.
        known = (
            drug_names() if close_matches(name, drug_names()) else [agent.generic for agent in all_drugs()]
        )
        raise UnknownName(place, "drug", name, known)
    return drug


def _drug_named(name: str) -> Drug | None:
    key = _key(name)
    if key not in _by_name():
        load_plugins(ENTRY_POINTS, register_drug)
    return _by_name().get(key)


@cache
def _catalogue() -> tuple[Drug, ...]:
    folders = (files("bonecast.drugs") / "catalogue").iterdir()
    return tuple(
        read_drug((folder / "drug.toml").read_text(encoding="utf-8"), rules_beside(folder))
        for folder in folders
        if folder.is_dir()
    )


@cache
def _listed() -> tuple[Drug, ...]:
    return tuple(sorted((*_catalogue(), *_registered.values()), key=lambda drug: drug.generic))


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted((name for drug in _listed() for name in drug.names), key=str.casefold))


@cache
def _by_name() -> dict[str, Drug]:
    by_name: dict[str, Drug] = {}
    for drug in _listed():
        for name in drug.names:
            owner = by_name.setdefault(_key(name), drug)
            if owner is not drug:
                raise ValueError(f"'{name}' names both {owner.generic} and {drug.generic} in the catalogue")
    return by_name


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
