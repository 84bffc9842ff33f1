"""When each person is really seen: the day of every visit, and which are attended."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from bonecast.trials.bone.adherence import Stream
from bonecast.trials.bone.design import BoneDesign


def visit_days(design: BoneDesign, given: np.ndarray, stream: Stream) -> np.ndarray:
    """days[person, visit], whole numbers from day 0.

    given[person, k] : the person's own injections. A visit whose window holds the day of an injection is held on that
    day, before it, as trials do; any other on a day drawn from its window, each alike. Day 0 is day 0.
    """
    columns = []
    for visit in design.visits:
        width = 2 * visit.window_d + 1
        drawn = np.minimum((ndtr(stream(f"day of {visit.name}")) * width).astype(np.int64), width - 1)
        day = np.clip(visit.day - visit.window_d + drawn, 0, design.end_d).astype(np.float64)
        if given.shape[1] and visit.day > 0:
            away = np.abs(np.nan_to_num(given, nan=np.inf) - visit.day)
            nearest = np.argmin(away, axis=1)
            here = np.arange(len(given))
            held = (away[here, nearest] <= visit.window_d) & (given[here, nearest] <= design.end_d)
            day = np.where(held, given[here, nearest], day)
        columns.append(np.zeros(len(day)) if visit.day == 0 else day)
    return np.stack(columns, axis=1)


def attended(design: BoneDesign, days: np.ndarray, followed: np.ndarray, stream: Stream) -> np.ndarray:
    """[person, visit]: is the person still in the trial, and does the person come? Everybody comes on day 0."""
    present = days <= followed[:, None]
    for i, visit in enumerate(design.visits):
        if design.missed and visit.day > 0:
            present[:, i] &= ndtr(stream(f"missing {visit.name}")) >= design.missed
    return present


def possible_days(design: BoneDesign) -> np.ndarray:
    """Every day on which somebody may be seen."""
    spans = [np.arange(v.day - v.window_d, v.day + v.window_d + 1) for v in design.visits]
    return np.unique(np.clip(np.concatenate(spans), 0, design.end_d)).astype(np.float64)
