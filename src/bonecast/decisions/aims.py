"""Aims: what a choice between options is judged by, and the smallest difference that matters."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import numpy as np

from bonecast.core import EVIDENCE_GRADES
from bonecast.errors import UnknownName


@dataclass(frozen=True)
class Aim:
    """One aim. margin : a difference of no more than this does not matter, in `unit`; with its mark and source."""

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
    """The aim of that name; `UnknownName` with the nearest names otherwise.

    >>> find_aim("hip-bmd").better
    'more'
    """
    if name not in AIMS:
        raise UnknownName(place, "aim", name, AIMS)
    return AIMS[name]


def _read() -> dict[str, Aim]:
    rows = tomllib.loads((files("bonecast.decisions") / "aims.toml").read_text("utf-8"))
    found = {name: Aim(name, **row) for name, row in rows.items()}
    for name, aim in found.items():
        if aim.mark not in EVIDENCE_GRADES or aim.better not in ("less", "more") or aim.margin < 0:
            raise ValueError(f"aims.toml, {name}: mark, better or margin is wrong")
    return found


AIMS = _read()
