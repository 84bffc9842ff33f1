"""The whole model, in the order in which the signal runs: dose, serum, target, bone. Time is in hours."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.choi_2025.binding import binding
from bonecast.models.choi_2025.body_size import disposition
from bonecast.models.choi_2025.pharmacokinetics import drug_rates, target_rates
from bonecast.models.choi_2025.spine_density import bmd_rates

STATES = (
    "A",  # nmol, denosumab under the skin
    "Ac",  # nmol, denosumab in serum, free and bound
    "P",  # nmol, denosumab in tissue
    "Rtot",  # nmol/L, RANKL, free and bound
    "BMD",  # g/cm2, lumbar spine
)


def initial(p: Values) -> dict[str, Number]:
    """The state before the first dose, at rest."""
    return {"A": 0.0, "Ac": 0.0, "P": 0.0, "Rtot": p.R0, "BMD": p.BMD0}


def dose_nmol_per_mg(p: Values) -> Number:
    """How many nmol are in 1 mg? 1000 / MW in kg/mol, absorption counted in the apparent volumes."""
    return 1000 / p.MW


def rates(y: Values, p: Values) -> dict[str, Number]:
    """All rates, per hour."""
    body = disposition(p)
    bound = binding(y, p, body.Vc)
    return {**drug_rates(y, p, body, bound), **target_rates(y, p, bound), **bmd_rates(y, p, bound.C)}


def outputs(y: Values, p: Values, start: Values) -> dict[str, Number]:
    """What can be seen; the change of BMD is from time zero. 1 nmol/L of denosumab is MW ng/mL."""
    bound = binding(y, p, disposition(p).Vc)
    return {
        "denosumab_ng_mL": bound.Ct * p.MW,
        "denosumab_free_ng_mL": bound.C * p.MW,
        "RANKL_total_nmol_L": y.Rtot,
        "LS_BMD_g_cm2": y.BMD,
        "LS_BMD_pct_change": 100 * (y.BMD / start.BMD - 1),
    }
