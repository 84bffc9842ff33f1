"""Finite-element strength and trabecular bone score, read from the curves of an arm."""

from __future__ import annotations

import re

import numpy as np

from bonecast.errors import UnsupportedDrug
from bonecast.evidence.changes import MONTH_D
from bonecast.evidence.probes import ArmTrajectories, Probe, Reading
from bonecast.evidence.row import Row
from bonecast.models import Model
from bonecast.outcomes import STRENGTH_SITES, strength_change, tbs_change

RESORPTION = "resorption_pct_of_baseline"
WEEK_D = 7.0


def strength_probe(row: Row, month: float, model: Model) -> Probe:
    """How hip_FE_strength_pct, spine_FE_strength_pct and TBS_pct are read; `UnsupportedDrug` without the curves."""
    start, end = (row.change_from_month or 0.0) * MONTH_D, month * MONTH_D
    named = re.fullmatch(r"(hip|spine)_FE_strength_pct", row.endpoint)
    site = STRENGTH_SITES[named[1]] if named else "LS"
    bmd, matrix = f"{site}_BMD_pct_change", f"{site}_matrix_pct_change"
    outputs = (matrix, bmd, RESORPTION) if named else (matrix,)
    missing = [name for name in outputs if name not in model.system.output_names]
    if missing:
        raise UnsupportedDrug(f"model {model.name}", f"strength needs {', '.join(missing)}, which it lacks")
    days = np.union1d(np.arange(start, end, WEEK_D), [start, end])

    def read(arm: ArmTrajectories) -> Reading:
        curves = arm.treated
        found = (
            strength_change(arm.days, curves[bmd], curves[matrix], curves[RESORPTION])
            if named
            else tbs_change(curves[matrix])
        )
        return Reading(found[:, -1])

    return Probe(outputs, days, read, "points")
