"""Skeletal events in bone metastases: day by day, from a hazard that hangs on urinary NTX."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from bonecast.cohorts import Trajectories
from bonecast.core import table
from bonecast.trials.bone.adherence import Stream
from bonecast.trials.bone.curves import DayGrid
from bonecast.trials.bone.fractures import reaches

APART_D = 21.0  # as the trials counted: what comes sooner belongs to the event before it


def skeletal_events(grid: DayGrid, curves: Trajectories, stream: Stream) -> np.ndarray:
    """Days of skeletal events[person, event] in order, infinite for none; at least 21 days lie between two.

        h = h_z (N / N_z)^e,     N uNTX relative to untreated; h_z, N_z on zoledronate

    An assumption throughout (`skeletal_events.toml`): it says what would follow if turnover were the whole way by
    which a drug acts on these events, and if one event made the next neither likelier nor rarer.
    """
    numbers = hazard_table()
    relative = np.maximum(curves["uNTX_pct_of_baseline"][:, grid.weekly] / 100, 1e-3)
    hazard = (
        100 * numbers["on_zoledronate"] * (relative / numbers["uNTX_on_zoledronate"]) ** numbers["exponent"]
    )
    days = grid.days[grid.weekly]
    since = int(np.searchsorted(days, 0.0))
    found: list[np.ndarray] = []
    level = np.zeros(len(hazard))
    while not found or np.isfinite(found[-1]).any():
        level = level - log_ndtr(stream(f"skeletal event {len(found) + 1}"))
        found.append(reaches(days, hazard, since, level))
    events = np.stack(found, axis=1)
    for i in range(1, events.shape[1]):
        last = np.max(np.where(np.isfinite(events[:, :i]), events[:, :i], -np.inf), axis=1)
        near = events[:, i] - last < APART_D
        events[near, i] = np.inf
    return np.sort(events, axis=1)


@cache
def hazard_table() -> dict[str, Any]:
    """The numbers of the hazard."""
    return table(files("bonecast.trials.bone") / "skeletal_events.toml", dict)["hazard"]
