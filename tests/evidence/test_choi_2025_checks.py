"""choi-2025 against printed medians and an independent simulation (Front Pharmacol 2025;16:1631034).

Hours; denosumab 60 mg every 4380 h. The simulation counts a month as 730 h, a sixth of an interval.
"""

import numpy as np
import pytest
from scipy.integrate import trapezoid

from bonecast.models.choi_2025 import MODEL

INTERVAL = 4380.0  # h
MONTH = INTERVAL / 6
MEN = MODEL.parameter_set.alternatives["healthy-men"].values
MW = 147.0  # ng/mL for each nmol/L


def doses(count):
    return [(i * INTERVAL, "denosumab", 60.0, INTERVAL) for i in range(count)]


def single_dose(run_model, parameters, step=24.0):
    """Days and serum level (ug/mL) through the 26 weeks after one dose of 60 mg."""
    hours = np.arange(0.0, 182 * 24 + step / 2, step)
    run = run_model(MODEL.system, doses(1), list(hours), parameters)
    return hours / 24, run["denosumab_ng_mL"] / 1000


def area(days, level, weeks):
    inside = days <= weeks * 7 + 1e-9
    return trapezoid(level[inside], days[inside])


# weight and set: Cmax ug/mL, Tmax d, AUC to 16 and 26 weeks ug*d/mL, level at 12, 16 and 26 weeks ug/mL
SINGLE = {
    "woman of 64 kg": ({}, 5.63, 12.5, 324, 344, 1.44, 0.73, 0.015),
    "woman of 45 kg": ({"weight": 45.0}, 7.52, 13.0, 460, 507, 2.29, 1.33, 0.231),
    "woman of 90 kg": ({"weight": 90.0}, 4.10, 12.0, 220, 225, 0.83, 0.32, 0.0),
    "healthy man of 80 kg": ({**MEN, "weight": 80.0}, 5.53, 8.5, 276, 287, 1.07, 0.48, 0.010),
}


@pytest.mark.parametrize("person", SINGLE)
def test_one_dose_gives_the_level_of_doi_10_3389_fphar_2025_1631034(run_model, person):
    parameters, cmax, tmax, auc16, auc26, week12, week16, week26 = SINGLE[person]
    days, level = single_dose(run_model, parameters, step=6.0)
    assert level.max() == pytest.approx(cmax, abs=0.006)
    assert days[level.argmax()] == pytest.approx(tmax, abs=0.26)
    assert area(days, level, 16) == pytest.approx(auc16, abs=0.6)
    assert area(days, level, 26) == pytest.approx(auc26, abs=0.6)
    at = np.interp([84, 112, 182], days, level)
    assert at == pytest.approx([week12, week16, week26], abs=0.006)


def test_third_interval_against_the_printed_medians(run_model):
    hours = np.arange(2 * INTERVAL, 3 * INTERVAL + 1, 5.0)
    run = run_model(MODEL.system, doses(3), list(hours), {})
    level = run["denosumab_ng_mL"] / MW  # nmol/L; the first point is just before the third dose
    assert level.max() == pytest.approx(40.22, abs=0.02)
    assert level.max() == pytest.approx(40.29, rel=0.01)  # printed median
    assert hours[level.argmax()] - 2 * INTERVAL == pytest.approx(267, abs=36)  # printed median
    auc = trapezoid(level, hours)  # nmol*h/L
    assert auc * MW / 1000 / 24 == pytest.approx(360, abs=1)
    # a typical person is not the median of the cohort: 9 % above the printed 53,731 nmol*h/L
    assert auc / 53731 == pytest.approx(1.09, abs=0.01)
    assert run["LS_BMD_pct_change"][-1] == pytest.approx(6.59, abs=0.2)  # printed median at 18 months


@pytest.mark.parametrize(("weight", "change"), [(45.0, 45), (90.0, -39)])
def test_weight_moves_exposure_nearly_as_printed(run_model, weight, change):
    days, usual = single_dose(run_model, {})
    _, other = single_dose(run_model, {"weight": weight})
    assert 100 * (area(days, other, 26) / area(days, usual, 26) - 1) == pytest.approx(change, abs=5)


@pytest.mark.parametrize(("factor", "change"), [(0.0069 / 0.006, -11), (0.0074 / 0.006, -19)])
def test_race_moves_exposure_nearly_as_printed(run_model, factor, change):
    days, usual = single_dose(run_model, {})
    _, other = single_dose(run_model, {"CL_race": factor})
    assert 100 * (area(days, other, 26) / area(days, usual, 26) - 1) == pytest.approx(change, abs=5)


def test_spine_density_falls_back_to_baseline_after_four_doses(run_model):
    run = run_model(MODEL.system, doses(4), [24 * MONTH, 30 * MONTH, 36 * MONTH], {})
    assert run["LS_BMD_pct_change"] == pytest.approx([7.18, 3.58, 1.63], abs=0.01)


def test_without_a_dose_nothing_changes(run_model):
    run = run_model(MODEL.system, [], [0.0, 12 * MONTH], {})
    assert run["LS_BMD_pct_change"] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert run["denosumab_ng_mL"] == pytest.approx([0.0, 0.0], abs=1e-12)


def people(count, seed):
    """Women drawn from the published spread: weight 63.5 +/- 9.5 kg held to 45-95, every factor lognormal."""
    draw = np.random.default_rng(seed)
    factors = {f.name: f for f in MODEL.variability.factors}
    rho = MODEL.variability.correlations["CL", "Vp"]
    for _ in range(count):
        z = dict(zip(factors, draw.standard_normal(len(factors)), strict=True))
        z["Vp"] = rho * z["CL"] + np.sqrt(1 - rho**2) * z["Vp"]
        changes = {"weight": float(np.clip(draw.normal(63.5, 9.5), 45, 95))}
        for name, factor in factors.items():
            eta = np.clip(z[name], -factor.truncate, factor.truncate) if factor.truncate else z[name]
            for parameter in factor.parameters:
                changes[parameter] = MODEL.system.parameters[parameter] * float(np.exp(factor.sd * eta))
        yield changes


@pytest.mark.slow
def test_a_virtual_population_has_the_exposure_of_the_published_spread(run_model):
    runs = [single_dose(run_model, person) for person in people(300, seed=1)]
    days = runs[0][0]
    levels = np.array([level for _, level in runs])
    auc16 = np.array([area(days, level, 16) for level in levels])
    cmax = levels.max(axis=1)
    # tolerances: three standard errors of the difference between two samples of 300
    assert auc16.mean() == pytest.approx(303, abs=24)
    assert auc16.std() == pytest.approx(98, abs=17)
    assert np.median(cmax) == pytest.approx(5.75, abs=0.8)
    assert 100 * (levels[:, -1] < 0.020).mean() == pytest.approx(47, abs=12)
