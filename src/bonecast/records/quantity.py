"""The catalogue of quantities that a record may state: name, usual unit, accepted units, hard limits."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.errors import UnknownName, close_matches


@dataclass(frozen=True)
class MolarMass:
    """What does a mole weigh? g/mol, with its provenance mark and source."""

    value: float
    mark: str
    source: str


@dataclass(frozen=True)
class Quantity:
    """One quantity: the usual unit (used inside), the accepted units, the hard limits and their reason.

    `low` and `high` are in the usual unit and guard against mixed-up units only.
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
    """Which quantities can a record state, by name?

    >>> quantities()["CTX"].usual
    'ng/mL'
    """
    room = files("bonecast.records")
    masses = tomllib.loads((room / "molar_masses.toml").read_text("utf-8"))
    catalogue = {
        name: row
        for file in ("quantities.toml", "liver_tests.toml")
        for name, row in tomllib.loads((room / file).read_text("utf-8")).items()
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
            molar_mass=MolarMass(**masses[row["element"]]) if "element" in row else None,
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
    """Which test is meant by this name (any case, any of its usual spellings)?

    Raises UnknownName with the nearest names.

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
    """A name without case, spaces at the ends, and with one space inside: how names are compared."""
    return " ".join(name.casefold().split())
