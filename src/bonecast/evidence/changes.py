"""Changes of BMD, T-score and markers, counted from a month of the plan."""

from __future__ import annotations

import numpy as np

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

    def read(arm: ArmTrajectories) -> Reading:
        first, last = (percent + arm.at(output, day) for day in (start, end))
        if not as_t_score:
            return Reading(change(first, last), _centre(row))
        zero = percent + arm.at(output, 0.0)
        return Reading(t_score_change(arm.people[f"{site}_T_score"], site, zero, first, last), _centre(row))

    return Probe((output,), np.unique([0.0, start, end]), read, "points")


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
