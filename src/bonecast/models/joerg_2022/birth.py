"""The state at birth: the steady state before menopause and without drugs, in closed form.

All rates but that of bone density are zero there; density starts at 1 and drifts by formation less
resorption.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, sqrt
from bonecast.models.joerg_2022.cells import osteoblast_differentiation, osteoclast_differentiation
from bonecast.models.joerg_2022.saturation import rising
from bonecast.models.joerg_2022.sclerostin import production

E_BEFORE_MENOPAUSE = 1.0  # oestradiol relative to before menopause


def osteoclasts_at_rest(p: Values, flux: Number) -> Number:
    """C with loss equal to `flux`: the positive root of C [1 + n C / (r_C + C)] eta_C = flux (Eqs 3, 13)."""
    n = p.nu_C * rising(E_BEFORE_MENOPAUSE / p.e_C)
    a = p.eta_C * (1 + n)
    b = p.eta_C * p.r_C - flux
    return (sqrt(b**2 + 4 * a * flux * p.r_C) - b) / (2 * a)


def birth(p: Values) -> dict[str, Number]:
    """Every state at birth, from the parameters alone."""
    e = E_BEFORE_MENOPAUSE
    # Osteoblasts need the flux of pre-osteoblasts, that flux needs sclerostin, and that needs osteoblasts.
    # The ring opens because pre-osteoblasts are not lost otherwise (Eq 12): their flux is their supply mu_B.
    B = p.mu_B / (p.eta_B + p.omega_B)
    Y = p.omega_B * B / p.eta_Y
    s = production(p, Y, e) / p.kappa_s
    maturing = osteoclast_differentiation(p, p.omega_Cp, s, e)
    Cp = p.mu_C / (maturing + p.eta_Cp)
    return {
        "age": 0.0,
        "Cp": Cp,
        "Bp": p.mu_B / osteoblast_differentiation(p, s),
        "C": osteoclasts_at_rest(p, maturing * Cp),
        "B": B,
        "Y": Y,
        "s": s,
        "sb": 0.0,
        "rb": 1.0,
        "cb": p.c0,
        "psi_denosumab": 0.0,
        "psi_romosozumab": 0.0,
        "psi_blosozumab": 0.0,
        "psi_alendronate": 0.0,
        "psi_teriparatide": 0.0,
    }
