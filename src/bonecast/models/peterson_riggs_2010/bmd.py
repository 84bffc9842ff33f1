"""Bone mineral density at three places: osteoblasts add, osteoclasts take away.

    dBMD/dt = k * [BMD0 * (OB/OB0)^gOB - (OC/OC0)^gOC * BMD]

Per cent of baseline; k in 1/h. Two lumbar spines are carried because the published model fits denosumab
with a spine of its own. Source: Peterson & Riggs, CPT Pharmacometrics Syst Pharmacol 2012;1:e14.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.peterson_riggs_2010.signals import BoneSignals


def initial(p: Values) -> dict[str, Number]:
    """The baseline."""
    return {"LSden": p.BMD0, "LS": p.BMD0, "FN": p.BMD0}


def rates(y: Values, p: Values, bone: BoneSignals) -> dict[str, Number]:
    """How does density change at the spine under denosumab, the spine in general, the femoral neck (%/h)?"""
    gain = p.BMD0 * bone.ob**p.gOB
    return {
        "LSden": p.kLSden * (gain - bone.oc**p.gOC_LSden * y.LSden),
        "LS": p.kLS * (gain - bone.oc**p.gOC_LS * y.LS),
        "FN": p.kFN * (gain - bone.oc**p.gOC_FN * y.FN),
    }


def change(now: Number, start: Number) -> Number:
    """How far is density from the first day, in per cent?

    >>> change(106.5, 100.0)
    6.5
    """
    return 100 * (now - start) / start
