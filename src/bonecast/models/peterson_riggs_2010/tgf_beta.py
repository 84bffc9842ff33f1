"""TGF-beta: laid down latent by osteoblasts, set free by osteoclasts, short-lived when active.

Model units. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.peterson_riggs_2010.signals import BoneSignals


def latent_baseline(p: Values) -> Number:
    """How much latent TGF-beta is there at baseline (model units)?"""
    return p.TGFratio * p.Pic0


def initial(p: Values) -> dict[str, Number]:
    """The baseline: latent and active form."""
    return {"TGFB": latent_baseline(p), "TGFa": p.Pic0}


def rates(y: Values, p: Values, bone: BoneSignals) -> dict[str, Number]:
    """How do the latent (TGFB) and the active form (TGFa) change (model units/h)?"""
    TGFB0 = latent_baseline(p)
    made = p.kTGF0 * TGFB0 * bone.ob**p.gTGF_OB * (1 / y.EST) ** p.gEST_TGFB
    released = p.kTGF0 * (y.TGFB / TGFB0) ** p.gTGF_B * y.TGFB * bone.oc**p.gTGF_OC * y.EST**p.gEST_rel
    return {
        "TGFB": made - released,
        "TGFa": released - p.TGFratio * p.kTGF0 * y.TGFa,
    }
