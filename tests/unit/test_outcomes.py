"""Endpoints, anchoring and T-scores."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.errors import UnknownName
from bonecast.models import load_model, model_names
from bonecast.outcomes import ENDPOINTS, REFERENCE_RANGES, t_score
from bonecast.outcomes.anchoring import at_day, change_since, scaled_by, share_of, shifted_by


def test_our_own_model_gives_every_endpoint():
    assert {e.output for e in ENDPOINTS} <= set(load_model("bonecast-1").system.output_names)


@pytest.mark.parametrize("name", model_names())
def test_every_model_gives_some_endpoint(name):
    assert {e.output for e in ENDPOINTS} & set(load_model(name).system.output_names)


def test_a_curve_is_read_between_its_days_and_held_before_the_first():
    curves, days = np.array([[0.0, 10.0, 30.0]]), np.array([0.0, 10.0, 20.0])
    assert at_day(curves, days, 15.0) == pytest.approx([20.0])
    assert at_day(curves, days, -4.0) == pytest.approx([0.0])


def test_a_change_counted_from_the_scan_is_zero_on_the_day_of_the_scan():
    curves, days = np.array([[0.0, 4.0, 8.0]]), np.array([0.0, 100.0, 200.0])
    since = change_since(curves, at_day(curves, days, 100.0))
    assert since[0, 1] == pytest.approx(0.0)
    assert since[0, 2] == pytest.approx(100 * (108 / 104 - 1))


def test_curves_are_put_on_the_level_of_each_person():
    curves = np.array([[2.35, 2.20], [2.35, 2.20]])
    assert shifted_by(curves, np.array([0.05, 0.0])) == pytest.approx(np.array([[2.40, 2.25], [2.35, 2.20]]))
    assert scaled_by(curves, np.array([2.0, 1.0])) == pytest.approx(np.array([[4.70, 4.40], [2.35, 2.20]]))
    assert share_of(np.array([[100.0, 20.0]]), np.array([0.5]))[0] == pytest.approx([0.5, 0.1])


def test_t_scores_are_those_of_the_scanner_asked_for():
    # NHANES III (Looker 1998): total hip 0.942 (0.122) on Hologic; 1.008 (0.126) converted to Lunar
    assert t_score(0.942 - 2.5 * 0.122, "TH_BMD", "Hologic") == pytest.approx(-2.5)
    assert t_score(1.008, "TH_BMD", "Lunar") == pytest.approx(0.0)
    with pytest.raises(UnknownName, match="Norland"):
        t_score(0.9, "TH_BMD", "Norland")


def test_reference_ranges_name_their_population_and_source():
    assert (REFERENCE_RANGES["CTX"].low, REFERENCE_RANGES["CTX"].high) == (0.05, 0.67)
    assert all(r.source and r.population for r in REFERENCE_RANGES.values())


@pytest.mark.parametrize(
    ("day", "value"), [(-5, 1), (0, 1), (25, 2), (75, 4), (100, 5), (150, 9), (200, 13), (300, 13)]
)
def test_between_two_days_a_curve_is_a_line_and_beyond_them_the_last_value(day, value):
    curves, days = np.array([[1.0, 5.0, 13.0]]), np.array([0.0, 100.0, 200.0])
    assert at_day(curves, days, day).tolist() == [value]
