"""Calcitriol and the gut, which adapts to it over weeks.

    dD/dt  = kDd (D0 act^e (p0/ph)^0.5 - D)                  e = eD 4/3 GFR/(GFR + 30) D25/(D25 + kv) (1 + kv/75)
    dGu/dt = kgut (D/D0 - Gu)
    gut    = (U0 - r0 + 3) ((1 - s) + s Gu) supplement - 3 + extra      s = sA D0/110

An ill kidney, or too little 25-OH vitamin D, cannot raise calcitriol when PTH calls for it. 3 mmol/d is what the gut
secretes. `extra` is calcium that a drug adds.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1.kidney import KidneyBaseline

SECRETED = 3.0  # mmol/d, calcium into the gut


def initial(p: Values, b: KidneyBaseline) -> dict[str, Number]:
    """Calcitriol and gut at the person's own baseline."""
    return {"D": b.calcitriol, "Gu": 1.0}


def answer(p: Values) -> Number:
    """e: exponent with which calcitriol follows PTH."""
    substrate = p.D25 / (p.D25 + p.kv) * (1 + p.kv / p.D25_full)
    return p.eD * 4 / 3 * p.GFR / (p.GFR + 30) * substrate


def rates(y: Values, p: Values, b: KidneyBaseline, activity: Number) -> dict[str, Number]:
    """Calcitriol in pmol/L and gut transport capacity, per day."""
    made = b.calcitriol * activity ** answer(p) * (b.phosphate / y.ph) ** 0.5
    return {"D": p.kDd * (made - y.D), "Gu": p.kgut * (y.D / b.calcitriol - y.Gu)}


def absorbed(y: Values, p: Values, b: KidneyBaseline, r0: Number) -> Number:
    """Net calcium from the gut, mmol/d; `r0` is the net loss of the skeleton at rest."""
    active = p.sA * b.calcitriol / p.D_ref
    return (b.urine - r0 + SECRETED) * (1 - active + active * y.Gu) * p.supplement - SECRETED
