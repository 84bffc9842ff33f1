"""Calcitriol: made by 1-alpha-hydroxylase (AOH), which PTH raises and phosphate above its baseline lowers.

B is an amount in pmol, AOH a rate in pmol/h. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, kink
from bonecast.models.hill import hill
from bonecast.models.peterson_riggs_2010.signals import Plasma


def initial(p: Values) -> dict[str, Number]:
    """The baseline."""
    return {"B": p.B0, "AOH": p.AOH0}


def rates(y: Values, p: Values, plasma: Plasma, plasma0: Plasma) -> dict[str, Number]:
    """How do calcitriol (pmol/h) and its making (pmol/h per h) change?"""
    T68 = hill(plasma.PTHc, p.T68_h, p.T68_g) / hill(plasma0.PTHc, p.T68_h, p.T68_g)  # 1 at baseline
    share = hill(plasma.C2, p.Phos_h, p.Phos_g) / hill(plasma0.C2, p.Phos_h, p.Phos_g)
    Phos = kink(plasma.C2, plasma0.C2, 1 + p.Phos_E - p.Phos_E * share, 1.0)  # a kink at the baseline itself
    return {
        "B": y.AOH - p.kB * y.B,
        "AOH": p.kAOH * p.AOH0 * T68 * Phos - p.kAOH * y.AOH,
    }
