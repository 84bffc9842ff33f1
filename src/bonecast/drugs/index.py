"""From a name to its agent. The files of the catalogue are read once, when the first name is looked up."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bonecast.drugs.drug import Drug
from bonecast.drugs.reader import read_drug
from bonecast.errors import UnknownName, close_matches


@cache
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
    folder = files("bonecast.drugs") / "catalogue"
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted((read_drug(text) for text in texts), key=lambda drug: drug.generic))


@cache
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
    return tuple(sorted((name for drug in all_drugs() for name in drug.names), key=str.casefold))


def find_drug(name: str, place: str = "drug") -> Drug:
    """Find the agent of a name.

    Parameters
    ----------
    name : generic, product or suffixed name, in any case.
    place : where the name stands, for the error message.

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
    drug = _by_name().get(_key(name))
    if drug is None:
        # With nothing near, a list of agents helps more than a list of brands.
        known = (
            drug_names() if close_matches(name, drug_names()) else [agent.generic for agent in all_drugs()]
        )
        raise UnknownName(place, "drug", name, known)
    return drug


@cache
def _by_name() -> dict[str, Drug]:
    by_name: dict[str, Drug] = {}
    for drug in all_drugs():
        for name in drug.names:
            owner = by_name.setdefault(_key(name), drug)
            if owner is not drug:
                raise ValueError(f"'{name}' names both {owner.generic} and {drug.generic} in the catalogue")
    return by_name


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
