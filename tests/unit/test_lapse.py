"""A time without denosumab: when it begins, how far resorption rises, what the spine loses and when."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from bonecast.forecasts.lapse import lapse_of
from bonecast.forecasts.track import Track
from bonecast.regimens import Dose, History, PlannedStrategy, parse_regimen

ZERO, TODAY, COVER = dt.date(2024, 1, 1), 360, 180.0
DAYS = np.arange(0.0, 360 + 1826 + 1, 10.0)


def dose(day: float, drug: str = "denosumab") -> Dose:
    return Dose(day, drug, 60.0, "mg", COVER)


def history(*days: float) -> History:
    return History(
        ZERO, TODAY, tuple(dose(d) for d in days), (0,) * len(days), round(days[-1] + COVER), round(days[-1])
    )


def track(*planned: Dose, lost: float = 6.0, peak: float = 150.0) -> Track:
    """The spine gains 10 % until day 360, loses `lost` % of it evenly over 400 days, resorption peaks on day 500."""
    spine = np.interp(DAYS, [0, 360, 760, 3000], [0, 10, 10 - 1.1 * lost, 10 - 1.1 * lost])
    ctx = np.interp(DAYS, [0, 360, 500, 900, 3000], [100, 20, peak, 100, 100])
    people = np.ones((5, 1)) * np.array([spine])
    columns = {
        "LS_BMD": {"LS_BMD_pct_change": ("%", people)},
        "CTX": {"CTX_pct_of_baseline": ("%", np.ones((5, 1)) * np.array([ctx]))},
    }
    plan = parse_regimen("nothing for 5 years")
    return Track(PlannedStrategy("stop", plan, TODAY, planned), DAYS, columns, {}, np.ones(5, bool))


def test_after_the_last_cover_resorption_rises_and_the_gain_is_given_back_in_dates():
    found = lapse_of(track(), history(0.0, 180.0), 1826.0)
    assert found is not None
    assert (found.begins, found.ends) == (ZERO + dt.timedelta(360), None)
    assert (found.before.median, found.peak.median) == pytest.approx((0.2, 1.5))
    assert found.peak_days.median == ZERO + dt.timedelta(500)
    assert found.gained.median == pytest.approx(10.0)
    assert found.lost.median == pytest.approx(6.0)
    assert found.given_back is not None
    assert found.given_back.median == pytest.approx(0.66)  # 6 % of 110 are 6.6 of the 10 that were gained
    assert found.lose_from is not None
    assert found.lose_to is not None
    assert abs((found.lose_from.median - ZERO).days - 400) <= 1
    assert abs((found.lose_to.median - ZERO).days - 720) <= 1


def test_injections_on_time_make_no_lapse_and_a_late_one_ends_it():
    on_time = tuple(dose(360 + 180 * i) for i in range(11))
    assert lapse_of(track(*on_time), history(0.0, 180.0), 1826.0) is None
    late = lapse_of(track(dose(450), *(dose(630 + 180 * i) for i in range(9))), history(0.0, 180.0), 1826.0)
    assert late is not None
    assert late.ends == late.watched == ZERO + dt.timedelta(450)
    assert late.peak_days.median == late.watched  # resorption still rises on the day of the injection


def test_a_lapse_of_the_past_is_not_told_again():
    earlier = history(0.0, 270.0)  # three months late, before today
    planned = tuple(dose(450 + 180 * i) for i in range(10))
    assert lapse_of(track(*planned), earlier, 1826.0) is None


def test_a_loss_too_small_to_share_has_no_dates():
    found = lapse_of(track(lost=0.3, peak=60.0), history(0.0, 180.0), 1826.0)
    assert found is not None
    assert (found.lose_from, found.lose_to) == (None, None)


def test_without_denosumab_or_without_its_curves_there_is_none():
    plain = track()
    bare = Track(plain.way, plain.days, {}, {}, plain.succeeded)
    assert lapse_of(bare, history(0.0, 180.0), 1826.0) is None
    others = History(ZERO, TODAY, (dose(0.0, "zoledronate"),), (0,), 180, 0)
    assert lapse_of(plain, others, 1826.0) is None
