"""PTH: secreted against calcium by a gland whose state and capacity follow calcitriol; teriparatide adds.

PTH and the depot TERI are amounts in pmol; S (gland state) and PTmax (gland capacity) have no unit.
Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, tanh
from bonecast.models.hill import falling
from bonecast.models.peterson_riggs_2010.signals import Plasma


def absorbed(p: Values) -> Number:
    """How many pmol of teriparatide enter the depot for each ug given?"""
    return 1e6 / p.MWteri  # pg in one ug, over g/mol


def initial(p: Values) -> dict[str, Number]:
    """The baseline, with an empty depot."""
    return {"PTH": p.PTH0, "S": p.S0, "PTmax": p.PTmax0, "TERI": 0.0}


def rates(y: Values, p: Values, plasma: Plasma, plasma0: Plasma) -> dict[str, Number]:
    """How do PTH and the depot (pmol/h), the gland's state and its capacity (1/h) change?"""
    kPTH = p.CLPTH / p.V1  # 100/14 per h
    calcium = plasma.Ca / plasma0.Ca

    T63 = falling(calcium, 1.0, f0=kPTH * p.PTH0, a=p.T63_a, b=p.T63_b, g=p.T63_g)  # pmol/h, 385 at baseline
    entering = p.TERI_upper / p.TERI_lower * y.TERI

    u = tanh(p.S_slope * (plasma.C8 - plasma0.C8 * (1 / calcium) ** p.S_g))
    T75 = p.kS * (p.S_swing * (1 + u) + p.S_floor)  # 1/h, downwards: calcitriol and calcium quiet the gland
    T76 = p.kS * (p.S_swing * (1 - u) + p.S_floor)  # 1/h, upwards

    Ceff = falling(plasma.C8, plasma0.C8, f0=p.PTmax0, a=p.Ceff_a, b=p.Ceff_b, g=p.Ceff_g)
    return {
        "PTH": T63 * (y.S / p.S0) * y.PTmax - kPTH * y.PTH + entering,
        "S": (1 - y.S) * T76 - y.S * T75,
        "PTmax": p.kPTmax * (Ceff - y.PTmax),
        "TERI": -entering,
    }
