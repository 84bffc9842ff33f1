"""Free RANKL in bone, and the fission of osteoclasts that lack it.

    L = pth^tone_PTH tone / (1 + bound)                 free RANKL, 1 at rest
    G = kG max(0, 1 - L)^2 C                            osteoclasts that split into waiting cells, per day

The square keeps the body calm near rest: a fall of RANKL by a few per cent does next to nothing, its loss empties
the surface within two days.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, maximum
from bonecast.models.bonecast_1.action import Action


def free(p: Values, act: Action, pth: Number) -> Number:
    """How much RANKL is free in bone, relative to rest? `pth` is the person's own PTH relative to rest."""
    return pth**p.tone_PTH * act.tone / (1 + act.bound)


def fission(p: Values, L: Number, C: Number) -> Number:
    """How many osteoclasts (1 at rest) split into waiting cells each day?"""
    return p.kG * maximum(1 - L, 0.0) ** 2 * C
