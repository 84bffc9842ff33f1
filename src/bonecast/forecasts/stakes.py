"""What each person of the ensemble stands to win or lose under a strategy, by the aim of the choice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.decisions import Aim
from bonecast.forecasts.fractures import MONTHS, Fractures
from bonecast.forecasts.levels import Columns
from bonecast.outcomes.anchoring import at_day, change_since
from bonecast.regimens import DAYS_IN

DEFAULT_AIM = "vertebral"
_KINDS = {name: name.replace("-", " ") for name in ("vertebral", "multiple-vertebral", "hip", "nonvertebral")}
_SITES = {"spine-bmd": "LS_BMD", "hip-bmd": "TH_BMD"}


def months_ahead(horizon_d: float) -> int | None:
    """How far ahead strategies are compared: the longest of 12, 24 and 60 months in the forecast; None below 12.

    >>> months_ahead(3 * 365.25), months_ahead(90.0)
    (24, None)
    """
    within = [m for m in MONTHS if m * DAYS_IN["months"] <= horizon_d + 1]
    return max(within, default=None)


def stakes(
    aim: Aim,
    months: int,
    columns: Mapping[str, Columns],
    fractures: Fractures,
    days: np.ndarray,
    today_d: float,
) -> np.ndarray | None:
    """The value[person] of one strategy in the unit of the aim; None where the model cannot say.

    columns : endpoint key to its columns over `days`. fractures : (kind, months) to probability[person].
    """
    if aim.name in _KINDS:
        chance = fractures.get((_KINDS[aim.name], months))
        return None if chance is None else 1000 * chance
    key = _SITES[aim.name]
    if key not in columns:
        return None
    curves = columns[key][f"{key}_pct_change"][1]
    from_now = change_since(curves, at_day(curves, days, today_d))
    return at_day(from_now, days, today_d + months * DAYS_IN["months"])
