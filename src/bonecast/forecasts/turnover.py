"""When does turnover pass the range before the menopause? People's days as a range of dates."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import numpy as np

from bonecast.decisions import first_above, quantiles_of_days
from bonecast.forecasts.choice import Passing
from bonecast.forecasts.levels import Columns, level_output
from bonecast.outcomes.endpoints import endpoint
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
from bonecast.regimens import History

TURNOVER = ("CTX", "P1NP")


def passing_turnover(
    key: str,
    columns: Mapping[str, Columns],
    days: np.ndarray,
    from_day: float,
    whole: np.ndarray,
    history: History,
) -> Passing | None:
    """When does this marker pass the upper end of the range before the menopause? None without its level."""
    reference, name = REFERENCE_RANGES.get(key), level_output(endpoint(key))
    if reference is None or name not in columns.get(key, {}):
        return None
    values = columns[key][name][1][whole]
    return passing_of(first_above(values, days, reference.high, from_day), reference.high, history)


def passing_of(passed: np.ndarray, limit: float, history: History) -> Passing:
    """Days at which people pass a limit, as a range of dates."""
    dates = (_date(history, day) for day in quantiles_of_days(passed))
    return Passing(limit, float(np.mean(np.isfinite(passed))), *dates)


def _date(history: History, day: float) -> dt.date | None:
    return history.date(math.floor(day)) if math.isfinite(day) else None
