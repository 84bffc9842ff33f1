"""Survival of osteoblasts: PTH moves RUNX2 and CREB, these make BCL2, and BCL2 holds off osteoblast loss.

Model units. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, switch
from bonecast.models.hill import rising, saturating
from bonecast.models.peterson_riggs_2010.signals import BoneSignals, Plasma


def initial(p: Values) -> dict[str, Number]:
    """The baseline."""
    return {"RX2": p.RX2_0, "CREB": p.CREB0, "BCL2": p.BCL2_0, "HAp": 1.0}


def loss_held_off(y: Values, p: Values) -> Number:
    """How much of the osteoblasts' loss rate does RUNX2 hold off (1/h)?"""
    RX0 = p.RX2_0
    # A true jump of the published model, from 10 to 15 (effective RUNX2), when BCL2 passes 105.
    RX = switch(y.BCL2, p.BCL2_jump, y.BCL2 - p.BCL2_offset, RX0)
    Rmax = p.RUNX_E * (1 + p.RUNX_f0) * p.kb  # 1/h
    return rising(RX, RX0, f0=p.RUNX_f0 * p.kb, a=0.0, E=Rmax, g=p.RUNX_g)


def rates(y: Values, p: Values, bone: BoneSignals, plasma: Plasma, plasma0: Plasma) -> dict[str, Number]:
    """How do RUNX2, CREB, BCL2 (model units/h) and hydroxyapatite formation HAp (1/h) change?"""
    koutRX2 = saturating(plasma.PTHc, plasma0.PTHc, f0=p.kRX2, a=p.RX2_a, E=p.RX2_E)  # 1/h
    CREB_drive = saturating(plasma.PTHc, plasma0.PTHc, f0=1.0, a=p.CREB_a, E=p.CREB_E)  # 1 at baseline
    return {
        "RX2": p.kRX2 * p.RX2_0 - koutRX2 * y.RX2,
        "CREB": p.kCREB * p.CREB0 * CREB_drive - p.kCREB * y.CREB,
        "BCL2": p.kRX2 * (y.CREB * y.RX2 - y.BCL2),
        "HAp": (bone.ob - y.HAp) / p.tHAp,
    }
