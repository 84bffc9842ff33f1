"""What one measurement says: errors with outlying values, bounds, scans of one site, hours of the day, calcium."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from bonecast.core import EVIDENCE_GRADES
from bonecast.inference.measurement_parameters import numbers, value
from bonecast.inference.observations import observations_of
from bonecast.inference.outliers import log_below, log_density, outlier_probability
from bonecast.inference.scans import Scans, scans_of
from bonecast.models import load_model
from bonecast.records import Measurement, Patient
from bonecast.regimens import history_of

E, K = value("outlier_share"), value("outlier_width")
DAY = dt.date(2026, 3, 1)
BARE = Patient("A", "female", dt.date(1955, 1, 1), dt.date(2026, 9, 1), 60.0)


def test_every_number_has_a_mark_and_a_source():
    assert numbers()
    for number in numbers().values():
        assert number.mark in EVIDENCE_GRADES
        assert number.source
        assert number.unit


def test_a_value_has_the_density_of_the_mixture():
    r = np.linspace(-3, 3, 41)
    expected = (1 - E) * norm.pdf(r, scale=0.2) + E * norm.pdf(r, scale=0.2 * K)
    np.testing.assert_allclose(np.exp(log_density(r, 0.2)), expected, rtol=1e-12)


def test_a_bound_has_the_probability_of_the_mixture_and_its_limits():
    r = np.linspace(-3, 3, 41)
    expected = (1 - E) * norm.cdf(r, scale=0.2) + E * norm.cdf(r, scale=0.2 * K)
    np.testing.assert_allclose(np.exp(log_below(r, 0.2)), expected, rtol=1e-10)
    assert log_below(np.array([50.0]), 0.2)[0] == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(log_below(np.array([-50.0]), 0.2)).all()


def test_a_wild_value_pulls_less_than_a_moderate_one():
    r = np.array([0.5, 3.0])
    slope = (log_density(r + 1e-5, 0.2) - log_density(r - 1e-5, 0.2)) / 2e-5
    assert abs(slope[1]) < abs(slope[0])
    assert outlier_probability(r, 0.2)[0] < 0.5 < outlier_probability(r, 0.2)[1]


@pytest.fixture
def scans() -> Scans:
    return Scans(
        measured=np.array([0.80, 0.84, 0.93]),
        error=np.array([0.015, 0.016, 0.017]),
        machines=np.array([0, 0, 1]),
        ratio=np.array([1.0, 1.0, 1.1]),
        offset_sd=np.array([0.0, 0.0, 0.04]),
        mean=0.85,
        sd=0.15,
    )


CHANGE = np.array([[0.0, 4.0, 6.0], [0.0, 1.0, -3.0]])


def _parts(scans: Scans, x: np.ndarray) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """(weight, mean, covariance) of the scans for a curve, written out: no outlier, or one of them."""
    n = len(x)
    weights = np.array([(1 - E) ** n] + [E * (1 - E) ** (n - 1)] * n)
    machine = np.outer(scans.offset_sd, scans.offset_sd) * (scans.machines[:, None] == scans.machines)
    parts = []
    for outlier, weight in enumerate(weights / weights.sum()):
        sd = scans.error * np.where(np.arange(n) == outlier - 1, K, 1.0)
        parts.append((weight, scans.mean * x, np.diag(sd**2) + machine + np.outer(x, x) * scans.sd**2))
    return parts


def test_scans_of_a_site_have_the_likelihood_of_a_multivariate_normal_with_one_outlying_scan_at_most(scans):
    found = scans.log_likelihood(CHANGE)
    for row, change in zip(found, CHANGE, strict=True):
        x = (1 + change / 100) * scans.ratio
        expected = sum(w * multivariate_normal.pdf(scans.measured, m, c) for w, m, c in _parts(scans, x))
        assert row == pytest.approx(np.log(expected), rel=1e-9)


def test_the_level_is_drawn_from_its_distribution_given_the_scans(scans):
    count = 40_000
    rng = np.random.default_rng(1)
    change = np.tile(CHANGE[:1], (count, 1))
    drawn = scans.draw_level(change, rng.standard_normal(count), rng.uniform(size=count))
    x = (1 + CHANGE[0] / 100) * scans.ratio
    grid = np.linspace(0.6, 1.1, 2001)
    machine = np.outer(scans.offset_sd, scans.offset_sd) * (scans.machines[:, None] == scans.machines)
    density = np.zeros_like(grid)
    for outlier, (weight, _, _) in enumerate(_parts(scans, x)):
        sd = scans.error * np.where(np.arange(3) == outlier - 1, K, 1.0)
        noise = multivariate_normal(np.zeros(3), np.diag(sd**2) + machine)
        density += weight * noise.pdf(scans.measured - grid[:, None] * x)
    density *= norm.pdf(grid, scans.mean, scans.sd)
    density /= density.sum()
    mean = np.sum(grid * density)
    assert drawn.mean() == pytest.approx(mean, abs=0.0005)
    assert drawn.std() == pytest.approx(np.sqrt(np.sum((grid - mean) ** 2 * density)), rel=0.03)


def test_a_scan_given_the_others_is_what_conditioning_of_the_normal_distribution_gives(scans):
    mean, sd = scans.given(CHANGE, 2, [0, 1])
    some = scans.some([0, 1])
    for person, change in enumerate(CHANGE):
        x = (1 + change / 100) * scans.ratio
        densities, firsts, seconds = [], [], []
        for weight, m, c in _parts(some, x[:2]):
            whole = np.zeros((3, 3))
            whole[:2, :2] = c
            whole[2, :2] = whole[:2, 2] = x[2] * x[:2] * scans.sd**2
            whole[2, 2] = x[2] ** 2 * scans.sd**2 + scans.error[2] ** 2 + scans.offset_sd[2] ** 2
            pull = np.linalg.solve(c, whole[:2, 2])
            densities.append(weight * multivariate_normal.pdf(scans.measured[:2], m, c))
            firsts.append(scans.mean * x[2] + pull @ (scans.measured[:2] - m))
            seconds.append(whole[2, 2] - pull @ whole[:2, 2] + firsts[-1] ** 2)
        w = np.array(densities) / np.sum(densities)
        assert mean[person] == pytest.approx(w @ firsts, rel=1e-9)
        assert sd[person] == pytest.approx(np.sqrt(w @ seconds - (w @ firsts) ** 2), rel=1e-6)


def test_another_scanner_says_less_of_a_change_than_the_same_one(scans):
    fine = replace(scans, machines=np.zeros(3, int), ratio=np.ones(3), offset_sd=np.zeros(3))
    spread = [
        np.ptp(s.log_likelihood(np.array([[0.0, 4.0, c] for c in (0.0, 5.0, 10.0)]))) for s in (fine, scans)
    ]
    assert spread[1] < spread[0] / 2


def _radius(value: float, year: int, make: str) -> Measurement:
    day = dt.date(year, 9, 1)
    return Measurement("BMD", "one-third radius", value, "g/cm2", False, day, f"{value}", scanner=make)


def test_the_radius_has_no_reference_by_age_and_its_first_scan_decides_the_level():
    observed = _observed(_radius(0.55, 2026, "Hologic"))
    scans = scans_of("R13_BMD", list(observed), BARE)
    change, rng = np.zeros((20_000, 1)), np.random.default_rng(5)
    level = scans.draw_level(change, rng.standard_normal(20_000), rng.uniform(size=20_000))
    assert level.mean() == pytest.approx(0.55, abs=0.003)
    assert np.quantile(level, 0.75) - np.quantile(level, 0.25) == pytest.approx(1.35 * 0.025 * 0.55, rel=0.1)


@pytest.mark.parametrize(
    ("site", "makes", "offset"),
    [
        ("LS_BMD", ("Hologic", "Lunar"), "other_make_sd"),
        ("LS_BMD", ("Hologic", "Norland"), "unknown_make_sd"),
        ("R13_BMD", ("Hologic", "Lunar"), "unknown_make_sd"),
        ("R13_BMD", ("Hologic", ""), "other_make_sd"),
    ],
)
def test_two_makes_that_cannot_be_set_equal_say_little_of_a_change(site, makes, offset):
    observed = _observed(*(_radius(0.6, 2025 + i, make) for i, make in enumerate(makes)))
    scans = scans_of(site, list(observed), BARE)
    assert scans.offset_sd[1] == pytest.approx(0.6 * value(offset) / 100)


def _observed(*measured: Measurement):
    return observations_of(replace(BARE, measurements=measured), load_model("bonecast-1"), history_of(BARE))


def _ctx(**more) -> Measurement:
    return Measurement("CTX", None, 0.3, "ng/mL", False, DAY, "0.3 ng/mL", **more)


def test_ctx_of_the_afternoon_is_expected_lower_and_weighs_less():
    (morning,) = _observed(_ctx(time=dt.time(8, 30), fasting=True))
    (late,) = _observed(_ctx(time=dt.time(11, 0), fasting=True))
    (fed,) = _observed(_ctx(time=dt.time(8, 30), fasting=False))
    (afternoon,) = _observed(_ctx(time=dt.time(15, 0)))
    (unsaid,) = _observed(_ctx())
    assert (morning.shift, unsaid.shift) == (0.0, 0.0)
    assert afternoon.shift < late.shift == fed.shift < 0.0
    assert morning.sd == unsaid.sd < late.sd


def test_calcium_is_corrected_for_the_albumin_of_its_day_and_is_less_sure_without():
    total = Measurement("calcium", None, 2.2, "mmol/L", False, DAY, "2.2 mmol/L")
    albumin = Measurement("albumin", None, 35.0, "g/L", False, DAY, "35 g/L")
    (bare,) = _observed(total)
    (corrected,) = _observed(total, albumin)
    assert (bare.value, corrected.value) == (2.2, pytest.approx(2.3))
    assert corrected.sd == pytest.approx(0.018)
    assert bare.sd > 0.03


def test_ionised_calcium_speaks_of_the_same_quantity():
    (ionised,) = _observed(Measurement("ionised calcium", None, 1.25, "mmol/L", False, DAY, "1.25 mmol/L"))
    assert (ionised.key, ionised.output) == ("calcium", "calcium_mmol_L")
    assert ionised.value == pytest.approx(2.375, abs=0.01)


def test_a_test_that_no_output_stands_for_is_not_learned_from():
    assert _observed(Measurement("uNTX", None, 40.0, "nmol/mmol", False, DAY, "40")) == ()


def test_a_scan_long_before_the_replay_begins_is_less_sure():
    def scan(year: int) -> Measurement:
        day = dt.date(year, 9, 1)
        return Measurement("BMD", "lumbar spine", 0.8, "g/cm2", False, day, "0.8", scanner="Hologic")

    old, new = _observed(scan(2020), scan(2026))
    assert (old.day, new.day) == (0.0, 0.0)
    assert new.sd == pytest.approx(0.0152)
    assert old.sd > 0.04


def test_a_denosumab_level_has_the_residual_error_of_the_model_and_none_without_one():
    level = Measurement("denosumab level", None, 900.0, "ng/mL", False, DAY, "900 ng/mL")
    (found,) = _observed(level)
    assert (found.key, found.output, found.scale) == ("denosumab", "denosumab_ng_mL", "residual")
    record = replace(BARE, measurements=(level,))
    assert observations_of(record, load_model("peterson-riggs-2010"), history_of(record)) == ()
