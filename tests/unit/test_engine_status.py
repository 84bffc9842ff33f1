"""Runs that cannot reach their end: they say why, and leave their neighbours alone."""

from __future__ import annotations

import numpy as np
import pytest
from engine_systems import GROWTH

from bonecast.engine import Bolus, Status, simulate
from bonecast.engine.status import failures

TIMES = np.linspace(0.0, 4.0, 9)
PERSONS = 13
DECAY = np.linspace(0.2, 1.5, PERSONS)


def run(growing=(), **options):
    """Persons that decay; those `growing` follow 1/(1-t) instead, which ends at time 1."""
    growth, decay = np.zeros(PERSONS), DECAY.copy()
    for person in growing:
        growth[person], decay[person] = 1.0, 0.0
    return simulate(GROWTH, [], TIMES, {"growth": growth, "decay": decay}, outputs=["size"], **options)


@pytest.mark.parametrize("lanes", [1, None])
def test_a_value_that_runs_away_in_finite_time_is_noticed(lanes):
    runs = run(growing=[3], lanes=lanes)
    assert runs.status[3] in (Status.STEP_TOO_SMALL, Status.NOT_FINITE)
    assert np.flatnonzero(runs.status).tolist() == [3]


@pytest.mark.parametrize("lanes", [1, None])
def test_a_failed_run_keeps_what_came_before_and_is_nan_from_there(lanes):
    course = run(growing=[3], lanes=lanes).output("size")[3]
    assert course[:2] == pytest.approx([1.0, 2.0], rel=1e-4)  # 1/(1-t) at 0 and 0.5
    assert np.all(np.isnan(course[3:]))


def test_the_others_in_the_same_group_of_lanes_are_not_touched():
    well, some_fail = run(), run(growing=[0, 3, 12])
    others = np.delete(np.arange(PERSONS), [0, 3, 12])
    assert np.array_equal(some_fail.values[others], well.values[others])
    assert np.array_equal(some_fail.steps[others], well.steps[others])
    assert well.output("size") == pytest.approx(np.exp(-DECAY[:, None] * TIMES), rel=1e-4)


def test_too_many_steps_are_their_own_failure():
    runs = run(growing=[5], max_steps=60)
    assert runs.status[5] == Status.TOO_MANY_STEPS


def test_a_run_of_accepted_steps_alone_is_ended_too():
    doses = [Bolus(0.01 * i, "dose", 1.0) for i in range(300)]
    runs = simulate(GROWTH, doses, [4.0], max_steps=50)
    assert runs.status[0] == Status.TOO_MANY_STEPS


def test_failures_are_counted_by_kind_in_sentences():
    assert failures(np.zeros(5, int)) == []
    status = np.array([Status.FINE, Status.NOT_FINITE, Status.STEP_TOO_SMALL, Status.NOT_FINITE])
    step, value = failures(status)
    assert step.startswith("1 of 4 runs: the step size fell")
    assert value.startswith("2 of 4 runs: a value became infinite")


@pytest.mark.parametrize("kind", [s for s in Status if s])
def test_every_failure_says_what_to_do(kind):
    assert "raise" in kind.sentence or "look for" in kind.sentence


def test_runs_say_what_failed():
    (sentence,) = run(growing=[1, 2]).failed()
    assert sentence.startswith(f"2 of {PERSONS} runs: ")
    assert run().failed() == []
