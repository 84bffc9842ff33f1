"""Fractures of each person, drawn from the hazards that the person's own curves give, each kind by its own stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from bonecast.cohorts import Trajectories
from bonecast.outcomes import FRACTURE_OUTPUTS, Profile, fracture_course, fracture_parameters, fracture_risk
from bonecast.trials.bone.adherence import Stream
from bonecast.trials.bone.curves import DayGrid

PER_100_Y = 100 * 365.25


@dataclass(frozen=True)
class Vertebral:
    """Vertebral fractures[person, event]: the day of each, how many vertebrae it breaks, and whether it is felt."""

    days: np.ndarray
    count: np.ndarray
    clinical: np.ndarray


@dataclass(frozen=True)
class Fractures:
    """Days from day 0 on which bones break, infinite for none until the end of the curves."""

    vertebral: Vertebral
    hip: np.ndarray
    nonvertebral: np.ndarray


def draw_fractures(profile: Profile, grid: DayGrid, curves: Trajectories, stream: Stream) -> Fractures:
    """When do these people break which bones?

    With H the integral of a kind's hazard from day 0 on and E exponential, one fracture happens where H = E; further
    vertebral ones where H reaches sums of E. Each breaks 1 + G vertebrae, P(G >= g) = q^g. A hip is a nonvertebral
    fracture too; what is left of that hazard is drawn apart.
    """
    days = grid.days[grid.weekly]
    weekly = {name: curves[name][:, grid.weekly] for name in FRACTURE_OUTPUTS.values()}
    course = fracture_course(days + grid.run_in_d, weekly)
    relation = fracture_parameters(curves.cohort.model)
    risk = fracture_risk(profile, course, relation)
    since = int(np.searchsorted(days, 0.0))
    hip_hazard = risk.hazard["hip"]
    hip = reaches(days, hip_hazard, since, -log_ndtr(stream("hip fracture")))
    other = reaches(
        days,
        np.maximum(0.0, risk.hazard["nonvertebral"] - hip_hazard),
        since,
        -log_ndtr(stream("other nonvertebral fracture")),
    )
    vertebral = _vertebral(
        days, risk.hazard["vertebral"], risk.cluster, relation["clinical_share"], since, stream
    )
    return Fractures(vertebral, hip, np.minimum(hip, other))


def reaches(days: np.ndarray, hazard: np.ndarray, since: int, level: np.ndarray) -> np.ndarray:
    """The day on which the integral of each hazard[person, day] from days[since] on reaches a level; else infinite.

    hazard : per 100 person-years, straight between its days. Between two days the integral is taken as straight.

    >>> reaches(np.array([0.0, 7.0, 365.25]), np.full((1, 3), 100.0), 0, np.array([0.5])).round(1).tolist()
    [182.6]
    """
    return _reached(days, _integral(days, hazard, since), level)


def _integral(days: np.ndarray, hazard: np.ndarray, since: int) -> np.ndarray:
    area = np.diff(days) * (hazard[:, 1:] + hazard[:, :-1]) / (2 * PER_100_Y)
    area[:, :since] = 0.0
    return np.concatenate([np.zeros((len(hazard), 1)), np.cumsum(area, axis=1)], axis=1)


def _reached(days: np.ndarray, total: np.ndarray, level: np.ndarray) -> np.ndarray:
    found = np.full(len(total), np.inf)
    hit = np.flatnonzero(total[:, -1] >= level)
    right = np.maximum(1, (total[hit] < level[hit, None]).sum(axis=1))
    low, high = total[hit, right - 1], total[hit, right]
    share = np.divide(level[hit] - low, high - low, out=np.ones(len(hit)), where=high > low)
    found[hit] = days[right - 1] + share * (days[right] - days[right - 1])
    return found


def _vertebral(
    days: np.ndarray,
    hazard: np.ndarray,
    cluster: np.ndarray,
    clinical_share: float,
    since: int,
    stream: Stream,
) -> Vertebral:
    total = _integral(days, hazard, since)
    when, broken, hurts = [], [], []
    level = np.zeros(len(total))
    while not when or np.isfinite(when[-1]).any():
        name = f"vertebral fracture {len(when) + 1}"
        level = level - log_ndtr(stream(name))
        day = _reached(days, total, level)
        column = np.searchsorted(days, np.where(np.isfinite(day), day, days[-1])).clip(max=len(days) - 1)
        q = cluster[np.arange(len(day)), column]
        when.append(day)
        broken.append(1 + np.floor(log_ndtr(stream(f"{name}, vertebrae")) / np.log(q)).astype(np.int64))
        hurts.append(ndtr(stream(f"{name}, clinical")) < clinical_share)
    return Vertebral(np.stack(when, 1), np.stack(broken, 1), np.stack(hurts, 1))
