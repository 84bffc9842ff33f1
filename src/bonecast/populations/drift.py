"""Personal drift of BMD: how people on one treatment come apart for reasons that no model here holds.

Each person gains or loses a little faster at each site than the model says, by a rate of their own (% of baseline a
year, normal around zero, alike at the three sites). With the models' own spread it gives the SD of BMD change
between women on denosumab (`docs/forecasting.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.engine.streams import normals

SITE_CORRELATION = 0.55  # of true response, spine and hip: 0.5 to 0.6 (recalled, unsure)


@dataclass(frozen=True)
class Drift:
    """SD of the personal rate at one site, % of baseline a year."""

    endpoint: str
    sd_per_year: float
    mark: str
    source: str


_FROM = (
    "set so that, with the model's own spread and the error of two scans, the SD of BMD change on denosumab at 12, "
    "24 and 36 months comes near 3.5/4.0/4.5 (spine), 2.8/3.2/3.6 (hip), 3.5/3.9/4.2 (neck), our reading of trials"
)
DRIFTS = {
    d.endpoint: d
    for d in (
        Drift("LS_BMD", 0.9, "derived", _FROM),
        Drift("TH_BMD", 0.7, "derived", _FROM),
        Drift("FN_BMD", 1.2, "derived", _FROM),
    )
}


def draw_drift(endpoint: str, count: int, seed: int, first: int = 0) -> np.ndarray:
    """Rates of `count` persons, % of baseline a year.

    >>> draw_drift("LS_BMD", 3, seed=1).shape
    (3,)
    """
    shared = normals(seed, "drift", first, count)
    own = normals(seed, f"drift of {endpoint}", first, count)
    r = SITE_CORRELATION
    return DRIFTS[endpoint].sd_per_year * (np.sqrt(r) * shared + np.sqrt(1 - r) * own)
