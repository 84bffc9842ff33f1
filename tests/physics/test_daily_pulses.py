"""Teriparatide as daily pulses: its level by published kinetics, the mean it keeps, and what stays as it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

import bonecast as bc
from bonecast.errors import InputError
from bonecast.models.bonecast_1 import with_daily_pulses

PLAN = "teriparatide 20 ug daily for 60 days"
WEIGHT, F, V, CL, PEAK_H = 64.0, 0.95, 1.7, 62.0, 0.5  # published: Satterwhite 2010 and a review table


@pytest.fixture(scope="module", params=["bonecast-1", pytest.param("bonecast-2", marks=pytest.mark.slow)])
def runs(request):
    hours = np.concatenate([np.arange(0.0, 24.0, 0.5), 24 * 58 + np.arange(0.0, 24.25, 0.25)])
    options = {"times": hours, "time_unit": "h", "set": {"weight": WEIGHT}, "rtol": 1e-7, "after_dose": True}
    return (
        hours,
        bc.simulate(request.param, PLAN, daily_pulses=True, **options),
        bc.simulate(request.param, PLAN, **options),
    )


def published_level(hour):
    """One compartment with the published share, volume and clearance, highest after half an hour."""
    ke, volume = CL / (V * WEIGHT), V * WEIGHT
    ka = 4.8
    for _ in range(200):
        ka = ke + math.log(ka / ke) / PEAK_H
    return 1000 * F * 20 / volume * ka / (ka - ke) * (math.exp(-ke * hour) - math.exp(-ka * hour))


def test_pth_one_hour_after_20_ug_is_the_published_one(runs):
    hours, pulsed, _ = runs
    at = int(np.flatnonzero(hours == 1.0)[0])
    assert pulsed["teriparatide_pg_mL"][at] == pytest.approx(published_level(1.0), rel=0.02)
    assert pulsed["PTH_pg_mL"][at] == pytest.approx(45.0 + published_level(1.0), rel=0.2)
    assert abs(hours[int(np.argmax(pulsed["PTH_pg_mL"][:48]))] - PEAK_H) <= 0.5
    assert pulsed["teriparatide_pg_mL"][int(np.flatnonzero(hours == 8.0)[0])] < 3.0


def test_the_activity_of_a_day_has_the_mean_of_the_steady_intake(runs):
    hours, pulsed, steady = runs
    day = hours >= 24 * 58
    level = np.trapezoid(pulsed["teriparatide_pg_mL"][day], hours[day]) / 24
    assert level == pytest.approx(1000 * F * 20 / CL / 24, rel=0.03)
    calcium = np.trapezoid(pulsed["calcium_mmol_L"][day], hours[day]) / 24
    assert calcium == pytest.approx(steady["calcium_mmol_L"][day].mean(), abs=0.02)
    assert np.ptp(pulsed["calcium_mmol_L"][day]) > 3 * np.ptp(steady["calcium_mmol_L"][day])


def test_bone_is_that_of_the_steady_intake(runs):
    _, pulsed, steady = runs
    for name in ("LS_BMD_pct_change", "P1NP_pct_of_baseline"):
        np.testing.assert_allclose(pulsed[name], steady[name], rtol=0.03, atol=0.02)
    assert "teriparatide_pg_mL" not in steady.columns
    assert pulsed["LS_BMD_pct_change"][-1] > 0.1


def test_a_model_that_has_pulses_or_no_such_drug_is_refused():
    with pytest.raises(InputError, match="peterson-riggs-2010 has no steady intake"):
        bc.simulate("peterson-riggs-2010", PLAN, daily_pulses=True)
    pulsed = with_daily_pulses(bc.load_model("bonecast-1"))
    assert with_daily_pulses(pulsed) is pulsed
    assert bc.load_model("bonecast-1").system.routes.keys() < pulsed.system.routes.keys()
