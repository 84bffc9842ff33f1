"""The fast path of conditioning: right where the answer is known, given up where its weights cannot be trusted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from bonecast.engine import normals
from bonecast.errors import InputError
from bonecast.forecasts import forecast
from bonecast.inference import condition
from bonecast.inference.fast import MOST_K, fast_posterior, smoothed
from bonecast.interop import read_patient
from bonecast.reports import content

COUNT, TRAITS = 1500, 12
MEASURED, ERROR = np.array([2.5, -1.0]), np.array([0.1, 0.5])
PLANS = {"on time": "denosumab 60 mg every 6 months x 2"}


def _state() -> np.ndarray:
    return np.array([normals(4, f"trait {i}", 0, COUNT) for i in range(TRAITS)])


def _normal_problem(state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    seen = np.stack([(state[0] + state[1]) / np.sqrt(2), state[2]], axis=1)
    return norm.logpdf(MEASURED, seen, ERROR).sum(axis=1), seen, seen / ERROR


@pytest.fixture(scope="module")
def her():
    patient = read_patient("examples/late-dose.toml")
    assert patient.measurements
    return patient


@pytest.fixture(scope="module")
def both(her):
    return {way: condition(her, "bonecast-2", draws=500, method=way) for way in ("fast", "exact")}


def test_a_normal_problem_is_answered_as_the_textbook_does():
    found = fast_posterior(_normal_problem, _state(), seed=4)
    gain = 1 / (1 + ERROR**2)
    np.testing.assert_allclose(found.cloud.kept.mean(axis=0), gain * MEASURED, atol=0.05)
    np.testing.assert_allclose(found.cloud.kept.std(axis=0), np.sqrt(1 - gain), rtol=0.12)
    assert np.abs(found.cloud.state[3:].std(axis=1) - 1).max() < 0.12
    evidence = norm.logpdf(MEASURED, 0, np.sqrt(1 + ERROR**2)).sum()
    assert found.course.log_evidence == pytest.approx(evidence, abs=0.1)


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    one, again, other = (fast_posterior(_normal_problem, _state(), seed).cloud.state for seed in (4, 4, 5))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def _above(limit: float):
    def rare(state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.where(state[0] > limit, 0.0, -np.inf), state[:1].T, state[:1].T

    return rare


def test_people_of_whom_there_are_three_in_ten_thousand_are_found():
    found = fast_posterior(_above(3.4), _state(), seed=1)
    assert found.cloud.state[0].min() > 3.4
    assert found.course.log_evidence == pytest.approx(norm.logsf(3.4), abs=0.2)


def test_it_is_given_up_where_nobody_can_be_followed():
    assert fast_posterior(_above(12.0), _state(), seed=1) is None


def test_it_is_given_up_where_the_posterior_is_a_ring_that_no_proposal_fits():
    def ring(state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        seen = np.sqrt(state[:6] ** 2).sum(axis=0)[:, None]
        return norm.logpdf(seen[:, 0], 14.0, 0.01), seen, seen / 0.01

    assert fast_posterior(ring, _state(), seed=1) is None


@pytest.mark.parametrize(("shape", "trusted"), [(0.3, True), (1.2, False)])
def test_the_shape_of_the_tail_is_that_of_the_weights(shape, trusted):
    shares = (np.arange(4000) + 0.5) / 4000
    weights, k = smoothed(np.log((1 - shares) ** -shape))
    assert k == pytest.approx(shape, abs=0.15)
    assert (k < MOST_K) is trusted
    assert weights.sum() == pytest.approx(1.0)
    assert (np.diff(weights) >= 0).all()


def test_both_methods_find_the_same_levels_and_say_which_they_are(both):
    fast, exact = both["fast"], both["exact"]
    assert (fast.diagnostics.method, exact.diagnostics.method) == ("fast", "exact")
    assert fast.diagnostics.pareto_k < MOST_K
    assert exact.diagnostics.pareto_k is None
    for key in ("CTX", "LS_BMD"):
        levels = (0.05, 0.5, 0.95)
        a, b = (np.quantile(np.log(of.levels[key]), levels) for of in (fast, exact))
        np.testing.assert_allclose(a, b, atol=0.12 * (b[2] - b[0]))
    # people before any measurement do not depend on the method
    assert np.array_equal(fast.prior_people["turnover"], exact.prior_people["turnover"])


def test_a_forecast_and_its_file_say_which_method_it_was(her, both):
    made = {way: forecast(her, PLANS, "1 year", 500, known=both[way], method=way) for way in both}
    bare = forecast(replace(her, measurements=()), PLANS, "1 year", 40)
    assert [made[way].method for way in made] == ["fast", "exact"]
    assert [content(made[way])["method"] for way in made] == ["fast", "exact"]
    assert [made[way].request.method for way in made] == ["fast", "exact"]
    assert bare.method == ""


@pytest.mark.parametrize("ask", [condition, forecast])
def test_another_method_is_refused_by_name(her, ask):
    with pytest.raises(InputError, match="method: 'quick' is none"):
        ask(her, method="quick")
