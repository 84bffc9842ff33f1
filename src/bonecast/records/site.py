"""Where bone density was measured, and on whose scanner."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from bonecast.errors import UnknownName
from bonecast.records.quantity import folded


@cache
def _spellings(kind: str) -> dict[str, str]:
    """Every spelling of a site or scanner, as written in the catalogue, to its name."""
    text = (files("bonecast.records") / "sites.toml").read_text("utf-8")
    return {
        spelling: name
        for name, row in tomllib.loads(text)[kind].items()
        for spelling in (name, *row["aliases"])
    }


@cache
def site_names() -> tuple[str, ...]:
    """List the sites at which bone density is measured.

    Returns
    -------
    tuple of str
        Names.

    Examples
    --------
    >>> site_names()[0]
    'lumbar spine'
    """
    text = (files("bonecast.records") / "sites.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["site"])


def find_site(name: str, place: str = "site") -> str:
    """Find a BMD site.

    Parameters
    ----------
    name : str
        Name or abbreviation.
    place : str
        Where it was given, for the error.

    Returns
    -------
    str
        Name of the site.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.

    Examples
    --------
    >>> find_site("TH")
    'total hip'
    """
    return _find("site", name, place)


def find_scanner(name: str, place: str = "scanner") -> str:
    """Find the maker of a DXA scanner.

    Parameters
    ----------
    name : str
        Name; a model name after the maker's is accepted.
    place : str
        Where it was given, for the error.

    Returns
    -------
    str
        Name of the maker.

    Raises
    ------
    UnknownName
        If there is none of this name, with the nearest names.

    Examples
    --------
    >>> find_scanner("Hologic Horizon A")
    'Hologic'
    """
    known = {folded(spelling): maker for spelling, maker in _spellings("scanner").items()}
    maker = known.get(folded(name).split(" ")[0])
    return maker or _find("scanner", name, place)


def _find(kind: str, name: str, place: str) -> str:
    known = {folded(spelling): found for spelling, found in _spellings(kind).items()}
    if folded(name) not in known:
        raise UnknownName(place, kind, name, _spellings(kind))
    return known[folded(name)]
