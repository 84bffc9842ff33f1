"""Standard normal traits that go together: a Gaussian copula over named random streams.

    z = L e,     L L' = R,     e independent standard normals, each from a stream of its own

The turnover trait of the models and the markers come first, as in `baselines.py`, so that a person's markers here and
there are the same numbers. L is lower triangular: a trait that is added at the end leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from bonecast.cohorts.baselines import BASELINE_TRAITS, CTX_P1NP_CORRELATION, TURNOVER_CORRELATION
from bonecast.core import rows
from bonecast.engine import normals

UNTX = "baseline uNTX"  # goes with CTX as P1NP does (assumption)
T_SCORES = ("LS T-score", "TH T-score", "FN T-score")
TRAITS = (
    *BASELINE_TRAITS,
    *("age", "weight", "height", "eGFR", "vitamin D", "calcium intake"),
    *T_SCORES,
    UNTX,
)


def draw_traits(seed: int, first: int, count: int) -> dict[str, np.ndarray]:
    """{trait: standard normals[count]} of candidates `first` to `first + count - 1`, correlated.

    >>> z = draw_traits(1, 0, 4000)
    >>> round(float(np.corrcoef(z["weight"], z["height"])[0, 1]), 1)
    0.3
    """
    own = [normals(seed, _stream(name), first, count) for name in TRAITS]
    # row by row: a threaded matrix product depends on the number of threads in its last bits
    drawn = {}
    for name, row in zip(TRAITS, _lower(), strict=True):
        z = np.zeros(count)
        for share, e in zip(row, own, strict=True):
            if share:
                z += share * e
        drawn[name] = z
    return drawn


@cache
def correlations() -> np.ndarray:
    """Correlations between the standard normal traits of candidates.

    Returns
    -------
    ndarray, shape (trait, trait)
        In the order of `TRAITS`; read-only.
    """
    place = {name: i for i, name in enumerate(TRAITS)}
    matrix = np.eye(len(TRAITS))

    def put(a: str, b: str, r: float) -> None:
        matrix[place[a], place[b]] = matrix[place[b], place[a]] = r

    turnover, ctx, *others = (*BASELINE_TRAITS, UNTX)
    put(turnover, ctx, TURNOVER_CORRELATION)
    for name in others:
        put(ctx, name, CTX_P1NP_CORRELATION)
        put(turnover, name, TURNOVER_CORRELATION * CTX_P1NP_CORRELATION)
    for a, b in ((a, b) for a in others for b in others if a < b):
        put(a, b, CTX_P1NP_CORRELATION**2)
    for pair in pairs():
        a, b = pair["traits"]
        put(a, b, pair["r"])
    matrix.flags.writeable = False
    return matrix


def correlation(a: str, b: str) -> float:
    """The correlation of two traits of candidates.

    Parameters
    ----------
    a, b : str
        Names of traits ("LS T-score").

    Returns
    -------
    float
    """
    return float(correlations()[TRAITS.index(a), TRAITS.index(b)])


@cache
def pairs() -> tuple[Mapping[str, Any], ...]:
    """The correlations that are set by hand, with their sources.

    Returns
    -------
    tuple of mapping
        Entries of `correlations.toml`: `traits`, `r`, `mark`, `source`.

    Raises
    ------
    ValueError
        If one has no known mark or no source: our own fault.
    """
    found = rows(files("bonecast.cohorts") / "correlations.toml", dict, "pair")
    for pair in found:
        if not set(pair["traits"]) <= set(TRAITS):
            raise ValueError(f"correlations.toml: known traits must be given, in {pair}")
    return found


@cache
def _lower() -> np.ndarray:
    return np.linalg.cholesky(correlations())


def _stream(name: str) -> str:
    """The markers' streams are those of `baselines.py`; the others must not meet a model's factor of that name."""
    return name if name in BASELINE_TRAITS else f"candidate {name}"
