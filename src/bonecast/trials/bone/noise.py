"""What a reading has beyond the error of a repeat measurement: the scan of another year, the centre, steps."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.special import ndtr

from bonecast.core import table
from bonecast.engine import normals
from bonecast.trials.bone.adherence import Stream


@cache
def noise_table(part: str) -> dict[str, dict[str, Any]]:
    """The entries of one part of `noise.toml`; an entry without a known mark and a source is our own fault."""
    return table(files("bonecast.trials.bone") / "noise.toml", dict, part)


def scan_sd(quantity: str) -> float:
    """SD of one scan beyond the precision of repeat scans, as a share of its value; 0 for what is no scan."""
    return float(noise_table("scan").get(quantity, {"sd": 0.0})["sd"]) / 100


def lowest_level(quantity: str) -> float:
    """The lowest level that is reported; 0 without one."""
    return float(noise_table("limit").get(quantity, {"value": 0.0})["value"])


def in_steps(quantity: str, values: np.ndarray) -> np.ndarray:
    """Values as they are reported.

    >>> in_steps("calcium", np.array([2.3449])).tolist()
    [2.34]
    """
    step = noise_table("step")["readings"][quantity]
    return np.round(np.round(values / step) * step, 6)


def centre_of(count: int, stream: Stream, people: int) -> np.ndarray:
    """The centre at which each person is seen, from 0: each alike, and one for all where the design names none.

    >>> centre_of(4, lambda name: np.array([-2.0, 0.1, 2.0]), 3).tolist()
    [0, 2, 3]
    """
    if count <= 1:
        return np.zeros(people, np.int64)
    return np.minimum((ndtr(stream("centre")) * count).astype(np.int64), count - 1)


def centre_factor(
    seed: int, trial: int, centres: int, centre: np.ndarray, quantity: str, visit: str
) -> np.ndarray:
    """What the centre makes of the readings of one visit, as a factor; 1 where the design has no centres."""
    if centres <= 1:
        return np.ones(len(centre))
    sd = noise_table("centre")["scan" if quantity in noise_table("scan") else "sample"]["sd"] / 100
    return np.exp(sd * normals(seed, f"{quantity} at {visit}, centre", trial * centres, centres))[centre]
