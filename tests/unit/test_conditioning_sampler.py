"""The sampler on a problem with a known answer, and its parts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from bonecast.engine.streams import normals
from bonecast.inference.smc import next_temperature, systematic, tempered

COUNT, TRAITS = 1500, 30
MEASURED, ERROR = np.array([1.5, -1.0]), np.array([0.1, 0.5])


def _evaluate(state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    seen = np.stack([(state[0] + state[1]) / np.sqrt(2), state[2]], axis=1)
    return norm.logpdf(MEASURED, seen, ERROR).sum(axis=1), seen, seen / ERROR


@pytest.fixture(scope="module")
def led():
    state = np.array([normals(4, f"trait {i}", 0, COUNT) for i in range(TRAITS)])
    _, cloud, course = tempered(_evaluate, state, seed=4)
    return cloud, course


def test_a_normal_problem_is_answered_as_the_textbook_does(led):
    cloud, _ = led
    gain = 1 / (1 + ERROR**2)
    np.testing.assert_allclose(cloud.kept.mean(axis=0), gain * MEASURED, atol=0.05)
    np.testing.assert_allclose(cloud.kept.std(axis=0), np.sqrt(1 - gain), rtol=0.12)
    apart = (cloud.state[0] - cloud.state[1]) / np.sqrt(2)  # of which nothing was measured
    assert apart.std() == pytest.approx(1.0, rel=0.12)


def test_the_evidence_is_that_of_the_normal_problem(led):
    _, course = led
    assert course.log_evidence == pytest.approx(
        norm.logpdf(MEASURED, 0, np.sqrt(1 + ERROR**2)).sum(), abs=0.3
    )


def test_what_was_not_measured_stays_as_it_was(led):
    cloud, _ = led
    others = cloud.state[3:]
    assert np.abs(others.mean(axis=1)).max() < 4.5 / np.sqrt(COUNT)
    assert np.abs(others.std(axis=1) - 1).max() < 0.12


def test_the_ladder_ends_at_one_and_keeps_half_of_the_people_effective(led):
    _, course = led
    assert course.degrees[-1] == 1.0
    assert (np.diff(course.degrees) > 0).all()
    assert min(course.effective) >= 0.49 * COUNT
    assert course.remembered[-1] < 0.3


def test_the_people_are_all_different_in_the_end(led):
    cloud, _ = led
    assert len(np.unique(cloud.state[0])) > 0.9 * COUNT


def test_the_next_degree_leaves_half_of_the_people():
    logs = -0.5 * np.random.default_rng(1).standard_normal(4000) ** 2 * 50
    degree = next_temperature(logs, 0.1)
    weights = np.exp((degree - 0.1) * logs)
    assert weights.sum() ** 2 / (weights**2).sum() == pytest.approx(2000, rel=1e-3)
    assert next_temperature(np.zeros(10), 0.3) == 1.0


def test_resampling_takes_everybody_as_often_as_the_weight_says():
    weights = np.random.default_rng(2).dirichlet(np.ones(50))
    counts = np.array(
        [np.bincount(systematic(weights, u), minlength=50) for u in np.arange(0.0005, 1, 0.001)]
    )
    np.testing.assert_allclose(counts.mean(axis=0), 50 * weights, atol=2e-3)
    assert (np.abs(counts - 50 * weights) < 1 + 1e-9).all()


def test_people_without_a_likelihood_are_never_taken():
    state = np.array([normals(1, "a", 0, 400)])

    def positive(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        logs = np.where(z[0] > 0.5, norm.logpdf(z[0], 1.0, 0.3), -np.inf)
        return logs, z[0], z.T / 0.3

    _, cloud, _ = tempered(positive, state, seed=1)
    assert (cloud.kept > 0.5).all()
