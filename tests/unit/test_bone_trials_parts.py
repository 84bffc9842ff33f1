"""The parts of a bone trial: appointments, leaving, errors of reading, fractures from hazards, films."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bone_trials import small
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.engine.streams import normals
from bonecast.regimens import parse_regimen
from bonecast.trials.bone.adherence import appointments, late_and_missed
from bonecast.trials.bone.design import Taking
from bonecast.trials.bone.fractures import reaches
from bonecast.trials.bone.leaving import death_day, dropout_day
from bonecast.trials.bone.measured import found_on_films
from bonecast.trials.bone.quantities import QUANTITIES, in_units, read
from bonecast.trials.bone.visits import visit_days

MANY = 40_000
PUBLISHED = Taking("published", 0.91, 0.86)
SIX = parse_regimen("denosumab 60 mg every 6 months x 6")


def stream(name: str) -> np.ndarray:
    """The numbers of many people."""
    return normals(5, name, 0, MANY)


KEPT = appointments(SIX, PUBLISHED, MANY, stream)


def test_persistence_is_that_of_the_register():
    on = [np.isfinite(KEPT.given[:, k]).mean() for k in range(6)]
    assert on[0] == 1
    assert [on[k + 1] / on[k] for k in range(5)] == pytest.approx([0.91, 0.91, 0.86, 0.86, 0.86], abs=0.01)


def test_delays_fall_into_their_bands():
    came = np.isfinite(KEPT.given[:, 1])
    late = (KEPT.given - KEPT.due)[came, 1]
    shares = np.histogram(late, [-14.5, -0.5, 14.5, 28.5, 112.5, 400])[0] / came.sum()
    assert shares == pytest.approx([0.07, 0.63, 0.12, 0.14, 0.04], abs=0.012)
    assert np.all(KEPT.given[came, 1] == np.round(KEPT.given[came, 1]))


def test_the_next_injection_is_due_one_interval_after_the_last():
    going = np.isfinite(KEPT.given[:, 2])
    assert np.all(np.abs(KEPT.due[going, 2] - KEPT.given[going, 1] - 182.625) <= 0.5)


def test_late_and_missed_injections_are_counted_while_in_the_trial():
    given, late, missed = late_and_missed(KEPT, np.full(MANY, np.inf))
    assert given.max() == 6
    assert late.sum() / (given - 1).sum() == pytest.approx(0.18, abs=0.01)
    assert (
        0.005 < missed.sum() / (given - 1).sum() < 0.03
    )  # of the 4 % over 16 weeks late, those of 26 and more
    assert late_and_missed(KEPT, np.zeros(MANY))[0].max() == 1


def test_perfect_adherence_is_the_plan_and_a_plan_without_injections_has_none():
    assert np.all(appointments(SIX, Taking("perfect", 0.9, 0.9), 3, stream).given == np.round(SIX_DAYS))
    tablets = appointments(parse_regimen("alendronate 70 mg weekly for 1 year"), PUBLISHED, 3, stream)
    assert tablets.given.shape == (3, 0)
    assert late_and_missed(tablets, np.full(3, 900.0))[0].tolist() == [0, 0, 0]


SIX_DAYS = np.array([dose.time_d for dose in SIX.doses])


def test_a_longer_plan_leaves_the_first_injections_as_they_were():
    more = appointments(parse_regimen("denosumab 60 mg every 6 months x 9"), PUBLISHED, MANY, stream)
    assert np.array_equal(more.given[:, :6], KEPT.given, equal_nan=True)


def test_dropout_has_its_hazards_and_death_its_age():
    lost = dropout_day((0.15, 0.06), stream) / 365.25
    assert (lost < 1).mean() == pytest.approx(1 - np.exp(-0.15), abs=0.005)
    assert (lost < 3).mean() == pytest.approx(1 - np.exp(-0.27), abs=0.006)
    assert np.all(np.isinf(dropout_day((0.0, 0.0), stream)))
    women = death_day(1.0, np.full(MANY, 70.0), np.ones(MANY), stream) / 365.25
    assert (women < 1).mean() == pytest.approx(1 - np.exp(-0.015 * np.expm1(0.1) / 0.1), abs=0.002)
    men = death_day(1.0, np.full(MANY, 80.0), np.zeros(MANY), stream)
    assert np.median(men) < np.median(women) * 365.25
    assert np.all(np.isinf(death_day(0.0, np.full(3, 80.0), np.ones(3), lambda name: np.zeros(3))))


def test_readings_have_the_error_that_is_on_file():
    z = stream("error")
    spine = read(QUANTITIES["LS_BMD"], "trial", np.full(MANY, 0.8), z)
    assert spine.std() / spine.mean() == pytest.approx(0.01, rel=0.03)
    clinic = read(QUANTITIES["LS_BMD"], "clinic", np.full(MANY, 0.8), z)
    assert clinic.std() / clinic.mean() == pytest.approx(0.019, rel=0.03)
    ctx = read(QUANTITIES["CTX"], "trial", np.full(MANY, 0.4), z)
    assert np.log(ctx).std() == pytest.approx(0.202, rel=0.03)
    drug = read(QUANTITIES["denosumab"], "trial", np.full(MANY, 5000.0), z, (100.0, 0.07))
    assert drug.std() == pytest.approx(np.hypot(100, 350), rel=0.03)


def test_levels_come_from_the_persons_own_and_the_curve():
    own = np.array([0.8, 0.7])
    assert in_units(QUANTITIES["LS_BMD"], own, np.array([[10.0], [0.0]])).ravel().tolist() == pytest.approx(
        [0.88, 0.7]
    )
    assert in_units(QUANTITIES["CTX"], own, np.array([20.0, 100.0])).tolist() == pytest.approx([0.16, 0.7])
    assert in_units(QUANTITIES["calcium"], own, np.array([2.1, 2.4])).tolist() == [2.1, 2.4]


@given(st.floats(0.1, 60.0), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_fractures_come_as_often_as_their_hazard_says(rate: float, since: int):
    days = np.arange(0.0, 365.25 * 2, 7.0)
    when = reaches(
        days, np.full((MANY, len(days)), rate), since, -np.log(np.linspace(0.5 / MANY, 1 - 0.5 / MANY, MANY))
    )
    years = (days[-1] - days[since]) / 365.25
    assert np.isfinite(when).mean() == pytest.approx(-np.expm1(-rate / 100 * years), abs=2e-4)
    assert np.all(when[np.isfinite(when)] >= days[since])


def test_films_find_what_happened_before_them_and_who_misses_one_is_found_on_the_next():
    design = small(('visits = ["m0", "m18"]', 'visits = ["m0", "m9", "m18"]'))
    days = np.array([[0.0, 183, 274, 548]] * 4)
    present = np.array([[True, True, True, True]] * 4)
    present[1, 2] = False
    events = np.array([[100.0, 300.0], [100.0, 300.0], [274.0, np.inf], [np.inf, np.inf]])
    films, count = found_on_films(design, events, np.array([[1, 2]] * 4), days, present)
    assert films.min(axis=1).tolist() == [274, 548, 274, np.inf]
    assert films[0].tolist() == [274, 548]
    assert count.tolist() == [3, 3, 1, 0]
    assert (
        found_on_films(replace(design, readings=()), events, np.ones((4, 2), int), days, present)[1].sum()
        == 0
    )


@given(st.integers(0, 2**31), st.integers(0, 60))
@settings(max_examples=15, deadline=None)
def test_visits_stay_in_their_windows_and_on_days_of_injections(seed: int, shift: int):
    design = small()
    given_days = np.full((50, 2), [0.0, 183.0 + shift])
    days = visit_days(design, given_days, lambda name: normals(seed, name, 0, 50))
    for i, visit in enumerate(design.visits):
        assert np.all(np.abs(days[:, i] - visit.day) <= visit.window_d)
    if abs(183 + shift - design.visits[1].day) <= design.visits[1].window_d:
        assert np.all(days[:, 1] == 183 + shift)
    else:
        assert np.all(days[:, 1] != 183 + shift)
    assert np.all(days == np.round(days))
