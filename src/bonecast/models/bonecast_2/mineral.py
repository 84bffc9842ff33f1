"""The mineral half of the body with dialysis, active vitamin D, calcimimetics and a reserve of PTH.

    GFR    = the person's own, in dialysis at most 8
    c0     = c0 (1 - cM calcimimetic)                              calcium before treatment, mmol/L
    taken  = F_D vitamin_D_active/(V_D kDd)                        pmol/L of calcitriol from tablets
    D0     = kidney's D0 + taken;   dD/dt = kDd (kidney's D0 act^e (p0/ph)^0.5 + taken - D)
    less   = (1 - cP calcimimetic) (kidney's D0/D0)^q_aD (1.25/dialysate)^q_Cd
    PTH0   = as in bonecast-1, times less reserve;   TT as in bonecast-1, times less^q_T
    mx     = 1 + (mx - 1) reserve;   gG = gG reserve               what the glands can add when calcium falls
    dial   = dialysis kDial (diff (c0 - ca) + dialysate_rise)      mmol/d into serum, mean over the week

At rest a person in dialysis is in balance with the dialysate that flows. When calcium falls, more of it comes from the
dialysate: what the kidney of others saves, the dialyser gives. Everything else is as in `bonecast-1`.
"""

from __future__ import annotations

from types import SimpleNamespace

from bonecast.engine import Number, Values, minimum
from bonecast.models.bonecast_1 import calcitriol, kidney, parathyroid, serum, skeleton
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.kidney import KidneyBaseline
from bonecast.models.bonecast_1.plugins.supplements import PMOL_PER_UG


def own(p: Values) -> Values:
    """The parameters as dialysis, calcimimetic and reserve leave them, for the equations of `bonecast-1`."""
    made = _kidney_calcitriol(p)
    less = (1 - p.cP * p.calcimimetic) * (made / (made + taken(p))) ** p.q_aD
    less = less * (p.dialysate_ref / p.dialysate) ** (p.q_Cd * p.dialysis)
    return SimpleNamespace(
        **{
            **p.__dict__,
            "GFR": _gfr(p),
            "c0": p.c0 * (1 - p.cM * p.calcimimetic),
            "PTH_ref": p.PTH_ref * less * p.pth_reserve,
            "turnover": p.turnover * less**p.q_T,
            "mx": 1 + (p.mx - 1) * p.pth_reserve,
            "gG": p.gG * p.pth_reserve,
        }
    )


def _gfr(p: Values) -> Number:
    return p.GFR + p.dialysis * (minimum(p.GFR, p.GFR_dialysis) - p.GFR)


def _kidney_calcitriol(p: Values) -> Number:
    return p.D_ref * minimum(_gfr(p) / 60, 1.0) ** p.q_D


def taken(p: Values) -> Number:
    """Calcitriol that active vitamin D by mouth adds at rest, pmol/L."""
    return p.F_D * PMOL_PER_UG * p.vitamin_D_active / (p.V_D * p.kDd)


def baseline(p: Values) -> KidneyBaseline:
    """The person's own mineral baseline."""
    b = kidney.baseline(own(p))
    return b._replace(calcitriol=b.calcitriol + taken(p))


def dialysed(y: Values, p: Values) -> Number:
    """Calcium from the dialysate, beyond what flows at rest, mmol/d."""
    return p.dialysis * p.kDial * (p.diff * (own(p).c0 - y.ca) + p.dialysate_rise)


def initial(p: Values) -> dict[str, Number]:
    """Serum, calcitriol and gut, gland, and skeletal mineral at rest."""
    here, b = own(p), baseline(p)
    return {
        **serum.initial(here, b),
        **calcitriol.initial(here, b),
        **parathyroid.initial(here),
        **skeleton.initial(here, b),
    }


def pth(y: Values, p: Values) -> Number:
    """PTH relative to the person's own baseline."""
    return parathyroid.pth(y, own(p))


def pth_at_rest(p: Values) -> Number:
    """PTH before treatment, pg/mL."""
    return baseline(p).PTH


def rates(y: Values, p: Values, act: Action, activity: Number) -> dict[str, Number]:
    """All rates of the mineral states, per day; `activity` is PTH with what an analogue adds."""
    here, b, tablets = own(p), baseline(p), taken(p)
    change = {
        **serum.rates(y, here, b, act, activity),
        **calcitriol.rates(y, here, b._replace(calcitriol=b.calcitriol - tablets), activity),
        **parathyroid.rates(y, here),
    }
    change["D"] = change["D"] + p.kDd * tablets
    change["Gu"] = p.kgut * (y.D / b.calcitriol - y.Gu)
    change["ca"] = change["ca"] + dialysed(y, p) / serum.VOLUME
    return change
