"""The tests of a liver panel: names, units, and the guard against mixed-up units."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bonecast.errors import UnknownName
from bonecast.records.quantity import Quantity, folded, quantities


@cache
def analytes() -> dict[str, Quantity]:
    """Which tests does a liver panel hold, by name?

    >>> analytes()["bilirubin"].units
    ('mg/dL', 'umol/L')
    """
    return {name: quantities()[name] for name in _table()["tests"]}


@cache
def needs_limit() -> tuple[str, ...]:
    """Which tests are read in multiples of the laboratory's own upper limit, and mean nothing without it?

    >>> needs_limit()
    ('ALT', 'AST', 'ALP', 'GGT', 'bilirubin')
    """
    return tuple(_table()["needs_limit"])


def find_analyte(name: str, place: str = "test") -> Quantity:
    """Which liver test is meant by this name (any case, any of its usual spellings)? Raises UnknownName.

    >>> find_analyte("sgpt").name
    'ALT'
    """
    found = _by_alias().get(folded(name))
    if found is None:
        raise UnknownName(place, "liver test", name, [*analytes()])
    return found


@cache
def _by_alias() -> dict[str, Quantity]:
    return {folded(word): one for one in analytes().values() for word in (one.name, *one.aliases)}


@cache
def _table() -> dict:
    return tomllib.loads((files("bonecast.liver") / "analytes.toml").read_text("utf-8"))
