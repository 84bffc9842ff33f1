"""Courses drawn through published BMD and markers, and groups of women like those of the trials.

The nodes of `courses.csv` are rounded from trial means, some of them from memory, and lie between them where none is
printed. They are what goes in, never what a result is held against.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from bonecast.outcomes import FractureCourse, FractureRisk, Profile, fracture_risk

DATA = Path(__file__).parents[1] / "data" / "fractures"
MONTH_D = 30.4375
COUNT = 200
PUBLISHED = list(csv.DictReader((DATA / "published.csv").open(encoding="utf-8")))


@cache
def course(arm: str) -> FractureCourse:
    """One arm, weekly."""
    rows = list(csv.DictReader((DATA / "courses.csv").open(encoding="utf-8")))

    def curve(name: str, of: str = arm) -> np.ndarray:
        nodes = [(float(r["month"]) * MONTH_D, float(r[name])) for r in rows if r["arm"] == of]
        return np.interp(days, *zip(*nodes, strict=True))

    last = max(float(r["month"]) for r in rows if r["arm"] == arm)
    days = np.append(np.arange(0.0, last * MONTH_D, 7.0), last * MONTH_D)
    return FractureCourse(
        days=days,
        ls=curve("ls"),
        th=curve("th"),
        ls_untreated=curve("ls", "untreated"),
        th_untreated=curve("th", "untreated"),
        resorption=curve("resorption"),
        formation=curve("formation"),
    )


@cache
def group(name: str) -> Profile:
    """Women with the means of the trial and its spread: SD of age 5.2 y, of T-scores 0.7."""
    age, age_sd, ls, fn, prior = {
        "freedom": (72.0, 5.2, -2.8, -2.2, 0.23),
        "leavers": (72.0, 5.2, -2.8, -2.2, 0.23),
        "aged 75": (78.0, 2.5, -2.8, -2.2, 0.23),
        "low neck": (72.0, 5.2, -2.8, -2.96, 0.23),  # the mean of those of FREEDOM at -2.5 or lower
        "fractured": (72.0, 5.2, -2.8, -2.2, 1.0),
        "frame": (71.0, 5.2, -2.7, -2.7, 0.18),
    }[name]
    order = np.random.default_rng(7)
    z = [order.permutation(ndtri((np.arange(COUNT) + 0.5) / COUNT)) for _ in range(3)]
    neck_sd = 0.36 if name == "low neck" else 0.7
    return Profile(
        age=np.clip(age + age_sd * z[0], 50.0, 95.0),
        female=1.0,
        fn_t=fn + neck_sd * z[1],
        ls_t=ls + 0.7 * z[2],
        prior_vertebral=prior,
        leaver=name == "leavers",
    )


@cache
def risk(name: str, arm: str) -> FractureRisk:
    """That group on that arm."""
    return fracture_risk(group(name), course(arm))


def percent(name: str, arm: str, kind: str, from_month: float, to_month: float) -> float:
    """Percent of persons with a fracture of that kind in the window."""
    return 100 * risk(name, arm).cumulative(kind, from_month * MONTH_D, to_month * MONTH_D).mean()


def predicted(row: dict[str, str]) -> float:
    """What the relation gives for a row of `published.csv`."""
    window = float(row["from_month"]), float(row["to_month"])
    found = percent(row["group"], row["arm"], row["kind"], *window)
    if row["over"]:
        return found / percent(row["group"], row["over"], row["kind"], *window)
    if row["statistic"] == "rate":
        return -100 * np.log1p(-found / 100) * 12 / (window[1] - window[0])
    return found
