"""Osteoclasts as in `bonecast-1`, but no bisphosphonate reaches all of them.

    E   = (load + e)^hz - e^hz                                death of those within reach
    E*  = (1 - out) E / (1 + out E)                           as the whole population sees it: at most (1 - out)/out

A share `out` of resorption goes on where a bisphosphonate does not come: it binds to open surface, and what is resorbed
deep in cortical bone or below new bone was never covered. At rest a bisphosphonate so leaves a floor that denosumab
lowers further, and after denosumab it shrinks a rebound but cannot abolish it.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1 import osteoclasts
from bonecast.models.bonecast_1.action import Action


def killing(p: Values, load: Number) -> Number:
    """E*: how much faster do osteoclasts die, all taken together, under this load of bisphosphonate?"""
    E = osteoclasts.killing(p, load)
    return (1 - p.out) * E / (1 + p.out * E)


def covered(p: Values, load: Number) -> Number:
    """Share of resorption that this load would stop, from 0 to 1 - out."""
    E = killing(p, load)
    return E / (1 + E)


def rates(y: Values, p: Values, act: Action, L: Number, setpoint: Number) -> dict[str, Number]:
    """Rates of recruitment, osteoclasts, waiting cells and sites, per day."""
    return osteoclasts.rates(y, p, act, L, setpoint, killing)
