"""The curves of a few hundred people at a time, on a grid of days that serves every reading; dropped after use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bonecast.cohorts import Cohort, Events, Trajectories, simulate
from bonecast.engine import simd_lanes
from bonecast.outcomes import FRACTURE_OUTPUTS
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.quantities import QUANTITIES
from bonecast.trials.bone.visits import possible_days

RTOL = 1e-4  # errors of 1e-4 of a curve are far below the spread between people and every reading's error
WEEK_D = 7.0
NADIR_DAYS = np.arange(0.0, 29.0, 2.0)  # calcium falls and turns within four weeks of the first injection
FEW = 8  # persons of one list of events from which on the list is shared


@dataclass(frozen=True)
class DayGrid:
    """Days on which curves are kept, from the start of the run-in (negative) to the end, and which are weekly."""

    days: np.ndarray
    weekly: np.ndarray
    run_in_d: float


def grid_of(design: BoneDesign, run_in_d: float) -> DayGrid:
    """Every week, every day on which a visit may be, and the first days of calcium's fall."""
    weekly = np.union1d(np.arange(-run_in_d, design.end_d, WEEK_D), [-run_in_d, 0.0, float(design.end_d)])
    days = np.union1d(np.union1d(weekly, possible_days(design)), NADIR_DAYS.clip(max=design.end_d))
    return DayGrid(days, np.isin(days, weekly), run_in_d)


def outputs_of(design: BoneDesign) -> tuple[str, ...]:
    """Which outputs the readings and events of a design need; calcium always, for its lowest level."""
    asked = [q.quantity for q in design.readings if q.quantity in QUANTITIES]
    names = [QUANTITIES[name].output for name in asked] + ["calcium_mmol_L"]
    if "fractures" in design.events:
        names += FRACTURE_OUTPUTS.values()
    if "skeletal events" in design.events:
        names.append("uNTX_pct_of_baseline")
    return tuple(sorted(set(names)))


def follow(
    design: BoneDesign, grid: DayGrid, cohort: Cohort, groups: Iterable[tuple[np.ndarray, Events]]
) -> Trajectories:
    """Follow these people through their events. groups : who, and one list of events for all or one for each.

    One thread, and the same width of vectors for any number of people: a person's curve is the same, no matter who is
    followed beside.
    """
    outputs = outputs_of(design)
    values = np.full((cohort.count, len(grid.days), len(outputs)), np.nan)
    by_name = {name: values[:, :, i] for i, name in enumerate(outputs)}
    followed = Trajectories(cohort, grid.days, by_name, np.zeros(cohort.count, bool))
    for who, events in groups:
        run = simulate(
            cohort.select(who),
            events,
            grid.days,
            outputs,
            start_d=grid.run_in_d,
            rtol=RTOL,
            threads=1,
            lanes=simd_lanes(),
        )
        replace_people(followed, who, run if len(who) <= FEW else run.require_success(design.name))
    return followed


def replace_people(trajectories: Trajectories, who: np.ndarray, run: Trajectories) -> None:
    """Put the curves of a run of some people in their places, in the arrays as they are."""
    trajectories.succeeded[who] = run.succeeded
    for name, values in run.values.items():
        trajectories.values[name][who] = values
