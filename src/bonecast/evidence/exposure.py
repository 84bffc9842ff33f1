"""Exposure from a serum curve: peak, its time, area, half-life, accumulation; levels[person, day]."""

from __future__ import annotations

import re

import numpy as np

from bonecast.errors import UnsupportedDrug
from bonecast.evidence.changes import MONTH_D
from bonecast.evidence.probes import ArmTrajectories, Centre, Probe, Reading
from bonecast.evidence.row import Row
from bonecast.models import Model
from bonecast.regimens import Regimen

TAIL_FROM_D = 28.0  # the fall is fitted from here: the peak lies within three weeks of a dose under the skin
TAIL_SHARE = 1 / 20  # and down to this share of the peak: below it the target takes the antibody away faster
# Where a row says "terminal phase": from 1 ug/mL (a seventh of the usual peak), under which the fall is faster
# (Bekker 2004, recalled), down to traces that an assay still sees (an assumption).
TERMINAL = (1 / 7, 1 / 100)
SHORT_INTERVAL_D = 100.0  # doses as near as that leave no fall to read between them
SINGLE_DOSE_D = 365.0  # how long a single dose is followed
_IN_NG_ML = {"ng_mL": 1.0, "ug_mL": 1000.0}
_LENGTH_D = {"d": 1.0, "wk": 7.0, "mo": MONTH_D}


def exposure_probe(row: Row, plan: Regimen, model: Model) -> Probe:
    """How an endpoint PK_... is read; `UnsupportedDrug` for one that is not known here, or a drug without a level."""
    if "bioavailability" in row.endpoint:
        raise UnsupportedDrug(
            "exposure", "bioavailability goes into a model and is not read from its serum curve"
        )
    drug = plan.drugs[0] if plan.drugs else "placebo"
    output = next((f"{drug}_{u}" for u in _IN_NG_ML if f"{drug}_{u}" in model.system.output_names), None)
    if output is None:
        raise UnsupportedDrug(f"model {model.name}", f"the serum level of {drug} is not one of its outputs")
    unit = _IN_NG_ML[output.removeprefix(f"{drug}_")]
    times = [dose.time_d for dose in plan.doses if dose.drug == drug]
    ends = times[1] if len(times) > 1 else SINGLE_DOSE_D
    last = (times[-1], times[-1] + (plan.doses[-1].cover_d or ends))
    level_day = row.month * MONTH_D if row.month is not None else None
    if "trough" in row.endpoint and level_day is None:
        level_day = last[1] if "_ss" in row.endpoint else ends
    days = _grid(0.0, ends)
    if "accumulation" in row.endpoint:
        days = np.union1d(days, _grid(*last))
    if level_day is not None:
        days = np.union1d(days, [level_day])
    often = row.endpoint == "PK_thalf_d" and len(times) > 1 and ends < SHORT_INTERVAL_D
    if often:  # read after the last of many doses, where the level is left alone
        days = _grid(times[-1], times[-1] + SINGLE_DOSE_D)

    def read(arm: ArmTrajectories) -> Reading:
        values = arm.treated[output] * unit
        if often:
            return Reading(half_life(arm.days - times[-1], values), _centre(row))
        if row.endpoint == "PK_thalf_d" and "terminal" in row.note.casefold():
            return Reading(half_life(arm.days, values, TERMINAL), _centre(row))
        found = metric(row.endpoint, arm.days, values, ends, last, level_day)
        assert found is not None  # asked before anything was run, below
        return Reading(found, _centre(row))

    if not often and metric(row.endpoint, days, np.ones((1, len(days))), ends, last, level_day) is None:
        raise UnsupportedDrug(
            "exposure", f"it is not known here how {row.endpoint} is read from a serum curve"
        )
    return Probe((output,), days, read, "factor")


def metric(
    endpoint: str,
    days: np.ndarray,
    levels: np.ndarray,
    ends: float,
    last: tuple[float, float],
    level_day: float | None,
) -> np.ndarray | None:
    """What a PK_ endpoint is, person by person, in its unit; None for one that is not known.

    levels : ng/mL. ends : the day on which the first dosing interval ends. last : that of the last dose and the end
    of its cover. level_day : the day of a single level.
    """
    first = days <= ends
    if endpoint == "PK_Tmax_d":
        return time_of_peak(days[first], levels[:, first])
    if endpoint == "PK_thalf_d":
        return half_life(days[first], levels[:, first])
    if endpoint == "PK_accumulation_ratio":
        return area(days, levels, *last) / area(days, levels, 0.0, ends)
    named = re.fullmatch(r"PK_(Cmax|Ctrough|C)(?:_ss)?_(ng|ug)_mL", endpoint)
    if named:
        per = 1.0 if named[2] == "ng" else 1000.0
        if named[1] == "Cmax":
            return levels[:, first].max(axis=1) / per
        return None if level_day is None else levels[:, int(np.searchsorted(days, level_day))] / per
    named = re.fullmatch(r"PK_AUC_?(?:0_)?(?:(\d+)(d|wk|mo)|tau|inf|last)?_(ng|ug)_(d|h)_mL", endpoint)
    if named:
        end = min(float(named[1]) * _LENGTH_D[named[2]] if named[1] else ends, days[-1])
        return (
            area(days, levels, 0.0, end)
            / (1000.0 if named[3] == "ug" else 1.0)
            * (24.0 if named[4] == "h" else 1.0)
        )
    return None


def time_of_peak(days: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The day of the highest level."""
    return days[np.argmax(levels, axis=1)]


def area(days: np.ndarray, levels: np.ndarray, start: float, end: float) -> np.ndarray:
    """Area under the curve between two days (trapezoids; between its days the curve is straight).

    >>> area(np.array([0.0, 10.0]), np.array([[0.0, 20.0]]), 0.0, 5.0).tolist()
    [25.0]
    """
    inside = days[(days > start) & (days < end)]
    at = np.concatenate([[start], inside, [end]])
    values = np.array([np.interp(at, days, curve) for curve in levels])
    return ((values[:, 1:] + values[:, :-1]) / 2 * np.diff(at)).sum(axis=1)


def half_life(
    days: np.ndarray, levels: np.ndarray, shares: tuple[float, float] = (1.0, TAIL_SHARE)
) -> np.ndarray:
    """ln 2 over the slope of ln(level), by least squares from day 28 on, between two shares of the peak.

    By default down to a twentieth of the peak: the label's half-life is that of the months in which the level falls
    steadily, and the last, faster fall lies mostly below what it was computed from. NaN where fewer than three days
    are left.

    >>> days = np.arange(0.0, 200.0)
    >>> half_life(days, 0.5 ** (days[None] / 25.4)).round(2).tolist()
    [25.4]
    """
    found = np.full(len(levels), np.nan)
    for i, curve in enumerate(levels):
        high, low = (share * curve.max() for share in shares)
        tail = (days >= TAIL_FROM_D) & (curve <= high) & (curve > low) & (curve > 0)
        if tail.sum() >= 3:
            slope = np.polyfit(days[tail], np.log(curve[tail]), 1)[0]
            found[i] = -np.log(2) / slope if slope < 0 else np.nan
    return found


def _grid(start: float, end: float) -> np.ndarray:
    """Every half day for two months, then every day."""
    early = np.arange(start, min(start + 60.0, end), 0.5)
    return np.union1d(np.concatenate([early, np.arange(start + 60.0, end)]), [end])


def _centre(row: Row) -> Centre:
    if row.statistic == "GMR":
        return "geometric"
    return "median" if row.statistic in ("median", "median_diff", "approx") else "mean"
