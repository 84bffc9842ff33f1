"""The suppressive brake: myeloid and regulatory cells that keep lymphocytes out, relative to before the drug."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.rank_window.rankl import held_by_rankl


def brake_rate(y: Values, p: Values) -> Number:
    """M' = kM (1 - rho (1 - s) - M), per day: without its RANKL signal the brake falls to 1 - rho."""
    return p.kM * (1 - held_by_rankl(p) * (1 - y.s) - y.M)
