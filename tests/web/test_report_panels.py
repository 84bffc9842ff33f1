"""Which pictures are made of a forecast, and what stands in them."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from report_example import NOW, example_forecast

from bonecast.charts import Panel, Strip, table
from bonecast.reports.dose_strip import dose_strip
from bonecast.reports.panels import panels


@pytest.fixture(scope="module")
def pictures():
    return {picture.key: picture for picture in panels(example_forecast())}


def test_every_endpoint_that_has_bands_gets_its_picture_in_the_order_of_the_page(pictures):
    assert list(pictures) == ["doses", "LS_BMD", "TH_BMD", "FN_BMD", "CTX", "P1NP", "calcium", "PTH"]


def test_every_picture_has_a_description_that_names_each_strategy_in_it(pictures):
    for picture in pictures.values():
        named = (
            [s.name for s in picture.series] if isinstance(picture, Panel) else list(example_forecast().bands)
        )
        assert named
        assert all(name in picture.description for name in named)


def test_density_panels_share_one_y_axis_and_markers_have_a_log_axis(pictures):
    assert pictures["LS_BMD"].y_domain == pictures["TH_BMD"].y_domain == pictures["FN_BMD"].y_domain
    assert not pictures["LS_BMD"].log
    assert pictures["CTX"].log
    assert pictures["P1NP"].log


def test_a_strategy_that_no_model_carries_keeps_its_place_and_says_so(pictures):
    spine = pictures["LS_BMD"].series
    assert [s.name for s in spine][-1] == "switch to alendronate"
    assert spine[-1].x == ()
    assert "no forecast" in spine[-1].absent
    assert pictures["TH_BMD"].series[-1].x


def test_scans_are_changes_from_the_first_and_only_later_ones_bear_the_least_significant_change(pictures):
    first, second = pictures["LS_BMD"].points
    assert (first.y, first.low) == (0.0, None)
    assert second.y == pytest.approx(100 * (0.779 / 0.742 - 1))
    # 2.77 times the precision of the spine in a clinic, 1.9 %
    assert second.high - second.y == pytest.approx(2.77 * 1.9, abs=0.01)
    assert "T −2.4" in second.note


def test_the_t_axis_reads_the_first_scan_at_zero_change(pictures):
    axis = pictures["LS_BMD"].second
    # young normal of this maker: 1.047 g/cm2, SD 0.110
    assert axis.at_zero == pytest.approx((0.742 - 1.047) / 0.110)
    assert pictures["FN_BMD"].second is None  # no scan, no axis


def test_a_value_below_the_limit_is_an_arrow_without_a_bar(pictures):
    above, below = pictures["CTX"].points
    assert (above.below, below.below, below.low) == (False, True, None)
    assert above.low < above.y < above.high
    assert "below 0.05" in {row[0]: row[1] for row in table(pictures["CTX"]).rows}["2024-12-11"]


def test_weekly_doses_become_one_run_and_a_late_dose_shows_when_it_was_due(pictures):
    strip = pictures["doses"]
    assert isinstance(strip, Strip)
    lanes = {lane.name: lane.marks for lane in strip.lanes}
    (run,) = lanes["switch to alendronate"]
    assert run.until is not None
    assert "261 times" in run.name
    late = lanes["given so far"][-1]
    assert late.due == late.x - dt.timedelta(days=91)
    assert late.label == "91 d late"
    assert lanes["given so far"][1].due is None  # one day is no delay
    assert lanes["stop"] == ()


def test_calcium_is_shown_in_days_from_the_next_dose_for_those_who_get_one(pictures):
    calcium = pictures["calcium"]
    assert [s.name for s in calcium.series] == ["on time", "3 months late"]
    for series in calcium.series:
        assert min(series.x) >= -14
        assert max(series.x) <= 90
    assert "corrected for albumin 41 g/L: 2.32" in calcium.note


def test_without_the_laboratory_range_calcium_has_a_labelled_threshold_and_with_it_the_range():
    forecast = example_forecast()
    of = {p.key: p for p in panels(forecast)}["calcium"]
    assert of.reference is None
    assert [t.y for t in of.thresholds] == [2.10]
    ranged = tuple(
        dataclasses.replace(m, reference_low=2.15, reference_high=2.6) if m.test == "calcium" else m
        for m in forecast.patient.measurements
    )
    patient = dataclasses.replace(forecast.patient, measurements=ranged)
    of = {p.key: p for p in panels(dataclasses.replace(forecast, patient=patient))}["calcium"]
    assert (of.reference.low, of.reference.high, of.thresholds) == (2.15, 2.6, ())


def test_thinning_keeps_today_and_the_last_day(pictures):
    series = pictures["CTX"].series[0]
    assert NOW in series.x
    assert series.x[-1] == example_forecast().bands["on time"]["CTX_ng_mL"].dates[-1]
    assert len(series.x) < len(example_forecast().bands["on time"]["CTX_ng_mL"].dates)


def test_a_person_without_measurements_gets_pictures_without_points():
    pictures = [one for one in panels(example_forecast(measured=False)) if not isinstance(one, Strip)]
    assert pictures
    assert [one.points for one in pictures] == [()] * len(pictures)


def test_a_forecast_without_any_dose_has_a_strip_of_empty_lanes():
    forecast = example_forecast()
    bare = dataclasses.replace(
        forecast, history=(), strategies=tuple(dataclasses.replace(s, doses=()) for s in forecast.strategies)
    )
    assert all(lane.marks == () for lane in dose_strip(bare).lanes)
    assert table(dose_strip(bare)).rows == ()
