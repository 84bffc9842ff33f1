"""What each drug class does to the bone's own rates (Eqs 24-27)."""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values, maximum
from bonecast.models.joerg_2022.kpd import Levels
from bonecast.models.joerg_2022.saturation import rising


class Actions(NamedTuple):
    """The rates as the drugs leave them."""

    omega_Cp: Number  # 1/d, pre-osteoclast differentiation
    eta_C: Number  # 1/d, osteoclast loss
    eta_B: Number  # 1/d, osteoblast loss
    c0: Number  # mineral content towards which bone tends, fraction
    capture: Number  # 1/d, binding of free sclerostin by antibody


def actions(p: Values, psi: Levels) -> Actions:
    """Which rates does a person with these drug levels have?

    How a RANKL antibody and a PTH analogue combine on omega_Cp is not printed; the product is our reading.
    """
    rankl = rising(psi.RANKL_antibody)
    pth = rising(psi.PTH_analogue)
    return Actions(
        omega_Cp=(1 - p.beta_Cp_rAb * rankl) * (1 + p.beta_Cp_pth * pth) * p.omega_Cp,  # Eqs 24, 27
        eta_C=p.eta_C + rising(psi.bisphosphonate) * p.eta_C_bp,  # Eq 26
        # Eq 27 would turn the loss into a gain above Psi = 1 / (beta_B_pth - 1), some ten times 20 ug/d
        eta_B=maximum(1 - p.beta_B_pth * pth, 0.0) * p.eta_B,
        c0=p.c0 + p.beta_b_rAb * rankl,  # Eq 24
        capture=p.kappa_s * psi.sclerostin_antibody,  # Eq 25
    )
