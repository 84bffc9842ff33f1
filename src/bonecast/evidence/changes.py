"""Changes of BMD, T-score and markers, counted from a month of the plan."""

from __future__ import annotations

import math
import re

import numpy as np

from bonecast.cohorts import BASELINES
from bonecast.errors import UnsupportedDrug
from bonecast.evidence.probes import ArmTrajectories, Centre, Probe, Reading
from bonecast.evidence.row import Row
from bonecast.outcomes import young_normal
from bonecast.regimens import DAYS_IN

MONTH_D = DAYS_IN["months"]
SCANNER = "Hologic"  # an assumption: no row names the scanner


def change_probe(row: Row, month: float, output: str) -> Probe:
    """How a change of this endpoint is read from `output`: BMD in % of time zero, a marker in % of baseline."""
    start, end = (row.change_from_month or 0.0) * MONTH_D, month * MONTH_D
    site = row.endpoint.split("_")[0]
    as_t_score = row.endpoint.endswith("_Tscore_change")
    percent = 100.0 if row.endpoint_class == "BMD" else 0.0
    if re.search(r"_yr\d+_", row.endpoint) and row.change_from_month is None:
        start = max(end - 12 * MONTH_D, 0.0)  # the change over a year that ends there
    if row.endpoint.endswith("_gain_retained_pct"):
        return _retained(row, output, start, end)
    years = (end - start) / DAYS_IN["years"] if "_annual" in row.endpoint else 1.0
    if years <= 0:
        raise UnsupportedDrug("BMD", "a change per year needs a span of time")

    def read(arm: ArmTrajectories) -> Reading:
        first, last = (percent + arm.at(output, day) for day in (start, end))
        if not as_t_score:
            return Reading(change(first, last) / years, _centre(row), unit=1 / years)
        zero = percent + arm.at(output, 0.0)
        return Reading(t_score_change(arm.people[f"{site}_T_score"], site, zero, first, last), _centre(row))

    return Probe((output,), np.unique([0.0, start, end]), read, "points")


def _retained(row: Row, output: str, start: float, end: float) -> Probe:
    """Percent of the gain from time zero to `start` that is still there at `end`: the mean over the mean."""

    def read(arm: ArmTrajectories) -> Reading:
        gain = float(np.nanmean(arm.at(output, start)))
        if gain <= 0:
            raise UnsupportedDrug("BMD", "there was no gain of which a share could be retained")
        return Reading(100 * arm.at(output, end) / gain, unit=100 / gain)

    return Probe((output,), np.unique([0.0, start, end]), read, "points")


def ratio_probe(row: Row, month: float, output: str) -> Probe:
    """How the level of a marker is read for a ratio between two arms, in shares of the level before any treatment."""

    def read(arm: ArmTrajectories) -> Reading:
        return Reading(arm.at(output, month * MONTH_D) / 100, "geometric")

    return Probe((output,), np.array([0.0, month * MONTH_D]), read, "factor")


def level_probe(row: Row, month: float, output: str) -> Probe:
    """How a marker's level in its unit is read: the usual level of untreated women times the share of it.

    The mean of a lognormal level lies exp(SD^2/2) above its median; how far people's levels lie apart is that of the
    population. `UnsupportedDrug` for a marker or a unit without a usual level.
    """
    marker, unit = row.endpoint.split("_", 1)
    usual = BASELINES.get(marker)
    per = {("ng/mL", "ng_mL"): 1.0, ("ng/mL", "ng_L"): 1000.0, ("ug/L", "ug_L"): 1.0, ("ug/L", "ng_mL"): 1.0}
    if usual is None or (usual.unit, unit) not in per:
        raise UnsupportedDrug(
            "markers", f"the usual level of untreated people is not known for {row.endpoint}"
        )
    of = usual.median * per[usual.unit, unit]
    if _centre(row) == "mean":
        of *= math.exp(usual.log_sd**2 / 2)

    def read(arm: ArmTrajectories) -> Reading:
        return Reading(of * arm.at(output, month * MONTH_D) / 100, _centre(row))

    return Probe((output,), np.array([0.0, month * MONTH_D]), read, "factor")


def change(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Percent change from one level to another.

        100 (last / first - 1)

    >>> change(np.array([110.0]), np.array([121.0])).round(6).tolist()
    [10.0]
    """
    return 100.0 * (last / first - 1.0)


def t_score_change(
    t_zero: np.ndarray, site: str, zero: np.ndarray, first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    """Change in T-score between two levels (any unit, `zero` the level on the day of the T-score `t_zero`).

        (last - first) / zero * BMD(t_zero) / SD,     BMD(T) = mean + T SD of young women

    >>> t_score_change(np.array([-2.7]), "LS", *np.array([[100.0], [100.0], [113.0]])).round(2).tolist()
    [0.89]
    """
    normal = young_normal(f"{site}_BMD", SCANNER)
    return (last - first) / zero * (normal.mean + t_zero * normal.sd) / normal.sd


def _centre(row: Row) -> Centre:
    """Means of BMD; markers are reported as medians unless the row says otherwise."""
    if row.statistic in ("median", "median_diff"):
        return "median"
    stated = row.statistic in ("mean", "mean_diff")
    return "mean" if stated or row.endpoint_class == "BMD" else "median"
