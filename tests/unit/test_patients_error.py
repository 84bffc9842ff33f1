"""The error of one measurement, against the published figures."""

import datetime as dt

import pytest

from bonecast.records import (
    Measurement,
    assay_limit,
    corrected_calcium,
    least_significant_change,
    observation_sd,
    variation,
)
from bonecast.records.measurement_error import _rows

DAY = dt.date(2026, 3, 4)
MARKS = {"published", "transcribed", "derived", "recalled", "assumption"}


def value_of(test: str, value: float, site: str | None = None) -> Measurement:
    return Measurement(test, site, value, "", False, DAY, "")


@pytest.mark.parametrize(("test", "published_lsc"), [("CTX", 56.0), ("P1NP", 38.0), ("BSAP", 24.0)])
def test_two_markers_must_differ_by_the_published_least_significant_change(test, published_lsc):
    spread = observation_sd(value_of(test, 0.3))
    assert spread is not None
    assert spread.scale == "log"
    assert 100 * 1.96 * 2**0.5 * spread.sd == pytest.approx(published_lsc, rel=0.01)
    change = least_significant_change(test)
    assert change is not None
    assert (change.value, change.mark) == (published_lsc, "published")


def test_the_published_within_person_variation_of_pth_is_part_of_its_error():
    spread = observation_sd(value_of("PTH", 50.0))
    assert spread is not None
    assert 0.152 < spread.sd < 0.152 + 0.05
    assert spread.sd == pytest.approx((0.152**2 + 0.05**2) ** 0.5, abs=0.0005)


def test_a_bmd_error_grows_with_the_value_and_is_smaller_in_a_trial():
    low, high = (observation_sd(value_of("BMD", v, "lumbar spine")) for v in (0.7, 1.4))
    trial = observation_sd(value_of("BMD", 0.7, "lumbar spine"), "trial")
    assert low is not None
    assert high is not None
    assert trial is not None
    assert low.scale == "absolute"
    assert high.sd == pytest.approx(2 * low.sd)
    assert trial.sd < low.sd


@pytest.mark.parametrize(("site", "best"), [("LS", 2.16), ("TH", 1.89), ("FN", 3.14)])
def test_no_default_is_more_precise_than_the_published_trial_precision(site, best):
    for setting in ("clinic", "trial"):
        change = least_significant_change("BMD", site, setting)
        assert change is not None
        assert change.value > best


def test_a_test_without_a_known_error_has_none():
    assert observation_sd(value_of("25-OH vitamin D", 60.0)) is None
    assert least_significant_change("creatinine") is None
    assert assay_limit("P1NP") is None


def test_the_radius_has_the_poorest_precision_of_the_other_sites_for_want_of_a_figure():
    for setting in ("clinic", "trial"):
        radius, neck = (variation("BMD", setting, site) for site in ("one-third radius", "femoral neck"))
        assert radius is not None
        assert neck is not None
        assert (radius.value, radius.mark) == (neck.value, "assumption")


def test_every_coefficient_has_a_mark_and_a_source():
    rows = {name: row for name, row in _rows().items() if name != "bmd"} | _rows()["bmd"]
    found = [entry for row in rows.values() for key, entry in row.items() if key != "use"]
    assert len(found) > 15
    assert all(entry["mark"] in MARKS and entry["source"] and entry["value"] > 0 for entry in found)


def test_a_recalled_coefficient_says_so():
    limit, cvi = assay_limit("CTX"), variation("CTX", "cvi")
    assert limit is not None
    assert cvi is not None
    assert (limit.mark, cvi.mark) == ("recalled", "recalled")


def test_calcium_is_corrected_by_two_hundredths_for_each_gram_of_albumin():
    assert corrected_calcium(2.10, 30.0) == pytest.approx(2.30)
    assert corrected_calcium(2.40, 40.0) == 2.40
    assert corrected_calcium(2.40, 45.0) == pytest.approx(2.30)


def test_a_change_that_nobody_published_is_2_77_times_the_error():
    found = least_significant_change("BMD", "lumbar spine")
    error = variation("BMD", "clinic", "lumbar spine")
    assert (found.value, found.mark) == (5.26, "derived")
    assert found.value == pytest.approx(2.77 * error.value, abs=0.006)
