"""Denosumab in the body, in nmol: absorption, distribution, elimination with and without its target."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.choi_2025.binding import Binding
from bonecast.models.choi_2025.body_size import Disposition


def drug_rates(y: Values, p: Values, body: Disposition, b: Binding) -> dict[str, Number]:
    """Rates of the three amounts of drug, nmol/h.

    The printed second equation lacks 1/Vc on two terms; amounts avoid the question.
    """
    absorbed = p.ka * y.A
    out_to_tissue = p.Q * b.C
    back_from_tissue = p.Q * y.P / body.Vp
    cleared = body.CL * b.C
    internalised = p.kint * b.RC * body.Vc  # with its target
    return {
        "A": -absorbed,  # under the skin
        "Ac": absorbed - cleared - out_to_tissue + back_from_tissue - internalised,  # serum, free and bound
        "P": out_to_tissue - back_from_tissue,  # tissue
    }


def target_rates(y: Values, p: Values, b: Binding) -> dict[str, Number]:
    """Rate of total RANKL, nmol/L/h: free target is lost at kdeg, the complex at kint."""
    kdeg = p.ksyn / p.R0  # 1/h
    return {"Rtot": p.ksyn - kdeg * (y.Rtot - b.RC) - p.kint * b.RC}
