"""Limits that decide what a forecast says: each is tried just below, at and just above."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from bonecast.care.schedule import injection_tests
from bonecast.decisions import find_aim, rank
from bonecast.errors import InputError
from bonecast.forecasts.calcium import calcium_tests
from bonecast.forecasts.domain import check_person
from bonecast.forecasts.drivers import drivers_of
from bonecast.forecasts.request import check_request
from bonecast.forecasts.result import DoseMark
from bonecast.forecasts.search import exit_plans
from bonecast.interop import read_patient
from bonecast.models import load_model
from bonecast.outcomes import DateRange, QuantileRange, TimeToThreshold, TreatmentGap, summarise
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES
from bonecast.regimens import DAYS_IN, Dose, History
from bonecast.reports.accounts import _rebound, passing
from bonecast.reports.dose_strip import dose_marks

HER = read_patient("examples/late-dose.toml")
ZERO, TODAY, COVER = dt.date(2024, 1, 1), 360, 180.0
DAYS = np.arange(0.0, 360 + 1826 + 1)
PAST = History(
    ZERO, TODAY, tuple(Dose(d, "denosumab", 60.0, "mg", COVER) for d in (0.0, 180.0)), (0, 0), 360, 180
)


def summary(columns: dict, *doses: float, people: int = 5):
    """The summary of people with these curves (output to percent or level, by day) and injections on these days."""
    drawn = {
        key: {name: (unit, np.broadcast_to(curve, (people, len(DAYS)))) for name, unit, curve in of}
        for key, of in columns.items()
    }
    planned = tuple(Dose(d, "denosumab", 60.0, "mg", COVER) for d in doses)
    return summarise("way", planned, DAYS, drawn, {}, np.ones(people, bool), PAST, 1826.0)


def gap_of(columns: dict, *doses: float, people: int = 5) -> TreatmentGap | None:
    """The first time without denosumab of these people."""
    return summary(columns, *doses, people=people).treatment_gap


# A time without denosumab


def bone(lost: np.ndarray | float = 6.0, gained: float = 10.0, peak_d: float = 500.0) -> dict:
    """A spine that gains until day 360 and then loses so many percent of that level within 400 days."""
    loss = np.atleast_1d(np.asarray(lost, float))[:, None]
    down = 100 * (1 + gained / 100) * (1 - loss / 100) - 100
    spine = np.where(
        DAYS <= 360, gained * DAYS / 360, gained + (down - gained) * np.clip((DAYS - 360) / 400, 0, 1)
    )
    ctx = np.interp(DAYS, [0, 360, peak_d, peak_d + 10, 3000], [100, 20, 150, 100, 100])
    return {
        "LS_BMD": [("LS_BMD_pct_change", "%", spine)],
        "CTX": [("CTX_pct_of_baseline", "%", ctx)],
    }


@pytest.mark.parametrize(("late", "answer"), [(29, False), (30, False), (31, True)])
def test_a_gap_of_more_than_30_days_beyond_the_cover_is_a_time_without_denosumab(late, answer):
    doses = [360.0 + late + 180 * i for i in range(12)]
    assert (gap_of(bone(), *doses) is not None) is answer


@pytest.mark.parametrize(("lost", "dated"), [(0.49, False), (0.51, True)])
def test_a_loss_of_more_than_half_a_percent_has_dates(lost, dated):
    found = gap_of(bone(lost))
    assert (found.loss_begins is not None) is dated
    assert (found.loss_ends is not None) is dated


@pytest.mark.parametrize(("gained", "shared"), [(0.49, False), (0.51, True)])
def test_a_gain_of_more_than_half_a_percent_has_a_share_that_is_given_back(gained, shared):
    assert (gap_of(bone(gained=gained)).share_of_gain_lost is not None) is shared


@pytest.mark.parametrize(("losers", "dated"), [(3, True), (2, False)])
def test_dates_of_loss_are_stated_where_more_than_half_of_people_lose(losers, dated):
    lost = np.where(np.arange(4) < losers, 6.0, 0.0)
    assert (gap_of(bone(lost), people=4).loss_begins is not None) is dated


@pytest.mark.parametrize(("peak_d", "seen"), [(360 + 730, True), (360 + 731, False)])
def test_a_time_without_denosumab_is_watched_for_two_years(peak_d, seen):
    found = gap_of(bone(peak_d=float(peak_d)))
    assert found.observed_until == ZERO + dt.timedelta(days=round(360 + 2 * DAYS_IN["years"]))
    assert (found.peak.median == pytest.approx(1.5)) is seen


# Calcium after an injection


def calcium(lowest: float, on: float) -> dict:
    """A calcium of 2.4 mmol/L which, on one day, is `lowest`."""
    return {"calcium": [("calcium_mmol_L", "mmol/L", np.where(on == DAYS, lowest, 2.4))]}


@pytest.mark.parametrize(("day", "seen"), [(0, True), (89, True), (90, True), (91, False)])
def test_the_lowest_calcium_is_looked_for_on_the_90_days_after_the_injection(day, seen):
    found = summary(calcium(1.7, 370.0 + day), 370.0)
    assert (found.calcium_nadir.median == 1.7) is seen
    if seen:
        assert found.calcium_nadir_day == day


@pytest.mark.parametrize(
    ("lowest", "below"),
    [
        (2.01, {2.0: 0.0, 1.9: 0.0}),
        (2.0, {2.0: 0.0, 1.9: 0.0}),
        (1.99, {2.0: 1.0, 1.9: 0.0}),
        (1.9, {2.0: 1.0, 1.9: 0.0}),
        (1.89, {2.0: 1.0, 1.9: 1.0}),
    ],
)
def test_calcium_is_low_below_2_0_and_1_9_mmol_per_litre(lowest, below):
    assert summary(calcium(lowest, 380.0), 370.0).calcium_below == below


@pytest.mark.parametrize(("apart", "serves"), [(-3, True), (3, True), (4, False), (-4, False)])
def test_a_calcium_test_within_three_days_of_the_lowest_day_serves_for_it(apart, serves):
    ill = replace(HER, facts=tuple(sorted([*HER.facts, ("on_dialysis", True)])))
    plan, dose = injection_tests(ill, "UK"), ill.record_date
    ruled = [t.date for t in calcium_tests(plan, dose, None, dose) if t.date > dose]
    alone = next(d for d in ruled if not any(0 < abs((d - other).days) < 10 for other in ruled))
    day = (alone - dose).days + apart
    found = calcium_tests(plan, dose, day, dose)
    assert len(found) == len(calcium_tests(plan, dose, None, dose)) + (not serves)


# Who gets a forecast


@pytest.mark.parametrize(
    ("birth", "facts", "fits"),
    [
        (dt.date(2008, 9, 15), {}, True),
        (dt.date(2008, 9, 16), {}, False),
        (HER.birth_date, {"eGFR": 3.0}, True),
        (HER.birth_date, {"eGFR": 2.99}, False),
        (HER.birth_date, {"LS T-score": -6.0}, True),
        (HER.birth_date, {"LS T-score": -6.01}, False),
    ],
)
def test_adults_with_an_egfr_from_3_and_a_t_score_from_minus_6_get_a_forecast(birth, facts, fits):
    assert HER.record_date == dt.date(2026, 9, 15)
    patient = replace(HER, birth_date=birth)
    if fits:
        assert check_person(patient, facts) is None
    else:
        with pytest.raises(InputError):
            check_person(patient, facts)


@pytest.mark.parametrize(("loss", "fits"), [(0.0, False), (0.1, True), (30.0, True), (30.1, False)])
def test_a_loss_asked_for_is_above_0_and_up_to_30_percent(loss, fits):
    if fits:
        assert check_request(10, 365.0, 0, loss) is None
    else:
        with pytest.raises(InputError, match="loss"):
            check_request(10, 365.0, 0, loss)


# What is marked, named and drawn


def mark(day: int, late_d: int = 0) -> DoseMark:
    return DoseMark(ZERO + dt.timedelta(days=day), "denosumab", 60.0, "mg", True, late_d)


@pytest.mark.parametrize(("late", "label"), [(29, ""), (30, ""), (31, "31 d late")])
def test_an_injection_more_than_30_days_late_is_marked(late, label):
    assert [one.label for one in dose_marks([mark(0, late)])] == [label]


@pytest.mark.parametrize(("apart", "marks"), [(44, 1), (45, 1), (46, 2)])
def test_doses_up_to_45_days_apart_are_drawn_as_one_run(apart, marks):
    assert len(dose_marks([mark(0), mark(apart)])) == marks


@pytest.mark.parametrize(("months", "latest"), [(23, None), (24, 0), (29, 0), (30, 6), (47, 12), (48, 24)])
def test_an_exit_is_looked_at_for_24_months_at_least(months, latest):
    found = exit_plans(PAST, months * DAYS_IN["months"])
    assert found
    delays = [
        0 if name.endswith(", now") else int(name.split(", ")[-1].split()[0])
        for name in found
        if name.endswith((", now", "more months of denosumab"))
    ]
    assert max(delays, default=None) == latest


@pytest.mark.parametrize(("share", "said"), [(0.049, "stays within"), (0.05, "leaves"), (0.051, "leaves")])
def test_a_marker_stays_within_its_range_where_fewer_than_1_in_20_leave_it(share, said):
    assert passing(TimeToThreshold(0.67, share, dt.date(2027, 1, 1), None, None)).startswith(said)


@pytest.mark.parametrize(("share", "named"), [(0.295, False), (0.305, True)])
def test_a_driver_is_named_from_a_rank_correlation_of_0_3(share, named):
    """Ranks that agree in part: the correlation of `share * x + sqrt(1 - share^2) * other` is found, then sought."""
    x = np.linspace(-1.0, 1.0, 401)
    even = x**2 - np.mean(x**2)  # independent of x
    ways = np.linspace(0.0, 1.0, 4001)

    def correlation(way: float) -> float:
        ranks = [
            np.argsort(np.argsort(v, kind="stable"), kind="stable") for v in (x, way * x + (1 - way) * even)
        ]
        return float(np.corrcoef(*ranks)[0, 1])

    way = min(ways, key=lambda one: abs(correlation(one) - share))
    assert correlation(way) == pytest.approx(share, abs=0.004)
    values = {"on": 0 * x, "off": 10 + way * x + (1 - way) * even}
    ranking = rank(values, find_aim("vertebral"), 60)
    found = drivers_of(ranking, values, np.ones(401, bool), {"turnover": x}, load_model("bonecast-1"))
    assert [one.name for one in found] == (["turnover"] if named else [])


def test_ranges_before_the_menopause_are_those_that_were_published():
    found = {key: (r.low, r.high, r.unit) for key, r in REFERENCE_RANGES.items()}
    assert found == {
        "CTX": (0.05, 0.67, "ng/mL"),
        "P1NP": (19.3, 76.3, "ug/L"),
        "BSAP": (6.0, 22.7, "ug/L"),
    }  # PMID 24076251


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.499, "part of what it had gained"),
        (0.5, "part of what it had gained"),
        (0.501, "most of what it had gained"),
        (0.949, "most of what it had gained"),
        (0.95, "as much as it had gained"),
        (0.951, "as much as it had gained"),
    ],
)
def test_a_loss_is_most_of_the_gain_above_half_of_it_and_as_much_from_95_percent(share, said):
    days = DateRange(ZERO, ZERO, ZERO)
    lost = QuantileRange(share, share, share)
    gap = TreatmentGap(ZERO, None, ZERO, lost, lost, days, lost, lost, lost, days, days)
    assert said in " ".join(_rebound(gap))
