"""What the primary endpoint counts: tumour cells that divide (Ki67) and that die (cleaved caspase-3)."""

from __future__ import annotations

from bonecast.engine import Number, Values, exp, log
from bonecast.models.rank_window.lymphocytes import at_biopsy


def dividing_at_biopsy(p: Values) -> Number:
    """The logit of the Ki67 share in the biopsy."""
    return log(p.Ki67_0 / (100 - p.Ki67_0)) + p.eta_K


def dividing(y: Values, p: Values) -> Number:
    """Logit of the Ki67 share: logit K0 + bK w + betaK (1 - s). By default only the wound moves it."""
    return dividing_at_biopsy(p) + p.bK * y.w + p.betaK * (1 - y.s)


def dying(y: Values, p: Values) -> Number:
    """Cleaved caspase-3 relative to the biopsy: exp(kappaX (L - L0)). By default nothing moves it."""
    return exp(p.kappaX * (y.L - at_biopsy(p)))


def share(logit: Number) -> Number:
    """A logit as a share, %."""
    return 100 / (1 + exp(-logit))
