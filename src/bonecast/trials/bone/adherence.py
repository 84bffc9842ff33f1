"""When injections are really given: on time, late, too late to count, or never again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from scipy.special import ndtr

from bonecast.core import table
from bonecast.regimens import DAYS_IN, Dose, Regimen
from bonecast.trials.bone.design import Taking

INJECTION_D = 21.0  # a dose that covers at least so long, or is given once, is an appointment of its own
SHORTEST_D = (
    85.0  # published delays are of injections months apart: the least interval that they are used for
)
LATE_D = 28  # days after it was due (Lyu 2020)
HALF_YEAR_D = DAYS_IN["years"] / 2
OF_CLINIC = ("stop before injection", "delay of injection")
Stream = Callable[[str], np.ndarray]  # the name of a decision to one normal number for each person


@dataclass(frozen=True)
class Appointments:
    """The injections of a plan for some people.

    planned[k] : days of the plan, doses of one day together. given[person, k] : days on which they are given, whole
    numbers, NaN where they are not. due[person, k] : when each was due. stopped[person] : the day on which one was due
    and the person had stopped for good; NaN for who has not.
    """

    planned: np.ndarray
    given: np.ndarray
    due: np.ndarray
    stopped: np.ndarray


def is_injection(dose: Dose) -> bool:
    """Is this dose an appointment of its own (and not a tablet of a course)?"""
    return dose.cover_d == 0 or dose.cover_d >= INJECTION_D


def appointments(plan: Regimen, taking: Taking, count: int, stream: Stream) -> Appointments:
    """When `count` people get the injections of this plan, counted from its first day.

    "perfect": on the planned days. "published": before each injection after the first, a person stops for good with
    the chance 1 - p^(interval / 6 months), p the persistence of the year; who goes on comes early, on time or late as
    `adherence.toml` says, and the next is due one interval after it. "on-time": people stop in the same way, and who
    goes on comes on the day. The numbers of a person do not depend on the plan.

    >>> from bonecast.regimens import parse_regimen
    >>> plan = parse_regimen("denosumab 60 mg every 6 months x 3")
    >>> appointments(plan, Taking("perfect", 1, 1), 1, lambda name: np.zeros(1)).given.tolist()
    [[0.0, 183.0, 365.0]]
    """
    planned = np.array(sorted({d.time_d for d in plan.doses if is_injection(d) and d.drug != "nothing"}))
    given = np.repeat(np.round(planned)[None], count, axis=0)
    due, stopped = given.copy(), np.full(count, np.nan)
    if taking.process == "perfect":
        return Appointments(planned, given, due, stopped)
    edges, share = adherence_table()["delay"]["edges_d"], adherence_table()["delay"]["share"]
    for k in range(1, len(planned)):
        interval = planned[k] - planned[k - 1]
        due[:, k] = np.round(given[:, k - 1] + interval)
        goes_on = taking.first_year if planned[k] <= DAYS_IN["years"] + 1 else taking.later
        stops = ndtr(stream(f"stop before injection {k + 1}")) >= goes_on ** (interval / HALF_YEAR_D)
        stopped = np.where(np.isnan(stopped) & stops, due[:, k], stopped)
        delay = np.interp(ndtr(stream(f"delay of injection {k + 1}")), share, edges)
        late = delay if taking.process == "published" else 0.0
        given[:, k] = np.where(np.isnan(stopped), np.round(due[:, k] + late), np.nan)
    return Appointments(planned, given, due, stopped)


def by_clinic(stream: Stream, shared: float, clinic: Callable[[], np.ndarray]) -> Stream:
    """The stream with stopping and delays that people of one clinic have partly in common.

    z' = sqrt(1 - s) z + sqrt(s) c, with c the number of the person's clinic, so that each person alone is as before.

    >>> own = by_clinic(lambda name: np.array([2.0, 2.0]), 0.25, lambda: np.array([0.0, 2.0]))
    >>> own("delay of injection 2").round(3).tolist(), own("dropout").tolist()
    ([1.732, 2.732], [2.0, 2.0])
    """

    def drawn(name: str) -> np.ndarray:
        own = stream(name)
        if not name.rpartition(", ")[2].startswith(OF_CLINIC):
            return own
        return np.sqrt(1 - shared) * own + np.sqrt(shared) * clinic()

    return drawn


def shortest_interval(plan: Regimen) -> float:
    """Days between the two injections of the plan that lie nearest; infinite for fewer than two."""
    days = np.array(sorted({d.time_d for d in plan.doses if is_injection(d)}))
    return float(np.diff(days).min()) if len(days) > 1 else float("inf")


def late_and_missed(kept: Appointments, until: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Injections given up to the day `until[person]`, those of them more than four weeks late, intervals skipped."""
    came = kept.given <= until[:, None]
    delay = np.where(came, kept.given - kept.due, 0.0)
    interval = np.diff(kept.planned, prepend=-np.inf if len(kept.planned) else 0.0)
    skipped = np.floor(np.maximum(delay, 0.0) / interval) if len(kept.planned) else delay
    return came.sum(axis=1), (delay > LATE_D).sum(axis=1), skipped.sum(axis=1).astype(np.int64)


@cache
def adherence_table() -> dict[str, Any]:
    """`adherence.toml`; an entry without a known mark and a source is our own fault."""
    return table(files("bonecast.trials.bone") / "adherence.toml", dict)
