"""Osteoclasts: made under the RANK-RANKL complex, lost under TGF-beta, kept alive by the complex.

Model units. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.hill import falling, rising
from bonecast.models.peterson_riggs_2010.signals import BoneSignals


def initial(p: Values) -> dict[str, Number]:
    """The baseline."""
    return {"OC": p.OC0}


def rates(y: Values, p: Values, bone: BoneSignals) -> dict[str, Number]:
    """How do active osteoclasts change (model units/h)?"""
    Pic0 = p.Pic0
    Da = p.Da_day / 24  # 1/(model unit h)
    # Both effects of the complex are taken against its baseline; the paper's M/RNK0 has the constant RNK0,
    # which falls out of the quotient.
    MeffOC = rising(bone.m, 1.0, f0=1.0, a=p.MeffOC_a, E=p.MeffOC_E, g=p.MeffOC_g)
    LsurvOC = falling(bone.m, 1.0, f0=1.0, a=p.LsurvOC_a, b=p.LsurvOC_b, g=p.LsurvOC_g)
    PicOC = rising(y.TGFa, Pic0, f0=Pic0, a=p.PicOC_a * Pic0, E=p.PicOC_E, g=p.PicOC_g)
    return {"OC": Da * Pic0 * MeffOC * p.OC0 - Da * PicOC * LsurvOC * y.OC}
