"""Bone at four sites as in `bonecast-1`, but a bisphosphonate stops less of the ageing loss of cortical sites.

    res = a Vr (R v^h + d burst) + g Vr R (1 + u E*)
    E*  = death by bisphosphonate, as the whole population of osteoclasts sees it (`osteoclasts`)

R (1 + E*) are the osteoclasts that would be there without the bisphosphonate: with u = 1 the ageing loss g of hip, neck
and radius goes on as if there were none, while denosumab, which leaves no osteoclasts, still stops it. u = 0 at the
spine. d is the refill lost in a burst: d1 at the spine, d1 dTH at the others.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, maximum
from bonecast.models.bonecast_1 import ageing, osteoclasts, sites
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_2.osteoclasts import killing


def resorption(p: Values, name: str, act: Action, a: Number, g: Number, v: Number, R: Number) -> Number:
    """res/Vr: share of the volume taken away, per day."""
    if name == "LS":
        deficit, missed = p.d1, 1.0
    else:
        deficit, missed = p.d1 * p.dTH, 1 + p.uB * killing(p, act.load)
    return a * (R * maximum(v, 0.05) ** p.h + deficit * sites.burst(R)) + g * R * missed


def rates(y: Values, p: Values, act: Action) -> dict[str, Number]:
    """Rates of young and mature matrix at every site, per day."""
    change = {}
    for name in sites.SITES:
        s = sites.site(p, name)
        Y, Z = getattr(y, f"Y_{name}"), getattr(y, f"Z_{name}")
        V = Y + Z
        Vr, g = ageing.volume(y, p, name), ageing.loss(y, p, name)
        away = Vr * resorption(p, name, act, s.a, g, V / Vr, osteoclasts.resorption(y, act)) / V
        change[f"Y_{name}"] = sites.formation(y, p, act, s, Vr) - (p.mu + away) * Y
        change[f"Z_{name}"] = p.mu * Y - away * Z
    return change
