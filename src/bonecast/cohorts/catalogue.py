"""The populations that come with the package, one file each under `presets/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bonecast.cohorts.margin import margin_of, margins
from bonecast.cohorts.source import Population, Share
from bonecast.cohorts.typical_kinds import SITES, typical_people
from bonecast.core import sourced, toml
from bonecast.errors import UnknownName


def presets() -> list[str]:
    """Names of the populations that come with the package.

    Returns
    -------
    list of str

    Examples
    --------
    >>> presets()[:2]
    ['androgen-deprivation', 'aromatase-inhibitor']
    """
    found = (files("bonecast.cohorts") / "presets").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in found if file.name.endswith(".toml"))


@cache
def population(name: str) -> Population:
    """The population of a name.

    Parameters
    ----------
    name : str
        One of `presets()`.

    Returns
    -------
    Population

    Raises
    ------
    UnknownName
        If there is none, with the nearest names.

    Examples
    --------
    >>> population("men").title
    'Men with low bone mass'
    """
    if name not in presets():
        raise UnknownName("populations", "population", name, presets())
    return _population(name, toml(files("bonecast.cohorts") / "presets" / f"{name}.toml"))


def _population(name: str, table: Mapping[str, Any]) -> Population:
    """The preset as a population; a number without mark or source is our own fault (ValueError)."""
    like = typical_people()[table["like"]]
    usual = {"age": like.age, **{f"{site}_T_score": like.t_scores[site] for site in SITES}}
    found = margins() | {key: margin_of(key, row) for key, row in table["margin"].items()}
    for key, mean in usual.items():
        if np.isnan(found[key].typical):
            source = f"mean as {like.title} ({like.source}); SD: {found[key].source}"
            found[key] = replace(found[key], typical=mean, source=source)
    shares = {
        "female": Share("female", like.female, like.mark, like.source),
        "prior_vertebral": Share("prior_vertebral", like.prevalent_vfx, like.mark, like.source),
    }
    shares |= {
        key: sourced(row, Share, f"population {name}, {key}", key) for key, row in table["share"].items()
    }
    for share in shares.values():
        if not 0 <= share.value <= 1:
            raise ValueError(f"population {name}, {share.name}: a share lies in 0 to 1")
    return Population(name, table["title"], table["prefix"], like, found, shares, table["is_not"])
