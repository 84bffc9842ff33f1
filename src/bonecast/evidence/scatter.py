"""How far trials of like persons lie apart: the part of an interval that no number of persons makes smaller."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import table
from bonecast.evidence.endpoint import EndpointClass


@dataclass(frozen=True)
class TrialScatter:
    """SD between trials of one class of endpoints; one of `points` and `log` is above zero.

    Parameters
    ----------
    mark : str
        Evidence grade.
    source : str
        Where it comes from.
    points : float
        In the unit of the endpoint.
    log : float
        Of the logarithm.
    """

    mark: str
    source: str
    points: float = 0.0
    log: float = 0.0


@cache
def scatter(kind: EndpointClass) -> TrialScatter:
    """Return the SD between trials of a class of endpoints.

    Parameters
    ----------
    kind : EndpointClass
        Class of endpoints.

    Returns
    -------
    TrialScatter
        The SD, with its source.

    Examples
    --------
    >>> scatter("BMD").points > 0 and scatter("fracture").log > 0
    True
    """
    found = table(files("bonecast.evidence") / "scatter.toml", TrialScatter)[kind]
    if (found.points > 0) == (found.log > 0):
        raise ValueError(f"scatter.toml, {kind}: either points or log")
    return found
