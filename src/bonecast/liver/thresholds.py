"""Every limit that this room compares with, by name, and the tables of this room: each with mark and source."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import EVIDENCE_GRADES


@dataclass(frozen=True)
class Threshold:
    """One limit with its provenance.

    Parameters
    ----------
    name : str
        The name used in the code and in JSON results.
    meaning : str
        What is compared with it.
    value : float
        The number.
    unit : str
        Its unit; "xULN" is a multiple of the upper limit of normal.
    mark : str
        Provenance, one of `bonecast.core.EVIDENCE_GRADES`.
    source : str
        Where the number was read.
    """

    name: str
    meaning: str
    value: float
    unit: str
    mark: str
    source: str


@cache
def thresholds() -> dict[str, Threshold]:
    """Read all limits, by name.

    Returns
    -------
    One `Threshold` for each name.

    Raises
    ------
    ValueError
        A limit without source, mark or unit (a fault of the table, not of the user).

    Examples
    --------
    >>> thresholds()["case_alt"].value, thresholds()["case_alt"].mark
    (5.0, 'published')
    """
    data = toml_table("thresholds.toml")
    limits = {}
    for name, row in data["threshold"].items():
        if row["mark"] not in EVIDENCE_GRADES or row["source"] not in data["source"] or not row["unit"]:
            raise ValueError(f"thresholds.toml, {name}: source, mark and unit must all be given")
        limits[name] = Threshold(name, **{**row, "source": data["source"][row["source"]]})
    return limits


def limit(name: str) -> float:
    """Return the value of one limit.

    >>> limit("hy_bilirubin")
    2.0
    """
    return thresholds()[name].value


def sourced_rows(name: str) -> list[dict[str, str]]:
    """Read the rows of a CSV table of this room. Raises ValueError for a row without source or mark."""
    rows = list(csv.DictReader(_text(name).splitlines()))
    if any(row["mark"] not in EVIDENCE_GRADES or not row["source"] for row in rows):
        raise ValueError(f"{name}: source and mark must both be given")
    return rows


def toml_table(name: str) -> dict:
    """Read a TOML table of this room."""
    return tomllib.loads(_text(name))


def _text(name: str) -> str:
    return (files("bonecast.liver") / name).read_text("utf-8")
