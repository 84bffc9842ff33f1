"""A treatment gap: when it begins, how far resorption rises, what the spine loses and when."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from bonecast.outcomes import Columns, TreatmentGap, find_treatment_gap
from bonecast.regimens import Dose, History

ZERO, TODAY, COVER = dt.date(2024, 1, 1), 360, 180.0
DAYS = np.arange(0.0, 360 + 1826 + 1, 10.0)


def dose(day: float, drug: str = "denosumab") -> Dose:
    return Dose(day, drug, 60.0, "mg", COVER)


def history(*days: float) -> History:
    return History(
        ZERO, TODAY, tuple(dose(d) for d in days), (0,) * len(days), round(days[-1] + COVER), round(days[-1])
    )


def gap(given: History, *planned: Dose, columns: dict[str, Columns] | None = None) -> TreatmentGap | None:
    """The gap of five people under these doses, with the usual curves by default."""
    return find_treatment_gap(
        doses=planned,
        days=DAYS,
        columns=curves() if columns is None else columns,
        people=np.ones(5, bool),
        history=given,
        horizon_d=1826.0,
    )


def curves(lost: float = 6.0, peak: float = 150.0) -> dict[str, Columns]:
    """The spine gains 10 % until day 360, loses `lost` % of it evenly over 400 days, resorption peaks on day 500."""
    spine = np.interp(DAYS, [0, 360, 760, 3000], [0, 10, 10 - 1.1 * lost, 10 - 1.1 * lost])
    ctx = np.interp(DAYS, [0, 360, 500, 900, 3000], [100, 20, peak, 100, 100])
    people = np.ones((5, 1)) * np.array([spine])
    return {
        "LS_BMD": {"LS_BMD_pct_change": ("%", people)},
        "CTX": {"CTX_pct_of_baseline": ("%", np.ones((5, 1)) * np.array([ctx]))},
    }


def test_after_the_last_cover_resorption_rises_and_the_gain_is_lost_in_dates():
    found = gap(history(0.0, 180.0))
    assert found is not None
    assert (found.begins, found.ends) == (ZERO + dt.timedelta(360), None)
    assert (found.before.median, found.peak.median) == pytest.approx((0.2, 1.5))
    assert found.peak_days.median == ZERO + dt.timedelta(500)
    assert found.gained.median == pytest.approx(10.0)
    assert found.lost.median == pytest.approx(6.0)
    assert found.share_of_gain_lost is not None
    assert found.share_of_gain_lost.median == pytest.approx(
        0.66
    )  # 6 % of 110 are 6.6 of the 10 that were gained
    assert found.loss_begins is not None
    assert found.loss_ends is not None
    assert abs((found.loss_begins.median - ZERO).days - 400) <= 1
    assert abs((found.loss_ends.median - ZERO).days - 720) <= 1


def test_injections_on_time_leave_no_gap_and_a_late_one_ends_it():
    on_time = tuple(dose(360 + 180 * i) for i in range(11))
    assert gap(history(0.0, 180.0), *on_time) is None
    late = gap(history(0.0, 180.0), dose(450), *(dose(630 + 180 * i) for i in range(9)))
    assert late is not None
    assert late.ends == late.observed_until == ZERO + dt.timedelta(450)
    assert late.peak_days.median == late.observed_until  # resorption still rises on the day of the injection


def test_a_gap_of_the_past_does_not_count():
    earlier = history(0.0, 270.0)  # three months late, before today
    planned = tuple(dose(450 + 180 * i) for i in range(10))
    assert gap(earlier, *planned) is None


def test_a_loss_too_small_to_share_has_no_dates():
    found = gap(history(0.0, 180.0), columns=curves(lost=0.3, peak=60.0))
    assert found is not None
    assert (found.loss_begins, found.loss_ends) == (None, None)


def test_without_denosumab_or_without_its_curves_there_is_none():
    assert gap(history(0.0, 180.0), columns={}) is None
    others = History(ZERO, TODAY, (dose(0.0, "zoledronate"),), (0,), 180, 0)
    assert gap(others) is None
