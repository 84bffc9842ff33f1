"""Measurements that say what was expected leave the forecast of a trial's mean person where it was, and narrow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from agreeing import DRAWS, TODAY, WAY, Arm, agreeing, arms, mean_person, moved
from unjudged import unjudged

from bonecast.forecasts import forecast


@pytest.fixture(scope="module", autouse=True)
def _the_course_without_a_further_dose_is_followed() -> Iterator[None]:
    with unjudged():
        yield


FARTHEST = 3.0  # standard errors of a difference of two medians
ARMS = {arm.name: arm for arm in arms()}
HER = "FREEDOM-den-TH-12"
A_FEW = (HER, "FREEDOM-pbo-TH-12", "DATA-tpd-LS-12")


def _stays(arm: Arm, draws: int, seed: int) -> None:
    for output, found in moved(arm, draws, seed).items():
        assert np.all(np.abs(found.change) < FARTHEST * found.error), (arm.name, output)
        assert np.all(found.wider < 1), (arm.name, output)


@pytest.mark.parametrize("name", A_FEW)
def test_what_was_expected_moves_no_median_and_narrows_every_range(name):
    _stays(ARMS[name], draws=200, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ARMS if name not in A_FEW][::3])
def test_the_same_at_the_default_number_of_draws(name):
    _stays(ARMS[name], draws=DRAWS, seed=2)


def test_every_trial_whose_drugs_the_model_carries_has_its_mean_person():
    assert len(ARMS) >= 30
    her = mean_person(ARMS[HER])
    assert (her.age, len(her.doses), her.sex) == (73, 2, "female")
    assert [m.t_score for m in her.measurements] == [-2.8, -1.9, -2.2]


def test_values_that_do_not_agree_do_move_it():
    her = mean_person(ARMS[HER])

    def made(*measurements):
        return forecast(
            replace(her, measurements=measurements), {WAY: "nothing for 1 year"}, horizon="1 year", draws=200
        ).band(WAY, "CTX_ng_mL")

    plain = forecast(her, {WAY: "nothing for 1 year"}, horizon="1 year", draws=200)
    as_expected = agreeing(her, plain)
    higher = [replace(m, value=2 * m.value) if m.test == "CTX" else m for m in as_expected]
    at = plain.band(WAY, "CTX_ng_mL").dates.index(TODAY)
    assert made(*higher).median[at] > 1.5 * made(*as_expected).median[at]
