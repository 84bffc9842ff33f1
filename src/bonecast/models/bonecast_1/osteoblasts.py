"""Osteoblasts: formation on remodelling sites, which follows resorption, and modelling, which needs none.

    dO1/dt = (R - O1)/(xO tO)                                reversal and pre-osteoblasts
    dO2/dt = (O1 - O2)/((1 - xO) tO)                         osteoblasts on remodelling sites
    dA/dt  = (1 + stimulus - A)/tA                           anabolic stimulus
    dN/dt  = kN (1 - N (1 + kap max(0, A - 1) / O2^nN))      reserve of lining cells and pre-osteoblasts
    Fr     = O2 refill (1 + overfill N)                      formation on remodelling sites
    Fm     = fm N A                                          modelling-based formation
    dFb/dt = (F - Fb)/tB                                     formation as mineralising osteoblasts see it (BSAP)

Modelling goes on while resorption is blocked: it is the steady late gain under denosumab. The stimulus uses up
the reserve, so that an anabolic drug limits itself. Remodelling leaves the cells of the reserve behind: where little of
it goes on, a stimulus uses the reserve up faster (nN), and an anabolic drug does less after a bisphosphonate.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, maximum
from bonecast.models.bonecast_1 import osteoclasts
from bonecast.models.bonecast_1.action import Action


def initial(p: Values) -> dict[str, Number]:
    """The untreated body."""
    return {"O1": 1.0, "O2": 1.0, "A": 1.0, "N": 1.0, "Fb": 1.0}


def remodelling(y: Values, act: Action, trabecular: Number) -> Number:
    """Fr: formation on remodelling sites, relative to rest; overfill is of trabecular bone and draws on the reserve."""
    return y.O2 * act.refill * (1 + act.overfill * trabecular * y.N)


def modelling(y: Values, p: Values) -> Number:
    """Fm: modelling-based formation, as a share of all formation at rest."""
    return p.fm * y.N * y.A


def whole(y: Values, p: Values, act: Action) -> Number:
    """F: formation of the whole skeleton relative to rest, as serum markers see it."""
    return (1 - p.fm) * remodelling(y, act, p.trabecular_body) + modelling(y, p)


def rates(y: Values, p: Values, act: Action) -> dict[str, Number]:
    """Rates of the lag, the stimulus and the reserve, per day."""
    return {
        "O1": (osteoclasts.resorption(y, act) - y.O1) / (p.xO * p.tO),
        "O2": (y.O1 - y.O2) / ((1 - p.xO) * p.tO),
        "A": (1 + act.stimulus - y.A) / p.tA,
        "N": p.kN * (1 - y.N * (1 + p.kap * maximum(y.A - 1, 0.0) / maximum(y.O2, 0.05) ** p.nN)),
        "Fb": (whole(y, p, act) - y.Fb) / p.tB,
    }
