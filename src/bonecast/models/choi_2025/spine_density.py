"""Lumbar spine BMD: made at a constant rate, lost at a rate that free denosumab slows."""

from __future__ import annotations

from bonecast.engine import Number, Values, exp, maximum, where

NO_DRUG = 1e-15  # nmol/L


def loss_inhibition(p: Values, C: Number) -> Number:
    """Which share of BMD loss does free denosumab C (nmol/L) stop? Imax C^h / (IC50^h + C^h).

    With h = 0.17 the effect fades very slowly and its slope at C = 0 is infinite; below NO_DRUG, which the
    level reaches many months after a dose, it is taken as nothing.
    """
    Imax = 1 / (1 + exp(-p.logit_Imax))
    Ch = maximum(C, NO_DRUG) ** p.hill
    return where(C, NO_DRUG, Imax * Ch / (p.IC50**p.hill + Ch), 0.0)


def bmd_rates(y: Values, p: Values, C: Number) -> dict[str, Number]:
    """Rate of lumbar spine BMD, g/cm2/h."""
    kin = p.kout * p.BMD0  # g/cm2/h
    return {"BMD": kin - p.kout * (1 - loss_inhibition(p, C)) * y.BMD}
