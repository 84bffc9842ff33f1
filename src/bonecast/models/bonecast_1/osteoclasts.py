"""Osteoclasts, the cells that wait, and the places that wait to be resorbed.

    dH1/dt = 2/tH (L W U - H1)                                recruitment, two stages of together tH days
    dH2/dt = 2/tH (H1 - H2)
    dC/dt  = kD H2 - kD (1 + E) C - G                         osteoclasts; resorption R = activity C
    dW/dt  = kWd (s - W) + rW kWd (s - L W U) + rW kWd G/kD   waiting cells: precursors and recycled osteoclasts
    dU/dt  = kU (s - R) - kU/rU (U - 1)                       activation sites: surface whose remodelling is overdue
    E      = (load + e)^hz - e^hz                             death by bisphosphonate

Both W and U live a finite time and are bounded: their product at the end of a block of resorption is the rebound.
s is the set point of turnover (1; more without oestrogen): it scales the supply of cells and of sites.
"""

from __future__ import annotations

from collections.abc import Callable

from bonecast.engine import Number, Values, maximum
from bonecast.models.bonecast_1 import rankl
from bonecast.models.bonecast_1.action import Action

LEAST_LOAD = 1e-4  # e: keeps the slope of E finite at no drug, below any load that acts


def initial(p: Values) -> dict[str, Number]:
    """The untreated body."""
    return {"H1": 1.0, "H2": 1.0, "C": 1.0, "W": 1.0, "U": 1.0}


def resorption(y: Values, act: Action) -> Number:
    """R: what the osteoclasts resorb, relative to the untreated body."""
    return y.C * act.activity


def killing(p: Values, load: Number) -> Number:
    """E: how much faster do osteoclasts die under this load of bisphosphonate?"""
    return (maximum(load, 0.0) + LEAST_LOAD) ** p.hz - LEAST_LOAD**p.hz


def rates(
    y: Values,
    p: Values,
    act: Action,
    L: Number,
    setpoint: Number,
    killing: Callable[[Values, Number], Number] = killing,
) -> dict[str, Number]:
    """Rates of recruitment, osteoclasts, waiting cells and sites, per day; `killing` gives E."""
    recruited = L * y.W * y.U
    G = rankl.fission(p, L, y.C)
    return {
        "H1": 2 / p.tH * (recruited - y.H1),
        "H2": 2 / p.tH * (y.H1 - y.H2),
        "C": p.kD * (y.H2 - (1 + killing(p, act.load)) * y.C) - G,
        "W": p.kWd * (setpoint - y.W + p.rW * (setpoint - recruited + G / p.kD)),
        "U": p.kU * (setpoint - resorption(y, act) - (y.U - 1) / p.rU),
    }
