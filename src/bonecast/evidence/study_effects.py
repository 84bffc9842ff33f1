"""How far trials of like persons lie apart: the part of an interval that no number of persons makes smaller.

Of BMD the SD between trials is pooled from replicated results (`heterogeneity.csv`: the same regimen, population, site
and month in two studies or more, with DerSimonian-Laird tau), by site and by whether another disease or its treatment
shapes the bone (androgen deprivation, aromatase inhibitors, glucocorticoids):

    SD^2 = (sum of (studies - 1) tau^2 + 2 tau_all^2) / (sum of (studies - 1) + 2)

so that a site with few groups is drawn to all of BMD.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bonecast.core import table
from bonecast.evidence.endpoint import endpoint_class, site_of

SECONDARY = ("ADT", "AI", "GIOP", "OTHER")
POOLED_AS = 2.0  # studies that all of BMD counts for (assumption)


@dataclass(frozen=True)
class StudyEffect:
    """SD between trials; of BMD in points, of everything else of a logarithm.

    Parameters
    ----------
    mark : str
        Evidence grade.
    source : str
        Where it comes from.
    points : float
        In points of BMD.
    log : float
        Of the logarithm.
    """

    mark: str
    source: str
    points: float = 0.0
    log: float = 0.0


@cache
def study_effect(endpoint: str, population: str = "PMO") -> StudyEffect:
    """Find the SD between trials of an endpoint.

    Parameters
    ----------
    endpoint : str
        Name of an endpoint.
    population : str
        Name of a population.

    Returns
    -------
    StudyEffect
        The SD, with its source.

    Raises
    ------
    KeyError
        If nothing is known of endpoints of this class.

    Examples
    --------
    >>> study_effect("LS_BMD_pct").points > study_effect("FN_BMD_pct").points > 0
    True
    >>> study_effect("hip_fx_cum_pct").log
    0.1
    """
    kind = endpoint_class(endpoint)
    if kind != "BMD":
        return table(files("bonecast.evidence") / "study_effects.toml", StudyEffect)[kind]
    site, secondary = site_of(endpoint), population in SECONDARY
    groups = [
        group for group in _groups() if group[0] == f"{site}_BMD_pct" and (group[1] in SECONDARY) == secondary
    ]
    own, every = _moments(groups), _moments(_groups())
    variance = (own[0] + POOLED_AS * every[0] / every[1]) / (own[1] + POOLED_AS)
    source = f"{len(groups)} groups of replicated results in heterogeneity.csv, drawn to all of BMD"
    return StudyEffect("derived", source, points=math.sqrt(variance))


def _moments(groups: list[tuple[str, str, int, float]]) -> tuple[float, float]:
    """Sum of (studies - 1) tau^2, and of studies - 1."""
    return (
        sum((studies - 1) * tau**2 for _, _, studies, tau in groups),
        float(sum(studies - 1 for _, _, studies, _ in groups)),
    )


@cache
def _groups() -> list[tuple[str, str, int, float]]:
    """Endpoint, population, studies and tau of each group of replicated results."""
    with (files("bonecast.evidence") / "heterogeneity.csv").open("r", encoding="utf-8") as stream:
        return [
            (row["endpoint"], row["population"], int(row["studies"]), float(row["tau_DL"]))
            for row in csv.DictReader(stream)
        ]
