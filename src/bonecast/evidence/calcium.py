"""Calcium in serum after a dose: change, size and day of the lowest level, and how many fall below a limit."""

from __future__ import annotations

import re

import numpy as np

from bonecast.errors import UnsupportedDrug
from bonecast.evidence.changes import MONTH_D
from bonecast.evidence.probes import ArmTrajectories, Probe, Reading
from bonecast.evidence.row import Row
from bonecast.models import Model

OUTPUT = "calcium_mmol_L"


def calcium_probe(row: Row, month: float, model: Model) -> Probe:
    """How an endpoint calcium_... is read: `calcium_change_mmol_L` (at the month), `calcium_nadir_change_mmol_L` and
    `calcium_nadir_day` (of the lowest level up to the month, from the day of the first dose),
    `calcium_below_X_cum_pct` (persons whose level falls below X mmol/L up to the month, as a continuous record would
    see it).

    `UnsupportedDrug` for any other, or a model without calcium.
    """
    if OUTPUT not in model.system.output_names:
        raise UnsupportedDrug(f"model {model.name}", f"{OUTPUT} is not one of its outputs")
    start, end = (row.change_from_month or 0.0) * MONTH_D, month * MONTH_D
    below = re.fullmatch(r"calcium_below_(\d(?:\.\d+)?)_cum_pct", row.endpoint)
    known = ("calcium_change_mmol_L", "calcium_nadir_change_mmol_L", "calcium_nadir_day")
    if not below and row.endpoint not in known:
        raise UnsupportedDrug("calcium", f"{row.endpoint} is not read from a curve of calcium here")
    if end <= start:
        raise UnsupportedDrug("calcium", "the window has no length")
    days = np.union1d(np.arange(start, end), [start, end])

    def read(arm: ArmTrajectories) -> Reading:
        levels = arm.treated[OUTPUT]
        if below:
            low = (levels < float(below[1])).any(axis=1).astype(np.float64)
            return Reading(np.asarray(100 * low), chance=True, events=float(low.mean()))
        statistic = "median" if row.statistic == "median" else "mean"
        if row.endpoint == "calcium_change_mmol_L":
            return Reading(levels[:, -1] - levels[:, 0], statistic)
        if row.endpoint == "calcium_nadir_day":
            return Reading(np.asarray(arm.days[levels.argmin(axis=1)] - start), statistic)
        return Reading(levels.min(axis=1) - levels[:, 0], statistic)

    return Probe((OUTPUT,), days, read, "factor" if below or row.endpoint == known[2] else "points")
