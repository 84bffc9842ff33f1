"""Calcium between plasma and bone: resorption gives it (J14), formation takes it (J15), bone has two stores.

Amounts in mmol, flows in mmol/h. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.hill import rising
from bonecast.models.peterson_riggs_2010.signals import BoneSignals


def initial(p: Values) -> dict[str, Number]:
    """The baseline: plasma, exchangeable and fixed bone calcium."""
    return {"PCa": p.PCa0, "Q": p.Q0, "Qbone": p.Qbone0}


def from_bone(p: Values, bone: BoneSignals) -> Number:
    """What is J14, the calcium from bone into plasma (mmol/h)?"""
    T13 = p.JCa_day / 24 / p.Q0  # 1/h
    OCeqn = rising(bone.oc, 1.0, f0=T13, a=0.0, E=p.J14_E, g=p.J14_g)  # 1/h
    complexes = (bone.m / bone.oc) ** p.J14_gM  # RANK-RANKL for each osteoclast
    # The constant Q0, not the state Q: the published model lets bone give without looking at its store.
    return T13 * p.Q0 * (1 - p.J14_OC) + OCeqn * p.Q0 * p.J14_OC * complexes


def into_bone(y: Values, p: Values) -> Number:
    """What is J15, the calcium from plasma into bone (mmol/h)?"""
    T15 = p.JCa_day / (p.PCa0 * 24)  # 1/h
    return T15 * y.PCa * (1 - p.J15_HAp) + T15 * y.PCa * p.J15_HAp * y.HAp


def rates(y: Values, p: Values, J14: Number, J15: Number, J27: Number, J40: Number) -> dict[str, Number]:
    """How does calcium change in plasma and in the two bone stores (mmol/h)?

    J14 from bone, J15 into bone, J27 into urine, J40 from the gut, all mmol/h.
    """
    J14a = p.kQbone * y.Qbone
    J15a = p.kQbone * (p.Qbone0 / p.Q0) * y.Q
    return {
        "PCa": J14 - J15 - J27 + J40,
        "Q": J15 - J14 + J14a - J15a,
        "Qbone": J15a - J14a,
    }
