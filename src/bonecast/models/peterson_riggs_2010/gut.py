"""Calcium in the gut: eaten, absorbed by a carrier that calcitriol builds, and passively.

T is in mmol, R (calcitriol-driven absorption) has no unit. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.peterson_riggs_2010.signals import Plasma


def initial(p: Values) -> dict[str, Number]:
    """The baseline."""
    return {"T": p.T0, "R": p.R0}


def absorption(y: Values, p: Values) -> Number:
    """What is J40, the calcium absorbed from the gut into plasma (mmol/h)?"""
    T29 = (p.T31_max - p.T31_0) * p.T0 / p.T31_0  # mmol
    T31 = p.T31_max * y.T / (y.T + T29)  # mmol/h
    return T31 * y.T * (y.R / p.R0) / (y.T + p.T_h) + p.kT * y.T


def intake(y: Values, p: Values) -> Number:
    """How much of the eaten calcium reaches the absorbing pool (mmol/h)?"""
    R4 = y.R**4
    T85 = p.T85_max * R4 / (R4 + p.T85_h**4)
    return p.OralCa / 24 * T85


def rates(y: Values, p: Values, plasma: Plasma, plasma0: Plasma, J40: Number) -> dict[str, Number]:
    """How do gut calcium (mmol/h) and the absorption state (1/h) change? J40 is `absorption`, in mmol/h."""
    drive = p.T36_E * plasma.C8 / (plasma0.C8 + plasma.C8)
    T36 = p.T36_min + drive  # 1/h
    T37 = p.T36_min + p.T36_E - drive  # 1/h
    return {
        "T": intake(y, p) - J40,
        "R": T36 * (1 - y.R) - T37 * y.R,
    }
