"""The strategy table: changes of BMD from today, chances of loss, marker levels, the calcium nadir."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bonecast.forecasts.choice import CalciumTest
from bonecast.forecasts.lapse import lapse_of
from bonecast.forecasts.levels import level_output
from bonecast.forecasts.result import LEVELS, Range, Summary
from bonecast.forecasts.track import Track
from bonecast.forecasts.turnover import TURNOVER, passing_turnover
from bonecast.outcomes.anchoring import at_day, change_since
from bonecast.outcomes.endpoints import endpoint
from bonecast.records import least_significant_change
from bonecast.regimens import History
from bonecast.regimens.span import DAYS_IN

BMD_MONTHS, MARKER_MONTHS, LOSS_MONTHS = (12, 24, 60), (6, 12, 24), 24
NADIR_WINDOW_D = 90  # with poor kidneys calcium falls for two months and more
# mmol/L: grade 2 of CTCAE 4.03, and the emergency threshold of the Society for Endocrinology (10.1530/EC-16-0056)
LOW_CALCIUM = (2.0, 1.9)


def summarise(
    track: Track, history: History, horizon_d: float, tests: Callable[[float, int], tuple[CalciumTest, ...]]
) -> Summary:
    """The row of one strategy.

    tests : the day of a dose and the days from it to the lowest calcium, to the days on which calcium is tested.
    """
    days, columns, whole, today_d = track.days, track.columns, track.succeeded, float(history.today_d)
    next_dose_d = next((d.time_d for d in track.way.doses if d.drug == "denosumab"), None)
    change: dict[tuple[str, int], Range] = {}
    loss: dict[str, float] = {}
    marker: dict[tuple[str, int], Range] = {}
    t_score: dict[tuple[str, int], Range] = {}

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
            if f"{key}_T_score" in found:
                score = found[f"{key}_T_score"][1]
                t_score.update({(key, m): _range(on(score, m)) for m in BMD_MONTHS if within(m)})
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
    below: dict[float, float] = {}
    if next_dose_d is not None and "calcium" in columns:
        window = (days >= next_dose_d) & (days <= next_dose_d + NADIR_WINDOW_D)
        if window.sum() > 7:
            calcium = columns["calcium"][level_output(endpoint("calcium"))][1][whole][:, window]
            lowest = calcium.min(axis=1)
            nadir = _range(lowest)
            below = {limit: float(np.mean(lowest < limit)) for limit in LOW_CALCIUM}
            day = round(float(days[window][np.median(calcium, axis=0).argmin()] - next_dose_d))
    per_1000 = {key: _range(1000 * chance[whole]) for key, chance in track.fractures.items()}
    passes = {key: passing_turnover(key, columns, days, today_d, whole, history) for key in TURNOVER}
    return Summary(
        *(track.way.name, change, loss, marker, nadir, day, per_1000),
        t_score=t_score,
        calcium_below=below,
        calcium_tests=tests(next_dose_d, day) if next_dose_d is not None and day is not None else (),
        turnover_passes={key: found for key, found in passes.items() if found is not None},
        lapse=lapse_of(track, history, horizon_d),
    )


def _range(values: np.ndarray) -> Range:
    low, lower, middle, upper, high = (float(q) for q in np.quantile(values, LEVELS))
    return Range(middle, low, high, (lower, upper))
