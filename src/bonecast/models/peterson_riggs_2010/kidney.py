"""The kidney: filtration (GFR), and what of calcium and phosphate goes into urine.

GFR is a state in mL/min, so that it can decline; set points of the other quantities stay where they are.
Flows are in mmol/h. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, kink
from bonecast.models.hill import saturating
from bonecast.models.peterson_riggs_2010.signals import Plasma


def initial(p: Values) -> dict[str, Number]:
    """The filtration rate at the start (mL/min), and no urine collected yet (mmol)."""
    return {"GFR": p.GFR, "UCa": 0.0}


def filtration(y: Values, p: Values) -> Number:
    """What is the current GFR in L/h?"""
    return y.GFR / p.GFR_factor


def calcium_excretion(y: Values, p: Values, plasma: Plasma, plasma0: Plasma) -> Number:
    """What is J27, the calcium that goes into urine (mmol/h)?"""
    GFR = filtration(y, p)  # L/h
    Ca, Ca0 = plasma.Ca, plasma0.Ca
    tmEST = 1 - p.tmEST * (1 - y.EST)
    # RM (mmol/h) follows the current GFR: what can be reabsorbed falls along with what is filtered.
    RM = tmEST * (p.GFR_fCa * GFR * Ca0 - p.RM_minus) * (p.Reabs_h + Ca0) / Ca0
    PTH_effect = saturating(plasma.PTHc, plasma0.PTHc, f0=1.0, a=0.0, E=p.Reabs_E)  # 1 at baseline
    reabsorbed = RM * Ca / (p.Reabs_h + Ca) * PTH_effect
    calcitriol_effect = 2 - 2 * plasma.C8 / (plasma.C8 + plasma0.C8)  # 1 at baseline
    left = p.GFR_fCa * GFR * Ca - reabsorbed
    return kink(left, 0.0, calcitriol_effect * left, 0.0)  # none is excreted where all is reabsorbed


def phosphate_excretion(y: Values, p: Values, plasma: Plasma) -> Number:
    """What is J48, the phosphate that goes into urine (mmol/h)?"""
    return kink(plasma.C2, p.Phos_threshold, p.kPhos * filtration(y, p) * (plasma.C2 - p.Phos_threshold), 0.0)


def rates(p: Values, J27: Number) -> dict[str, Number]:
    """How do GFR (mL/min per h) and the calcium collected in urine (mmol/h) change?"""
    return {"GFR": p.GFR_slope, "UCa": J27}
