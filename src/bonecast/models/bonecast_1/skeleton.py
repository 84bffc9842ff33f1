"""The mineral of the whole skeleton, as one more site, in mmol of calcium.

y = Qy/my, z = Qz;  res and form as at a site (`sites`) with turnover aS = TT JB/Q0, loss gS and weight wS
dQy/dt = my form mf - my mu y mf - my res y/(y + z)
dQz/dt = mu y mf - res z/(y + z)
mf     = (ca/c0)^nm (ph/p0)^(0.3 nm)                     deposition slows when serum is short
bal    = -(dQy/dt + dQz/dt)                              mmol/d into serum

exch   = kX (X/X0 act^gX - ca/c0)                        exchangeable calcium on bone surfaces, mmol/d
"""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values, exp
from bonecast.models.bonecast_1 import ageing, osteoclasts, sites
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.kidney import KidneyBaseline

WEIGHT = 1.0  # wS: modelling weight of the whole skeleton


class Balance(NamedTuple):
    """Rates of young and mature mineral, mmol/d of calcium."""

    young: Number
    mature: Number

    @property
    def released(self) -> Number:
        """bal: calcium into serum, mmol/d."""
        return -(self.young + self.mature)


def turnover(p: Values, b: KidneyBaseline) -> Number:
    """aS: share of skeletal mineral turned over each day."""
    return b.turnover * p.JB / p.Q0


def loss(p: Values) -> Number:
    """gS per day."""
    return p.gS / ageing.DAYS_PER_YEAR


def _volume(p: Values, b: KidneyBaseline) -> Number:
    """Volume (in mmol of mature mineral) that holds Q0 mmol at rest."""
    young = sites.young_share(p, turnover(p, b))
    return p.Q0 / (p.my * young + 1 - young)


def initial(p: Values, b: KidneyBaseline) -> dict[str, Number]:
    """The skeleton at rest: Q0 mmol, and the exchangeable pool."""
    young = sites.young_share(p, turnover(p, b))
    return {"Qy": p.my * young * _volume(p, b), "Qz": (1 - young) * _volume(p, b), "X": p.X0}


def at_rest(p: Values) -> Number:
    """r0: net loss of the untreated skeleton, mmol/d."""
    return loss(p) * p.Q0


def balance(y: Values, p: Values, b: KidneyBaseline, act: Action) -> Balance:
    """How does the mineral of the skeleton change?"""
    young, mature = y.Qy / p.my, y.Qz
    V = young + mature
    Vr = _volume(p, b) * exp(-loss(p) * (y.age - p.age) * ageing.DAYS_PER_YEAR)
    s = sites.Site(turnover(p, b), WEIGHT, p.trabecular_body)
    form = sites.formation(y, p, act, s, Vr)
    away = sites.resorption(p, s.a, loss(p), Vr, V / Vr, osteoclasts.resorption(y, act)) / V
    mf = (y.ca / p.c0) ** p.nm * (y.ph / b.phosphate) ** (0.3 * p.nm)
    return Balance(
        young=p.my * (form * mf - p.mu * young * mf - away * young),
        mature=p.mu * young * mf - away * mature,
    )


def exchange(y: Values, p: Values, activity: Number) -> Number:
    """exch: calcium from bone surfaces into serum, mmol/d."""
    return p.kX * (y.X / p.X0 * activity**p.gX - y.ca / p.c0)
