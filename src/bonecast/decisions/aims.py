"""Aims: what a choice between options is judged by, and the smallest difference that matters."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import numpy as np

from bonecast.core import table
from bonecast.errors import UnknownName


@dataclass(frozen=True)
class Aim:
    """What options are ranked by.

    Parameters
    ----------
    name : str
        Short name.
    title : str
        Name in words.
    unit : str
        Unit of the outcome.
    better : {"less", "more"}
        Whether "less" or "more" of it is better.
    margin : float
        A difference of no more than this does not matter, in `unit`.
    mark : str
        Provenance of the margin.
    source : str
        Where the margin was read.
    """

    name: str
    title: str
    unit: str
    better: Literal["less", "more"]
    margin: float
    mark: str
    source: str

    def cost(self, values: np.ndarray) -> np.ndarray:
        """The values so that less is better."""
        return values if self.better == "less" else -values


def find_aim(name: str, place: str = "best-by") -> Aim:
    """Find an aim by name.

    Parameters
    ----------
    name : str
        Short name.
    place : str
        Where the name stands, for the error message.

    Returns
    -------
    The aim.

    Raises
    ------
    UnknownName
        No aim has this name; the nearest names are given.

    Examples
    --------
    >>> find_aim("hip-bmd").better
    'more'
    """
    if name not in AIMS:
        raise UnknownName(place, "aim", name, AIMS)
    return AIMS[name]


def _read() -> dict[str, Aim]:
    aims = table(files("bonecast.decisions") / "aims.toml", Aim)
    for name, aim in aims.items():
        if aim.better not in ("less", "more") or aim.margin < 0:
            raise ValueError(f"aims.toml, {name}: better or margin is wrong")
    return aims


AIMS = _read()
