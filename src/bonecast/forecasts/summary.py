"""The strategy table: changes of BMD from today, chances of loss, marker levels, the calcium nadir."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bonecast.forecasts.levels import level_output
from bonecast.forecasts.result import Range, Summary
from bonecast.outcomes.anchoring import at_day, change_since
from bonecast.outcomes.endpoints import endpoint
from bonecast.patients import least_significant_change
from bonecast.plans.span import DAYS_IN

BMD_MONTHS, MARKER_MONTHS, LOSS_MONTHS = (12, 24, 60), (6, 12, 24), 24
NADIR_WINDOW_D = 60
Columns = dict[str, tuple[str, np.ndarray]]


def summarise(
    name: str,
    days: np.ndarray,
    today_d: float,
    horizon_d: float,
    columns: dict[str, Columns],
    fractures: Mapping[tuple[str, int], np.ndarray],
    next_dose_d: float | None,
    whole: np.ndarray,
) -> Summary:
    """The row of one strategy.

    columns : endpoint key to its columns over `days`. fractures : (kind, months) to probability[person].
    whole : people who count.
    """
    change: dict[tuple[str, int], Range] = {}
    loss: dict[str, float] = {}
    marker: dict[tuple[str, int], Range] = {}

    def on(values: np.ndarray, months: int) -> np.ndarray:
        return at_day(values, days, today_d + months * DAYS_IN["months"])[whole]

    def mean_until(values: np.ndarray, months: int) -> np.ndarray:
        """Mean of the six months before: a level on one day would depend on the days since the last dose."""
        last = today_d + months * DAYS_IN["months"]
        axis = np.arange(last - 6 * DAYS_IN["months"], last + 1, 7.0)
        return np.mean([at_day(values, days, d) for d in axis], axis=0)[whole]

    def within(months: int) -> bool:
        return months * DAYS_IN["months"] <= horizon_d + 1

    for key, found in columns.items():
        if key.endswith("_BMD"):
            values = found[f"{key}_pct_change"][1]
            from_now = change_since(values, at_day(values, days, today_d))
            change.update({(key, m): _range(on(from_now, m)) for m in BMD_MONTHS if within(m)})
            lsc = least_significant_change("BMD", endpoint(key).site)
            if lsc is not None and within(LOSS_MONTHS):
                loss[key] = float(np.mean(on(from_now, LOSS_MONTHS) < -lsc.value))
        elif key in ("CTX", "P1NP"):
            column = level_output(endpoint(key))
            if column in found:
                marker.update(
                    {(key, m): _range(mean_until(found[column][1], m)) for m in MARKER_MONTHS if within(m)}
                )

    nadir, day = None, None
    if next_dose_d is not None and "calcium" in columns:
        window = (days >= next_dose_d) & (days <= next_dose_d + NADIR_WINDOW_D)
        if window.sum() > 7:
            calcium = columns["calcium"][level_output(endpoint("calcium"))][1][whole][:, window]
            nadir = _range(calcium.min(axis=1))
            day = round(float(days[window][np.median(calcium, axis=0).argmin()] - next_dose_d))
    per_1000 = {key: _range(1000 * chance[whole]) for key, chance in fractures.items()}
    return Summary(name, change, loss, marker, nadir, day, per_1000)


def _range(values: np.ndarray) -> Range:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return Range(float(middle), float(low), float(high))
