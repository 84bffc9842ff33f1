"""Levels before treatment in people of whom none was measured: medians and spreads with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.engine import normals_at


@dataclass(frozen=True)
class Baseline:
    """Level before treatment over people, a lognormal law.

    Parameters
    ----------
    endpoint : str
        "CTX", "P1NP" or "BSAP".
    median : float
        In `unit`.
    log_sd : float
        SD of the logarithm.
    unit : str
        The usual unit of the endpoint.
    mark, source : str
        Evidence grade of the numbers, and where they come from.
    """

    endpoint: str
    median: float
    log_sd: float
    unit: str
    mark: str
    source: str


_MARKERS = (
    "set between published cohorts of postmenopausal women (Camargo 2009, PMID 19737549, n = 1080; SHIP, PMID "
    "24076251, n = 450)"
)
BASELINES = {
    b.endpoint: b
    for b in (
        Baseline("CTX", 0.36, 0.52, "ng/mL", "assumption", _MARKERS),
        Baseline("P1NP", 45.0, 0.42, "ug/L", "assumption", _MARKERS),
        Baseline("BSAP", 15.5, 0.33, "ug/L", "assumption", _MARKERS),
    )
}
BASELINE_TRAITS = ("turnover", "baseline CTX", "baseline P1NP", "baseline BSAP")
CTX_P1NP_CORRELATION = 0.7  # of the logarithms; assumption
TURNOVER_CORRELATION = (
    0.5  # of ln CTX with the turnover trait of models: baseline CTX 0.3 with spine gain; assumption
)


def draw_baselines(people: int | np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Levels of untreated postmenopausal women of whom none was measured.

    Parameters
    ----------
    people : int or ndarray of int, shape (person,)
        How many people (the first so many candidates), or the numbers of the candidates.
    seed : int

    Returns
    -------
    dict of str to ndarray, shape (person,)
        By endpoint, in the unit of its `Baseline`.

    Examples
    --------
    >>> float(np.round(np.median(draw_baselines(4000, seed=1)["CTX"]), 1))
    0.4
    """
    number = people if isinstance(people, np.ndarray) else np.arange(people)
    return baselines_of({name: normals_at(seed, name, number) for name in BASELINE_TRAITS})


def baselines_of(normals: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Levels before treatment of people from independent standard normal numbers.

    Parameters
    ----------
    normals : mapping of str to ndarray, shape (person,)
        By the names in `BASELINE_TRAITS`.

    Returns
    -------
    dict of str to ndarray, shape (person,)
        By endpoint, in the unit of its `Baseline`.
    """
    shared = _correlated(normals["turnover"], normals["baseline CTX"], TURNOVER_CORRELATION)
    mixed = {"CTX": shared} | {
        key: _correlated(shared, normals[f"baseline {key}"], CTX_P1NP_CORRELATION) for key in ("P1NP", "BSAP")
    }
    return {key: BASELINES[key].median * np.exp(BASELINES[key].log_sd * z) for key, z in mixed.items()}


def _correlated(first: np.ndarray, second: np.ndarray, r: float) -> np.ndarray:
    """A standard normal that has correlation `r` with `first`; `second` is independent of it."""
    return r * first + np.sqrt(1 - r**2) * second
