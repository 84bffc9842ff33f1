"""Levels before treatment in people of whom none was measured: medians and spreads with their sources."""

from __future__ import annotations

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
CTX_P1NP_CORRELATION = 0.7  # of the logarithms; assumption


def draw_baselines(count: int, seed: int, first: int = 0) -> dict[str, np.ndarray]:
    """{endpoint: levels[count]} of untreated postmenopausal women.

    >>> float(np.round(np.median(draw_baselines(4000, seed=1)["CTX"]), 1))
    0.4
    """
    shared = normals(seed, "baseline turnover", first, count)
    r = CTX_P1NP_CORRELATION
    traits = {
        "CTX": shared,
        "P1NP": r * shared + np.sqrt(1 - r**2) * normals(seed, "baseline P1NP", first, count),
        "BSAP": r * shared + np.sqrt(1 - r**2) * normals(seed, "baseline BSAP", first, count),
    }
    return {key: BASELINES[key].median * np.exp(BASELINES[key].log_sd * z) for key, z in traits.items()}
