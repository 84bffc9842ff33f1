"""When does turnover leave the premenopausal reference range? People's days as a range of dates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.outcomes.endpoints import endpoint
from bonecast.outcomes.levels import Columns, level_output
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
from bonecast.outcomes.threshold import TimeToThreshold, first_above, time_to_threshold
from bonecast.regimens import History

TURNOVER = ("CTX", "P1NP")


def time_above_reference(
    key: str,
    columns: Mapping[str, Columns],
    days: np.ndarray,
    from_day: float,
    people: np.ndarray,
    history: History,
) -> TimeToThreshold | None:
    """Find when a marker passes the upper end of the premenopausal reference range.

    Parameters
    ----------
    key : str
        Endpoint, one of `TURNOVER`.
    columns : mapping of str to Columns
        Endpoint key to its columns over `days`.
    days : ndarray
        On the axis of the history.
    from_day : float
        Days before it do not count.
    people : ndarray
        Who counts.
    history : History
        Gives the dates.

    Returns
    -------
    TimeToThreshold or None
        None where the level of the marker is not known.
    """
    reference, name = REFERENCE_RANGES.get(key), level_output(endpoint(key))
    if reference is None or name not in columns.get(key, {}):
        return None
    values = columns[key][name][1][people]
    return time_to_threshold(first_above(values, days, reference.high, from_day), reference.high, history)
