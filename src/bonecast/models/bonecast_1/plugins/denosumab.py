"""Denosumab: two compartments with a target in serum that catches drug (Choi 2025), and its hold on RANKL in bone.

    Ct = Dc/Vc;   free = ((Ct - Rt - Kss) + sqrt((Ct - Rt - Kss)^2 + 4 Kss Ct))/2;   RC = Rt free/(Kss + free)
    dDd/dt = -ka Dd
    dDc/dt = ka Dd - (CL + Q) free + Q Dp/Vp - kint RC Vc
    dDp/dt = Q free - Q Dp/Vp
    dRt/dt = ksyn - kdeg (Rt - RC) - kint RC,   kdeg = ksyn/R0
    bound  = free/KL

The serum target Rt is a kinetic sink, not the RANKL of bone: bone sees the free drug through KL. Volumes and
clearance grow with body weight. Men have the published absorption, target and exchange of healthy men.
"""

from __future__ import annotations

from bonecast.engine import Number, Route, Values, sqrt, where
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Bone, Plugin

MOLAR_MASS_KDA = 147
NMOL_PER_MG = 1000 / MOLAR_MASS_KDA
NG_PER_NMOL = 1000.0 * MOLAR_MASS_KDA


def _by_sex(p: Values, women: Number, men: Number) -> Number:
    return women + p.sex * (men - women)


def _volume(p: Values) -> Number:
    return p.Vc * (p.weight / 64) ** p.Vc_weight


def _baseline_target(p: Values) -> Number:
    return _by_sex(p, p.R0, p.R0_men)


def free(y: Values, p: Values) -> Number:
    """Free denosumab in serum, nmol/L; in the form that does not cancel where the effect is lost."""
    Ct = y.Dc / _volume(p)
    x = Ct - y.Rt - p.Kss
    root = sqrt(x**2 + 4 * p.Kss * where(Ct, 0.0, Ct, 0.0) + 1e-30)
    return where(x, 0.0, (x + root) / 2, 2 * p.Kss * Ct / (root - where(x, 0.0, 0.0, x)))


def initial(p: Values) -> dict[str, Number]:
    """No drug; the target at rest."""
    return {"Dd": 0.0, "Dc": 0.0, "Dp": 0.0, "Rt": _baseline_target(p)}


def rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
    """Depot, central and peripheral drug (nmol) and target (nmol/L), per day."""
    C = free(y, p)
    complexed = y.Rt * C / (p.Kss + C)
    Vp = p.Vp * (p.weight / 64) ** p.Vp_weight
    CL = p.CL * (p.weight / 64) ** p.CL_weight
    ka, Q = _by_sex(p, p.ka, p.ka_men), _by_sex(p, p.Q, p.Q_men)
    kdeg = p.ksyn / _baseline_target(p)
    return {
        "Dd": -ka * y.Dd,
        "Dc": ka * y.Dd - (CL + Q) * C + Q * y.Dp / Vp - p.kint * complexed * _volume(p),
        "Dp": Q * C - Q * y.Dp / Vp,
        "Rt": p.ksyn - kdeg * (y.Rt - complexed) - p.kint * complexed,
    }


def action(y: Values, p: Values) -> Action:
    """It binds RANKL in bone."""
    return Action(bound=free(y, p) / p.KL)


def outputs(y: Values, p: Values) -> dict[str, Number]:
    """Total drug in serum, as assays measure it."""
    return {"denosumab_ng_mL": y.Dc / _volume(p) * NG_PER_NMOL / 1000}


PLUGIN = Plugin(
    name="denosumab",
    action=action,
    initial=initial,
    rates=rates,
    routes={"denosumab": Route("Dd", "mg", lambda p: NMOL_PER_MG)},
    scales={"Dd": 100.0, "Dc": 10.0, "Dp": 10.0},
    outputs=outputs,
)
