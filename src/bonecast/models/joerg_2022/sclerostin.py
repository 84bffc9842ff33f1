"""Sclerostin: made by osteocytes under oestradiol, cleared, and caught by antibody (Eqs 6, 15, 25)."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.joerg_2022.drug_actions import Actions
from bonecast.models.joerg_2022.saturation import falling


def production(p: Values, Y: Number, e: Number) -> Number:
    """Eq 15: sclerostin made per day by osteocytes of density Y; oestradiol e lowers it."""
    return falling(e / p.e_s) * Y


def sclerostin_rates(y: Values, p: Values, e: Number, drug: Actions) -> dict[str, Number]:
    """Eqs 6 and 25: free sclerostin s and antibody-bound sclerostin sb, in units per day.

    The paper's text calls delta_s a binding rate, its table an unbinding rate; the equations need unbinding.
    """
    binding = drug.capture * y.s
    release = p.delta_s * y.sb
    return {
        "s": production(p, y.Y, e) - p.kappa_s * y.s - binding + release,
        "sb": binding - release - p.kappa_s * y.sb,
    }
