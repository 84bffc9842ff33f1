"""Bone at four sites: matrix that is laid down young, matures, and is taken away; DXA sees its mineral.

    V    = Y + Z,  v = V/Vr                                  young and mature matrix; Vr = what ageing alone leaves
    res  = a Vr (R v^h + d1 burst) + g Vr R                  resorption, and what it leaves unfilled
    form = a Vr ((1 - w fm) Fr + w Fm)                       formation: remodelling and modelling
    dY/dt = form - mu Y - res Y/V
    dZ/dt = mu Y - res Z/V
    BMD % = 100 ((my Y + Z)/(my Y0 + Z0) - 1)
    burst = b^2/(b + d0),  b = max(0, R - 1)                 resorption beyond what is refilled

Untreated, V = Vr and BMD falls by the ageing loss g and nothing else. Resorption grows with the mass that a drug has
gained (h), and a burst of resorption refills badly (d1): gains do not stay when the drug is gone. A site with
little bone has much surface for its volume, so its turnover a is larger (`size`).
"""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values, maximum
from bonecast.models.bonecast_1 import ageing, osteoblasts, osteoclasts
from bonecast.models.bonecast_1.action import Action

SITES = ("LS", "TH", "FN", "R13")
DAYS_PER_YEAR = 365.25
BURST_BEND = 0.05  # d0: rounds the corner of max(0, R - 1)


class Site(NamedTuple):
    """What one site is made of. Rates per day."""

    a: Number  # turnover
    w: Number  # weight of modelling
    t: Number  # trabecular share


def site(p: Values, name: str) -> Site:
    """The turnover, modelling weight and trabecular share of a site in this person."""
    a = getattr(p, f"a{name}") * p.turnover * size(p, name)
    return Site(a / DAYS_PER_YEAR, getattr(p, f"w{name}"), getattr(p, f"t{name}"))


def size(p: Values, name: str) -> Number:
    """Turnover per volume relative to the reference person: (BMD of the reference T-score / own BMD)^kS."""
    if name == "R13":
        return 1.0
    cv, own, reference = (getattr(p, f"{k}{name}") for k in ("cv_", "T_", "T_ref_"))
    return (maximum(1 + cv * own, 0.3) / (1 + cv * reference)) ** (-p.kS)


def young_share(p: Values, a: Number) -> Number:
    """Share of young matrix in bone that is at rest or only ages: a/(mu + a)."""
    return a / (p.mu + a)


def initial(p: Values) -> dict[str, Number]:
    """All sites at rest, of volume 1."""
    start = {}
    for name in SITES:
        young = young_share(p, site(p, name).a)
        start |= {f"Y_{name}": young, f"Z_{name}": 1 - young}
    return start


def burst(R: Number) -> Number:
    """Resorption beyond rest, rounded at the corner."""
    over = maximum(R - 1, 0.0)
    return over**2 / (over + BURST_BEND)


def resorption(p: Values, a: Number, g: Number, Vr: Number, v: Number, R: Number) -> Number:
    """res: volume taken away, per day."""
    return Vr * (a * (R * maximum(v, 0.05) ** p.h + p.d1 * burst(R)) + g * R)


def formation(y: Values, p: Values, act: Action, s: Site, Vr: Number) -> Number:
    """form: volume laid down, per day."""
    Fr = osteoblasts.remodelling(y, act, s.t)
    return s.a * Vr * ((1 - s.w * p.fm) * Fr + s.w * osteoblasts.modelling(y, p))


def rates(y: Values, p: Values, act: Action) -> dict[str, Number]:
    """Rates of young and mature matrix at every site, per day."""
    change = {}
    for name in SITES:
        s = site(p, name)
        Y, Z = getattr(y, f"Y_{name}"), getattr(y, f"Z_{name}")
        V = Y + Z
        Vr, g = ageing.volume(y, p, name), ageing.loss(y, p, name)
        away = resorption(p, s.a, g, Vr, V / Vr, osteoclasts.resorption(y, act)) / V
        change[f"Y_{name}"] = formation(y, p, act, s, Vr) - (p.mu + away) * Y
        change[f"Z_{name}"] = p.mu * Y - away * Z
    return change


def matrix(y: Values, name: str) -> Number:
    """Matrix at a site, young and mature, whatever mineral it holds."""
    return getattr(y, f"Y_{name}") + getattr(y, f"Z_{name}")


def mineral(y: Values, p: Values, name: str) -> Number:
    """Mineral at a site: what DXA sees, in units of mature bone of volume 1."""
    return p.my * getattr(y, f"Y_{name}") + getattr(y, f"Z_{name}")


def outputs(y: Values, p: Values, start: Values) -> dict[str, Number]:
    """BMD at every site, % change since time zero."""
    return {
        f"{name}_BMD_pct_change": 100 * (mineral(y, p, name) / mineral(start, p, name) - 1) for name in SITES
    }
