"""Every limit that this room compares with, by name, with its evidence grade and source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bonecast.core import sourced, toml


@dataclass(frozen=True)
class LiverThreshold:
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
def thresholds() -> dict[str, LiverThreshold]:
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
    data = toml(files("bonecast.liver") / "thresholds.toml")
    limits = {}
    for name, row in data["threshold"].items():
        place = f"thresholds.toml, {name}"
        limit = sourced(row, LiverThreshold, place, name, data["source"])
        if not limit.unit:
            raise ValueError(f"{place}: a unit must be given")
        limits[name] = replace(limit, source=data["source"][limit.source])
    return limits


def limit(name: str) -> float:
    """Return the value of one limit.

    >>> limit("hy_bilirubin")
    2.0
    """
    return thresholds()[name].value
