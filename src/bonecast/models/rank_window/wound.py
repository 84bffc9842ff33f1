"""The biopsy: a wound that acts on lymphocytes and proliferation in every arm, whatever is given."""

from __future__ import annotations

from bonecast.engine import Number, Values, exp


def wound_at_first_dose(p: Values) -> Number:
    """w on day 0, tb days after the biopsy: 1 - exp(-tb / tw)."""
    return 1 - exp(-p.tb / p.tw)


def wound_rate(y: Values, p: Values) -> Number:
    """w' = (1 - w) / tw, per day, which is w = 1 - exp(-(t + tb) / tw)."""
    return (1 - y.w) / p.tw
