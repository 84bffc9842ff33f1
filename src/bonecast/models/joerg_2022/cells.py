"""Bone cells: precursors, osteoclasts, osteoblasts and osteocytes (Eqs 1-5, 10-14).

Precursors appear at a constant rate and wait in a pool until they differentiate. A drug that holds
differentiation back lets the pool of pre-osteoclasts grow: that pool is the model's rebound.
"""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values
from bonecast.models.joerg_2022.drug_actions import Actions
from bonecast.models.joerg_2022.saturation import falling, rising


class Flux(NamedTuple):
    """Cells that change kind, in densities per day."""

    osteoclasts: Number  # fC
    osteoblasts: Number  # fB
    osteocytes: Number  # fY


def osteoclast_differentiation(p: Values, omega_Cp: Number, s: Number, e: Number) -> Number:
    """Eq 10: pre-osteoclasts mature in 1/d; oestradiol holds them back, sclerostin drives them."""
    return omega_Cp * falling(e / p.e_Cp) * rising(s / p.s_Cp)


def osteoblast_differentiation(p: Values, s: Number) -> Number:
    """Eq 10: pre-osteoblasts mature in 1/d; sclerostin holds them back."""
    return p.omega_Bp * falling(s / p.s_Bp)


def osteoclast_loss(p: Values, eta_C: Number, r: Number, e: Number) -> Number:
    """Eq 13: osteoclasts die in 1/d; oestradiol and the resorption signal r hasten it (very little: nu_C)."""
    return (1 + p.nu_C * rising(e / p.e_C) * rising(r / p.r_C)) * eta_C


def differentiation(y: Values, p: Values, e: Number, drug: Actions) -> Flux:
    """How many cells mature each day? Eqs 10-11; the osteocyte rate omega_B is constant, as in the tables."""
    return Flux(
        osteoclasts=osteoclast_differentiation(p, drug.omega_Cp, y.s, e) * y.Cp,
        osteoblasts=osteoblast_differentiation(p, y.s) * y.Bp,
        osteocytes=p.omega_B * y.B,
    )


def cell_rates(y: Values, p: Values, e: Number, drug: Actions, f: Flux) -> dict[str, Number]:
    """Eqs 1-5: rates of all five cell densities, in 1/d. The resorption signal is r = C."""
    return {
        "Cp": p.mu_C - f.osteoclasts - p.eta_Cp * y.Cp,  # pre-osteoclasts
        "Bp": p.mu_B - f.osteoblasts,  # pre-osteoblasts, not lost otherwise (Eq 12: eta_Bp = 0)
        "C": f.osteoclasts - osteoclast_loss(p, drug.eta_C, y.C, e) * y.C,  # osteoclasts
        "B": f.osteoblasts - drug.eta_B * y.B - f.osteocytes,  # osteoblasts
        "Y": f.osteocytes - p.eta_Y * y.Y,  # osteocytes
    }
