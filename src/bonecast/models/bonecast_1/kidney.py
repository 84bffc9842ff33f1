"""The person's own mineral baseline: what kidney function, vitamin D and calcium intake set before any drug.

    f      = GFR/60, at most 1;   i = intake/1000 mg per day
    PTH0   = 45 (max(1, 60/GFR))^0.9 (max(1, 50/D25))^q_D25 i^-q_IP   pg/mL
    D0     = 110 f^0.7                                                pmol/L calcitriol
    p0     = 1.15 (max(1, 30/GFR))^0.35                               mmol/L phosphate
    U0     = 4.5 (min(1, GFR/80))^1.2 i^q_I                           mmol/d urinary calcium
    TT     = (PTH0/45)^0.3 turnover (1 + bm metastases)               turnover of skeletal mineral

Calcium itself starts at c0 whatever the kidney does and whatever is eaten: what is chronic is steady. What a poor
kidney or a poor diet changes is the room for compensation: there is less urinary calcium to save, and PTH is up
already.
"""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values, maximum, minimum


class KidneyBaseline(NamedTuple):
    """A person's own mineral baseline."""

    PTH: Number  # pg/mL
    calcitriol: Number  # pmol/L
    phosphate: Number  # mmol/L
    urine: Number  # mmol/d
    turnover: Number  # relative to a healthy kidney and the usual intake


def baseline(p: Values) -> KidneyBaseline:
    """What are PTH, calcitriol, phosphate, urinary calcium and mineral turnover before treatment?"""
    eaten = p.intake / p.intake_ref
    pth = maximum(60 / p.GFR, 1.0) ** p.q_PTH * maximum(p.D25_ref / p.D25, 1.0) ** p.q_D25
    pth = pth * eaten ** (-p.q_IP)
    return KidneyBaseline(
        PTH=p.PTH_ref * pth,
        calcitriol=p.D_ref * minimum(p.GFR / 60, 1.0) ** p.q_D,
        phosphate=p.p_ref * maximum(30 / p.GFR, 1.0) ** p.q_p,
        urine=p.U_ref * minimum(p.GFR / 80, 1.0) ** p.q_U * eaten**p.q_I,
        turnover=pth**p.q_T * p.turnover * (1 + p.bm * p.metastases),
    )


def urinary_calcium(p: Values, b: KidneyBaseline, ca: Number, activity: Number) -> Number:
    """urine = U0 (ca/c0)^nU act^-eU, mmol/d."""
    return b.urine * (ca / p.c0) ** p.nU * activity ** (-p.eU)


def urinary_phosphate(p: Values, b: KidneyBaseline, ph: Number, activity: Number) -> Number:
    """20 (ph/p0)^nP act^eP, mmol/d."""
    return p.P_in * (ph / b.phosphate) ** p.nP * activity**p.eP
