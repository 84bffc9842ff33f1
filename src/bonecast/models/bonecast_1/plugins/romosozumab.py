"""Romosozumab: two compartments with saturable loss (Stein and Peletier 2018), and its hold on sclerostin.

    dMd/dt = -ka Md
    dMc/dt = ka Md - CL c - Vmax c/(Km + c) - Q (c - Mp/Vp),   c = Mc/Vc
    dMp/dt = Q (c - Mp/Vp)
    occ    = c/(c + IC)                                         occupancy of sclerostin
    stimulus = eR occ,  tone = 1 - rL occ

Free of sclerostin, bone forms without resorbing first; the reserve of lining cells runs down, so that formation
limits itself. RANKL falls as well.
"""

from __future__ import annotations

from bonecast.engine import Number, Route, Values, maximum
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Bone, Plugin

MOLAR_MASS_KDA = 149
NMOL_PER_MG = 1000 / MOLAR_MASS_KDA
MG_PER_NMOL = MOLAR_MASS_KDA / 1000


def concentration(y: Values, p: Values) -> Number:
    """Drug in serum, nmol/L."""
    return maximum(y.Mc, 0.0) / p.romo_Vc


def rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
    """Depot, central and peripheral drug, nmol per day."""
    c = concentration(y, p)
    out = p.romo_Q * (c - y.Mp / p.romo_Vp)
    lost = p.romo_CL * c + p.romo_Vmax * c / (p.romo_Km + c)
    return {"Md": -p.romo_ka * y.Md, "Mc": p.romo_ka * y.Md - lost - out, "Mp": out}


def occupancy(y: Values, p: Values) -> Number:
    """Share of sclerostin, which osteocytes make at a constant rate, that is held by drug."""
    c = concentration(y, p)
    return c / (c + p.romo_IC)


def action(y: Values, p: Values) -> Action:
    """It stimulates modelling and lowers RANKL."""
    held = occupancy(y, p)
    return Action(tone=1 - p.rL * held, stimulus=p.eR * held)


def outputs(y: Values, p: Values) -> dict[str, Number]:
    """Drug in serum, and the sclerostin that is free."""
    return {
        "romosozumab_ug_mL": y.Mc / p.romo_Vc * MG_PER_NMOL,
        "free_sclerostin_pct_of_baseline": 100 * (1 - occupancy(y, p)),
    }


PLUGIN = Plugin(
    name="romosozumab",
    action=action,
    initial=lambda p: {"Md": 0.0, "Mc": 0.0, "Mp": 0.0},
    rates=rates,
    routes={"romosozumab": Route("Md", "mg", lambda p: p.romo_F * NMOL_PER_MG)},
    scales={"Md": 100.0, "Mc": 100.0, "Mp": 100.0},
    outputs=outputs,
)
