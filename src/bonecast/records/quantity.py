"""The catalogue of quantities that a record may state: name, usual unit, accepted units, hard limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import table, toml
from bonecast.errors import UnknownName, close_matches


@dataclass(frozen=True)
class MolarMass:
    """Molar mass of a substance.

    Parameters
    ----------
    value : float
        In g/mol.
    mark : str
        Evidence grade.
    source : str
        Where it was read.
    """

    value: float
    mark: str
    source: str


@dataclass(frozen=True)
class Quantity:
    """One quantity: its units and its limits.

    Parameters
    ----------
    name : str
        Name.
    meaning : str
        What it is.
    usual : str
        Usual unit, which is used inside.
    units : tuple of str
        Accepted units.
    low : float
        Lower hard limit in the usual unit, which guards against mixed-up units only.
    high : float
        Upper hard limit in the usual unit.
    why : str
        Reason for the limits.
    aliases : tuple of str
        Other spellings of the name.
    is_test : bool
        Whether it is a laboratory test or BMD.
    molar_mass : MolarMass, optional
        For conversion between mass and moles.
    """

    name: str
    meaning: str
    usual: str
    units: tuple[str, ...]
    low: float
    high: float
    why: str
    aliases: tuple[str, ...]
    is_test: bool
    molar_mass: MolarMass | None = None


@cache
def quantities() -> dict[str, Quantity]:
    """List the quantities that a record can state.

    Returns
    -------
    dict of str to Quantity
        Name to quantity.

    Examples
    --------
    >>> quantities()["CTX"].usual
    'ng/mL'
    """
    room = files("bonecast.records")
    masses = table(room / "molar_masses.toml", MolarMass)
    catalogue = {
        name: row
        for file in ("quantities.toml", "liver_tests.toml")
        for name, row in toml(room / file).items()
    }
    return {
        name: Quantity(
            name=name,
            meaning=row["meaning"],
            usual=row["usual"],
            units=tuple(row["units"]),
            low=row["low"],
            high=row["high"],
            why=row["why"],
            aliases=tuple(row["aliases"]),
            is_test=row.get("asked_of") != "person",
            molar_mass=masses[row["element"]] if "element" in row else None,
        )
        for name, row in catalogue.items()
    }


@cache
def _tests_by_alias() -> dict[str, Quantity]:
    """Every spelling of every test, folded, to the test."""
    return {
        folded(spelling): quantity
        for quantity in quantities().values()
        if quantity.is_test
        for spelling in (quantity.name, *quantity.aliases)
    }


def find_test(name: str, place: str = "test") -> Quantity:
    """Find a test by any of its usual spellings, in any case.

    Parameters
    ----------
    name : str
        Name of the test.
    place : str
        Where it was given, for the error.

    Returns
    -------
    Quantity
        The test.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.

    Examples
    --------
    >>> find_test("25OHD").name
    '25-OH vitamin D'
    """
    found = _tests_by_alias().get(folded(name))
    if found is not None:
        return found
    tests = [quantity for quantity in quantities().values() if quantity.is_test]
    spellings = [spelling for test in tests for spelling in (test.name, *test.aliases)]
    # With nothing near, the tests themselves help more than all their spellings.
    known = spellings if close_matches(name, spellings) else [test.name for test in tests]
    raise UnknownName(place, "test", name, known)


def folded(name: str) -> str:
    """Fold a name for comparison.

    Parameters
    ----------
    name : str
        A name.

    Returns
    -------
    str
        Without case and spaces at the ends, with one space inside.
    """
    return " ".join(name.casefold().split())
