"""Phosphate: from the gut, into and out of cells, with calcium into and out of bone, into urine.

Amounts in mmol, flows in mmol/h. Source: Peterson & Riggs, Bone 2010;46:49-63.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.peterson_riggs_2010.signals import Plasma


def initial(p: Values) -> dict[str, Number]:
    """The baseline: extracellular, gut and intracellular phosphate."""
    return {"ECPhos": p.ECPhos0, "PhosGut": p.PhosGut0, "IntraPO": p.IntraPO0}


def rates(y: Values, p: Values, plasma: Plasma, J14: Number, J15: Number, J48: Number) -> dict[str, Number]:
    """How does phosphate change in its three places (mmol/h)?

    J14 and J15 are the calcium flows from and into bone, J48 the phosphate into urine, all mmol/h.
    """
    J53 = p.kPhosGut * y.PhosGut
    J54 = p.CLPhosIn * plasma.C2
    J56 = p.kPhosOut * y.IntraPO
    return {
        "ECPhos": p.CaPhos * (J14 - J15) - J48 + J53 - J54 + J56,
        "PhosGut": p.PhosGut_f * p.OralPhos / 24 - J53,
        "IntraPO": J54 - J56,
    }
