"""Tumour-infiltrating lymphocytes: the stromal share on its logit, pushed by the wound and by a released brake."""

from __future__ import annotations

from bonecast.engine import Number, Values, exp, log, minimum, where
from bonecast.models.rank_window.wound import wound_at_first_dose


def at_biopsy(p: Values) -> Number:
    """L0, the logit of the share in the biopsy: that of such tumours, and the person's own deviation."""
    return log(p.TIL0 / (100 - p.TIL0)) + p.eta_L


def at_first_dose(p: Values) -> Number:
    """L on day 0: the wound has acted already."""
    return at_biopsy(p) + p.bT * wound_at_first_dose(p)


def lymphocyte_rate(y: Values, p: Values) -> Number:
    """L' = kL (L0 + theta (1 - M) + bT w - L), per day."""
    return p.kL * (at_biopsy(p) + p.theta * (1 - y.M) + p.bT * y.w - y.L)


def read_share(p: Values, L: Number) -> Number:
    """The share that a pathologist reads, %: under explanation 2 not above the ceiling of the reading."""
    share = 100 / (1 + exp(-L))
    return where((p.explanation - 2) ** 2, 0.25, share, minimum(share, p.TIL_ceiling))
