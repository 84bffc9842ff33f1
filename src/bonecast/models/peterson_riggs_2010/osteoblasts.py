"""Osteoblasts: responding cells (ROB) ripen under TGF-beta into active ones, fast and slow (OBf, OBs).

Model units. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.hill import falling, rising


def initial(p: Values) -> dict[str, Number]:
    """The baseline."""
    return {"ROB": p.ROB0, "OBf": p.fFast * p.OB0, "OBs": (1 - p.fFast) * p.OB0}


def loss_constant(y: Values, p: Values, held_off: Number) -> Number:
    """What is kb', the loss of osteoblasts under all its signals (1/h; kb at baseline)?

    held_off : the part of it that RUNX2 holds off, 1/h.
    """
    Pic0 = p.Pic0
    PicOBkb = falling(y.TGFa, Pic0, f0=Pic0, a=p.PicOBkb_a * Pic0, b=p.PicOBkb_b * Pic0, g=p.PicOBkb_g)
    return (1 + p.RUNX_f0) * p.kb * (PicOBkb / Pic0) * (1 / y.EST) ** p.gEST_kb - held_off


def rates(y: Values, p: Values, held_off: Number) -> dict[str, Number]:
    """How do responding, fast and slow osteoblasts change (model units/h)?"""
    Pic0 = p.Pic0
    PicROB = rising(y.TGFa, Pic0, f0=Pic0, a=p.PicROB_a * Pic0, E=p.PicROB_E, g=p.PicROB_g)
    PicOB = rising(y.TGFa, Pic0, f0=Pic0, a=p.PicOB_a * Pic0, E=p.PicOB_E, g=p.PicOB_g)
    Dr = p.kb * p.OB0 / Pic0  # 1/h
    KPT = p.kb * p.OB0 * Pic0 / (p.ROB0 * PicOB)  # 1/h
    ripening = KPT * y.ROB

    kb_now = loss_constant(y, p, held_off)
    kbslow = p.Frackb * kb_now
    OBf0 = p.fFast * p.OB0
    kbfast = (p.kb * p.OB0 + kbslow * OBf0 - kbslow * p.OB0) / OBf0  # constant kb; kb' in kbslow only
    return {
        "ROB": Dr * PicROB * (1 / y.EST) ** p.gEST_ROB - ripening,
        "OBf": ripening * p.fFast * (kbfast / kb_now) - kbfast * y.OBf,
        "OBs": ripening * (1 - p.fFast) * p.Frackb - kbslow * y.OBs,
    }
