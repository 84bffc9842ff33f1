"""Calcium and phosphate in serum: what comes in less what goes out, in 15 L.

    15 dca/dt = gut + bal - urine + exch + extra;   dX/dt = -exch
    15 dph/dt = (P_in - 0.6 r0) (0.7 + 0.3 Gu) + 0.6 bal - urinary phosphate

Calcium is conserved: gut - urine = change of serum + X + Qy + Qz. 0.6 is phosphate per calcium in bone mineral.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1 import calcitriol, kidney, skeleton
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.kidney import KidneyBaseline

VOLUME = 15.0  # L
P_PER_CA = 0.6  # mol/mol in bone mineral


def initial(p: Values, b: KidneyBaseline) -> dict[str, Number]:
    """Calcium and phosphate before treatment, mmol/L."""
    return {"ca": p.c0, "ph": b.phosphate}


def rates(y: Values, p: Values, b: KidneyBaseline, act: Action, activity: Number) -> dict[str, Number]:
    """Calcium, phosphate, surfaces and skeletal mineral, per day; every flow in mmol/d."""
    bone = skeleton.balance(y, p, b, act)
    gut = calcitriol.absorbed(y, p, b, skeleton.at_rest(p))
    surfaces = skeleton.exchange(y, p, activity)
    urine = kidney.urinary_calcium(p, b, y.ca, activity)
    absorbed = (p.P_in - P_PER_CA * skeleton.at_rest(p)) * (0.7 + 0.3 * y.Gu)
    phosphate = absorbed + P_PER_CA * bone.released - kidney.urinary_phosphate(p, b, y.ph, activity)
    return {
        "ca": (gut + bone.released + surfaces - urine) / VOLUME,
        "ph": phosphate / VOLUME,
        "X": -surfaces,
        "Qy": bone.young,
        "Qz": bone.mature,
    }
