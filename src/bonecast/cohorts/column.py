"""The covariates of a virtual person: their names, units, ranges, and the facts of a model that they give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from bonecast.core import toml
from bonecast.errors import UnknownName


@dataclass(frozen=True)
class Column:
    """One covariate: a number with a unit and a range, or without them a yes or no.

    Parameters
    ----------
    name, label : str
        As in tables, and for people.
    unit : str
        Empty for a yes or no.
    low, high : float
        The range that is possible, in `unit`.
    usual : float
        What everybody has of whom nothing else is said.
    fact : str
        The name under which models know it, empty where none does.
    """

    name: str
    label: str
    unit: str = ""
    low: float = -np.inf
    high: float = np.inf
    usual: float = 0.0
    fact: str = ""

    @property
    def is_number(self) -> bool:
        """Does it hold a number?"""
        return self.unit != ""


@cache
def columns() -> dict[str, Column]:
    """Every covariate by name.

    Returns
    -------
    dict of str to Column

    Examples
    --------
    >>> columns()["CTX_ng_mL"].unit
    'ng/mL'
    """
    rows = toml(files("bonecast.cohorts") / "columns.toml")
    return {name: Column(name, **row) for name, row in rows.items()}


def find_column(name: str, place: str) -> Column:
    """The covariate of this name; `UnknownName` with the nearest names otherwise."""
    if name not in columns():
        raise UnknownName(place, "covariate", name, columns())
    return columns()[name]
