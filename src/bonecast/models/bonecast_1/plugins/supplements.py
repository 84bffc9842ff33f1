"""Calcium and calcitriol, as they are given beside a drug or when calcium falls.

    dK/dt = calcium taken - k K;  into serum: share absorbed (fK Gu) of what leaves the gut, mmol/d
    calcitriol by mouth enters the serum pool D directly

The person's own diet, usual supplements and vitamin D are in the baseline (`kidney`): a plan adds to it.
"""

from __future__ import annotations

from bonecast.engine import Number, Route, Values
from bonecast.models.bonecast_1.plugin import Bone, Plugin
from bonecast.models.bonecast_1.serum import VOLUME

MMOL_PER_MG = 1 / 40.08
PMOL_PER_UG = 1e6 / 416.6
PER_DAY = 4.0  # k: a tablet is absorbed or gone in hours


def rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
    """Calcium in the gut, mmol per day."""
    return {"K": -PER_DAY * y.K}


def adds(y: Values, p: Values) -> dict[str, Number]:
    """What reaches serum: calcium, mmol/L per day."""
    return {"ca": p.fK * y.Gu * PER_DAY * y.K / VOLUME}


CALCIUM = Plugin(
    name="calcium",
    initial=lambda p: {"K": 0.0},
    rates=rates,
    routes={"calcium": Route("K", "mg", lambda p: MMOL_PER_MG, given="spread")},
    scales={"K": 5.0},
    adds=adds,
)
CALCITRIOL = Plugin(
    name="calcitriol",
    routes={"calcitriol": Route("D", "ug", lambda p: p.F_D * PMOL_PER_UG / p.V_D, given="spread")},
)
