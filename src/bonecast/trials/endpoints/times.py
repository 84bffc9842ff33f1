"""Times to an event: how long each person was followed, and how that ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bonecast.trials.endpoints.endpoint import TrialEndpoint
from bonecast.trials.endpoints.frame import stop_day, values

CENSORED, EVENT, DEATH = 0, 1, 2


@dataclass(frozen=True)
class Times:
    """days : to the event or the end of follow-up. how : CENSORED, EVENT, or DEATH before any event."""

    days: np.ndarray
    how: np.ndarray


def times(endpoint: TrialEndpoint, frame: pl.DataFrame, until: int | None = None) -> Times:
    """Follow-up from day 0 to the event, to death, or to whatever else ended it, the day of the endpoint at the latest.

    It ends where the assigned treatment ends, unless by treatment policy; in a composite that end is an event.
    until : an earlier end, for an interim look.
    """
    followed, end = values(frame, "followed_d"), end_of(endpoint, frame, until)
    event = values(frame, f"{endpoint.quantity}_d")
    if endpoint.estimand == "composite":
        event = np.fmin(event, stop_day(frame))
    had = event <= end
    died = (frame["left"] == "death").fill_null(False).to_numpy() & (followed <= end) & ~had
    return Times(np.where(had, event, end), np.where(had, EVENT, np.where(died, DEATH, CENSORED)))


def end_of(endpoint: TrialEndpoint, frame: pl.DataFrame, until: int | None = None) -> np.ndarray:
    """The last day on which events of each person count, but for the events themselves."""
    last = float(endpoint.day if until is None else min(until, endpoint.day))
    end = np.minimum(values(frame, "followed_d"), last)
    if endpoint.estimand in ("hypothetical", "while-on-treatment"):
        end = np.minimum(end, stop_day(frame))
    return end
