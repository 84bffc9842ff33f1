"""Levels before treatment in people of whom none was measured: medians and spreads with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bonecast.engine.streams import normals


@dataclass(frozen=True)
class Baseline:
    """Level before treatment: lognormal around `median` with `log_sd`, in the usual unit of the endpoint."""

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


def draw_baselines(count: int, seed: int, first: int = 0) -> dict[str, np.ndarray]:
    """{endpoint: levels[count]} of untreated postmenopausal women.

    >>> float(np.round(np.median(draw_baselines(4000, seed=1)["CTX"]), 1))
    0.4
    """
    return baselines_of({name: normals(seed, name, first, count) for name in BASELINE_TRAITS})


def baselines_of(traits: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """{endpoint: levels[count]} of the persons who have these traits, independent standard normals [count]."""
    shared = _correlated(traits["turnover"], traits["baseline CTX"], TURNOVER_CORRELATION)
    mixed = {"CTX": shared} | {
        key: _correlated(shared, traits[f"baseline {key}"], CTX_P1NP_CORRELATION) for key in ("P1NP", "BSAP")
    }
    return {key: BASELINES[key].median * np.exp(BASELINES[key].log_sd * z) for key, z in mixed.items()}


def _correlated(first: np.ndarray, second: np.ndarray, r: float) -> np.ndarray:
    """A standard normal that has correlation `r` with `first`; `second` is independent of it."""
    return r * first + np.sqrt(1 - r**2) * second
