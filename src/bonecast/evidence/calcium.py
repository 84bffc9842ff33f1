"""Calcium in serum after a dose: change, size and day of the lowest level, and how many fall below a limit.

A share counts people whose *measured* calcium is low: the level of a person on the days of the tests, each with the
day-to-day and assay error of calcium. Where a row does not say when calcium was tested, it is one test on the day of
the person's lowest level.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from scipy.stats import norm

from bonecast.errors import UnsupportedDrug
from bonecast.evidence.changes import MONTH_D
from bonecast.evidence.probes import ArmTrajectories, Probe, Reading
from bonecast.evidence.row import Row
from bonecast.models import Model
from bonecast.records import variation

_X = r"(\d(?:\.\d+)?)"
_SHARES = {
    "below": rf"calcium_below_{_X}_cum_pct",
    "between": rf"calcium_lowest_{_X}_to_{_X}_cum_pct",
    "fall": rf"calcium_fall_over_{_X}_cum_pct",
}


def calcium_probe(row: Row, month: float, model: Model) -> Probe:
    """How an endpoint of calcium or phosphate is read, up to the month and from `change_from_month` on:

    calcium_change_mmol_L, phosphate_change_mmol_L : at the month.
    calcium_nadir_change_mmol_L, calcium_nadir_day : of the lowest level, from the day of the first dose.
    calcium_below_X_cum_pct, calcium_lowest_X_to_Y_cum_pct : persons whose lowest measured level lies there, mmol/L.
    calcium_fall_over_X_cum_pct : persons whose measured level falls by more than X mmol/L.

    `UnsupportedDrug` for any other, or a model without calcium.
    """
    output = f"{row.endpoint.split('_')[0]}_mmol_L"
    if output not in model.system.output_names:
        raise UnsupportedDrug(f"model {model.name}", f"{output} is not one of its outputs")
    start, end = (row.change_from_month or 0.0) * MONTH_D, month * MONTH_D
    if end <= start:
        raise UnsupportedDrug("calcium", "the window has no length")
    tests = start + np.array(row.tested) if row.tested else np.arange(start, end)
    shares = {name: found for name, form in _SHARES.items() if (found := re.fullmatch(form, row.endpoint))}
    statistic = "median" if row.statistic == "median" else "mean"

    def levels(arm: ArmTrajectories) -> tuple[np.ndarray, np.ndarray]:
        """Of each person on the first day, and on the days of the tests."""
        first = int(np.searchsorted(arm.days, start))
        return arm.treated[output][:, first], arm.treated[output][:, np.searchsorted(arm.days, tests)]

    if shares:
        ((name, found),) = shares.items()
        low_in = _share(name, [float(x) for x in found.groups()], bool(row.tested))

        def share(arm: ArmTrajectories) -> Reading:
            low = low_in(*levels(arm))
            return Reading(100 * low, chance=True, events=float(low.mean()))

        return Probe((output,), np.union1d(tests, [start]), share, "factor")
    if re.fullmatch(r"(calcium|phosphate)_change_mmol_L", row.endpoint):

        def change(arm: ArmTrajectories) -> Reading:
            return Reading(arm.at(output, end) - arm.at(output, start), statistic)

        return Probe((output,), np.array([start, end]), change, "points")
    if row.endpoint == "calcium_nadir_day":

        def day(arm: ArmTrajectories) -> Reading:
            return Reading(tests[levels(arm)[1].argmin(axis=1)] - start, statistic)

        return Probe((output,), np.union1d(tests, [start]), day, "factor")
    if row.endpoint == "calcium_nadir_change_mmol_L":

        def fall(arm: ArmTrajectories) -> Reading:
            first, later = levels(arm)
            return Reading(later.min(axis=1) - first, statistic)

        return Probe((output,), np.union1d(tests, [start]), fall, "points")
    raise UnsupportedDrug("calcium", f"{row.endpoint} is not read from a curve of calcium here")


def _share(name: str, limits: list[float], tested: bool) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Each person's chance to be counted, from the first level and those of the tests."""

    def below(limit: float, levels: np.ndarray) -> np.ndarray:
        """Chance that at least one test reads below the limit; of a continuous record, that of the lowest level."""
        levels = levels if tested else levels.min(axis=1, keepdims=True)
        return 1 - norm.sf(np.log(limit / levels) / error()).prod(axis=1)

    def counted(first: np.ndarray, levels: np.ndarray) -> np.ndarray:
        if name == "between":
            return below(limits[1], levels) - below(limits[0], levels)
        if name == "below":
            return below(limits[0], levels)
        lowest = levels.min(axis=1)
        return norm.cdf((first - lowest - limits[0]) / (error() * np.hypot(first, lowest)))

    return counted


def error() -> float:
    """SD of ln(measured calcium): how far one measurement lies from the truth."""
    found = variation("calcium", "cvi")
    assert found is not None  # a card of the package
    return found.value / 100
