"""Fractures of each person, drawn from the hazards that the person's own curves give, each kind by its own stream."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr, ndtr

from bonecast.cohorts import Trajectories
from bonecast.outcomes import (
    FRACTURE_OUTPUTS,
    Profile,
    fracture_course,
    fracture_parameters,
    fracture_risk,
    recency,
)
from bonecast.trials.bone.adherence import Stream
from bonecast.trials.bone.curves import DayGrid

YEAR_D = 365.25
PER_100_Y = 100 * YEAR_D


KINDS = ("vertebral", "hip", "other nonvertebral")


@dataclass(frozen=True)
class Vertebral:
    """Vertebral fractures[person, event]: the day of each, how many vertebrae it breaks, and whether it is felt."""

    days: np.ndarray
    count: np.ndarray
    clinical: np.ndarray


@dataclass(frozen=True)
class Fractures:
    """Days from day 0 on which bones break, [person, event] in order, infinite for none until the end of the curves."""

    vertebral: Vertebral
    hip: np.ndarray
    nonvertebral: np.ndarray


def draw_fractures(
    profile: Profile,
    grid: DayGrid,
    curves: Trajectories,
    stream: Stream,
    again: float = 1.0,
    rebound: bool = True,
) -> Fractures:
    """When do these people break which bones?

    With H the integral of a kind's hazard from day 0 on and E exponential, a fracture happens where H = E, the next
    where H reaches E plus another. From a fracture on, every hazard of the person is multiplied by

        1 + again (r(u) - 1),     u years since the last fracture, r as in `recency`

    A vertebral fracture breaks 1 + G vertebrae, P(G >= g) = q^g. A hip is a nonvertebral fracture too; what is left of
    that hazard is drawn apart. Without `rebound` resorption counts up to the untreated level only.
    """
    days = grid.days[grid.weekly]
    weekly = {name: curves[name][:, grid.weekly] for name in FRACTURE_OUTPUTS.values()}
    course = fracture_course(days + grid.run_in_d, weekly)
    if not rebound:
        course = replace(course, resorption=np.minimum(course.resorption, 1.0))
    relation = fracture_parameters(curves.cohort.model)
    risk = fracture_risk(profile, course, relation)
    hip = risk.hazard["hip"]
    hazard = {
        "vertebral": risk.hazard["vertebral"],
        "hip": hip,
        "other nonvertebral": np.maximum(0.0, risk.hazard["nonvertebral"] - hip),
    }
    found = _followed(days, hazard, int(np.searchsorted(days, 0.0)), stream, again)
    spine = found["vertebral"]
    broken, hurts = np.ones(spine.shape, np.int64), np.zeros(spine.shape, bool)
    for k in range(spine.shape[1]):
        day = spine[:, k]
        column = np.searchsorted(days, np.where(np.isfinite(day), day, days[-1])).clip(max=len(days) - 1)
        at = np.arange(len(day)), column
        q, felt = risk.cluster[at], risk.hazard["clinical vertebral"][at] / risk.hazard["vertebral"][at]
        name = f"vertebral fracture {k + 1}"
        broken[:, k] = 1 + np.floor(log_ndtr(stream(f"{name}, vertebrae")) / np.log(q)).astype(np.int64)
        hurts[:, k] = ndtr(stream(f"{name}, clinical")) < felt
    nonvertebral = np.sort(np.concatenate([found["hip"], found["other nonvertebral"]], axis=1), axis=1)
    return Fractures(Vertebral(spine, broken, hurts), found["hip"], nonvertebral)


def _followed(
    days: np.ndarray, hazard: dict[str, np.ndarray], since: int, stream: Stream, again: float
) -> dict[str, np.ndarray]:
    """Days of the fractures of each kind, [person, event], one after the other: the first to come is the next.

    What is left of the exponential number of every kind is carried from fracture to fracture, so that without any
    effect of one on the next each kind has the days that its own hazard gives.
    """
    count = len(hazard["hip"])
    who, at = np.arange(count), np.full(count, days[since])
    left = {kind: -log_ndtr(stream(_name(kind, 1))) for kind in KINDS}
    had = {kind: np.zeros(count, np.int64) for kind in KINDS}
    found: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    after = {kind: np.ones(hazard[kind].shape) for kind in KINDS}
    while len(who):
        totals = {k: _since(days, hazard[k][who] * after[k], at) for k in KINDS}
        when = {k: _reached_from(days, totals[k], left[k][who], at) for k in KINDS}
        times = np.stack([when[k] for k in KINDS])
        first, day = times.argmin(axis=0), times.min(axis=0)
        goes_on = np.isfinite(day)
        who, first, day = who[goes_on], first[goes_on], day[goes_on]
        if not len(who):
            break
        for i, kind in enumerate(KINDS):
            spent = _total_at(days, totals[kind][goes_on], day, at[goes_on])
            left[kind][who] -= spent
            mine = first == i
            if mine.any():
                had[kind][who[mine]] += 1
                number = had[kind][who[mine]]
                for n in np.unique(number):
                    here = who[mine][number == n]
                    if len(found[kind]) < n:
                        found[kind].append(np.full(count, np.inf))
                    found[kind][n - 1][here] = day[mine][number == n]
                    left[kind][here] = -log_ndtr(stream(_name(kind, int(n) + 1)))[here]
        years = np.maximum(days - day[:, None], 0.0) / YEAR_D
        after = {k: 1 + again * (recency("hip" if k == "hip" else "vertebral", years) - 1) for k in KINDS}
        at = day
    none = np.full((count, 1), np.inf)
    return {kind: np.stack(rows, axis=1) if rows else none for kind, rows in found.items()}


def _name(kind: str, number: int) -> str:
    """The stream of a fracture: the first of hip and other bones keep the name that they had alone."""
    if kind == "vertebral":
        return f"vertebral fracture {number}"
    return f"{kind} fracture" if number == 1 else f"{kind} fracture {number}"


def _since(days: np.ndarray, hazard: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The integral of each hazard[person, day] from the day `at[person]` to each day, 0 before; events per person."""
    area = np.diff(days) * (hazard[:, 1:] + hazard[:, :-1]) / (2 * PER_100_Y)
    part = np.clip((days[None, 1:] - at[:, None]) / np.diff(days), 0.0, 1.0)
    return np.concatenate([np.zeros((len(hazard), 1)), np.cumsum(area * part, axis=1)], axis=1)


def _reached_from(days: np.ndarray, total: np.ndarray, level: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The day on which each integral from `at` on reaches a level; infinite where it does not."""
    found = np.full(len(total), np.inf)
    hit = np.flatnonzero(total[:, -1] >= level)
    right = np.maximum(1, (total[hit] < level[hit, None]).sum(axis=1))
    low, high = total[hit, right - 1], total[hit, right]
    share = np.divide(level[hit] - low, high - low, out=np.ones(len(hit)), where=high > low)
    start = np.maximum(days[right - 1], at[hit])
    found[hit] = start + share * (days[right] - start)
    return found


def _total_at(days: np.ndarray, total: np.ndarray, day: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The integral from `at` to a day of each person."""
    right = np.searchsorted(days, day).clip(1, len(days) - 1)
    here = np.arange(len(day))
    start = np.maximum(days[right - 1], at)
    share = np.divide(day - start, days[right] - start, out=np.ones(len(day)), where=days[right] > start)
    return total[here, right - 1] + share * (total[here, right] - total[here, right - 1])


def reaches(days: np.ndarray, hazard: np.ndarray, since: int, level: np.ndarray) -> np.ndarray:
    """The day on which the integral of each hazard[person, day] from days[since] on reaches a level; else infinite.

    hazard : per 100 person-years, straight between its days. Between two days the integral is taken as straight.

    >>> reaches(np.array([0.0, 7.0, 365.25]), np.full((1, 3), 100.0), 0, np.array([0.5])).round(1).tolist()
    [182.6]
    """
    at = np.full(len(hazard), days[since])
    return _reached_from(days, _since(days, hazard, at), level, at)
