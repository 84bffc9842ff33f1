"""Markers of turnover in serum and urine, relative to the untreated person.

    CTX   = 1 + (1 - cf) (R - 1)        uNTX = 1 + (1 - uf) (R - 1)       from resorption
    TRACP = 1 + (1 - tf) (C - 1)        TRACP-5b, from the number of osteoclasts
    P1NP  = 1 + (1 - pf) (F - 1)        from formation as it happens
    BSAP  = 1 + (1 - bf) (Fb - 1)       from mineralising osteoblasts, which follow

The shares cf, uf, tf, pf, bf do not come from bone turnover, or lie at the floor of the assay. No marker drives
the body.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1 import osteoblasts, osteoclasts
from bonecast.models.bonecast_1.action import Action


def outputs(y: Values, p: Values, act: Action) -> dict[str, Number]:
    """All markers, % of the untreated level."""
    F, R = osteoblasts.whole(y, p, act), osteoclasts.resorption(y, act)

    def marker(share: Number, x: Number) -> Number:
        return 100 * (1 + (1 - share) * (x - 1))

    return {
        "CTX_pct_of_baseline": marker(p.cf, R),
        "uNTX_pct_of_baseline": marker(p.uf, R),
        "TRACP5b_pct_of_baseline": marker(p.tf, y.C),
        "P1NP_pct_of_baseline": marker(p.pf, F),
        "BSAP_pct_of_baseline": marker(p.bf, y.Fb),
    }
