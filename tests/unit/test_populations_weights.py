"""Weights to a target table: they meet it, they are applied to any chunk, and what cannot be met is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.cohorts import (
    Eligibility,
    TargetValue,
    Tilting,
    effective_size,
    population,
    read_target,
    tilting,
    weighting,
    weights_to,
)
from bonecast.errors import InputError, UnknownName

WOMEN = population("postmenopausal-women")
TABLE = {
    "age": {"mean": 70.0, "sd": 6.0},
    "weight_kg": {"mean": 64.0},
    "LS_T_score": {"mean": -1.5, "sd": 1.2},
    "prior_vertebral": {"share": 0.2},
}


def moments(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Weighted mean and SD."""
    mean = np.average(values, weights=weights)
    return float(mean), float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))


def test_weights_meet_means_sds_and_shares():
    people = WOMEN.draw(1, 0, 8000)
    weights = weights_to(people, TABLE)
    assert weights.mean() == pytest.approx(1.0)
    assert weights.min() > 0
    for name, row in TABLE.items():
        mean, sd = moments(people[name].astype(float), weights)
        assert mean == pytest.approx(row.get("mean", row.get("share")), abs=1e-3)
        if "sd" in row:
            assert sd == pytest.approx(row["sd"], rel=1e-3)
    assert 0.1 * people.count < effective_size(weights) < people.count


@given(mean=st.floats(67, 75), sd=st.floats(4.5, 6.0))
@settings(max_examples=20, deadline=None)
def test_a_near_table_is_always_met(mean, sd):
    people = WOMEN.draw(2, 0, 3000)
    found = moments(people["age"], weights_to(people, {"age": {"mean": mean, "sd": sd}}))
    assert found == (pytest.approx(mean, abs=2e-3), pytest.approx(sd, rel=2e-3))


def test_a_table_that_the_people_meet_already_leaves_them_equal():
    people = WOMEN.draw(3, 0, 2000)
    weights = weights_to(people, {"age": float(people["age"].mean())})
    assert weights == pytest.approx(np.ones(people.count), abs=1e-6)
    assert weights_to(people, {}) == pytest.approx(np.ones(people.count))


def test_the_weights_are_the_closest_to_equal_ones():
    people = WOMEN.draw(4, 0, 4000)
    weights = weights_to(people, {"age": {"mean": 73.0}})
    logs = np.log(weights)
    # exponential tilting: the logarithm of a weight is straight in what is aimed at
    straight = np.polyval(np.polyfit(people["age"], logs, 1), people["age"])
    assert logs == pytest.approx(straight, abs=1e-8)


def test_a_tilting_fitted_once_meets_the_table_in_other_people():
    asked = Eligibility.of(["age >= 60", "TH_T_score < -1"])
    law = tilting(WOMEN, TABLE, asked)
    people = WOMEN.draw(5, 0, 60_000)
    people = people.select(asked.holds(people))
    weights = law.weights(people)
    error = 5 / np.sqrt(effective_size(weights))
    for aim in law.aims:
        values = people[aim.column].astype(float)
        assert moments(values, weights)[0] == pytest.approx(aim.mean, abs=error * values.std() + 0.01)
    assert weights.max() <= law.most
    assert law.effective == pytest.approx(effective_size(weights) / people.count, rel=0.15)


def test_a_person_has_the_same_weight_in_whatever_chunk():
    law = tilting(WOMEN, TABLE)
    whole, part = WOMEN.draw(6, 0, 3000), WOMEN.draw(6, 1100, 300)
    assert np.array_equal(law.weights(whole)[1100:1400], law.weights(part))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"age": {"mean": 30}}, "a mean of 30 cannot be reached: candidates have 70.8"),
        ({"age": {"mean": 92}}, "of the people's worth"),
        ({"prior_denosumab": 0.2}, "a share of 0.2 cannot be reached: candidates have 0"),
        ({"female": {"share": 0.5}}, "a share of 0.5 cannot be reached: candidates have 1"),
        ({"age": {"mean": 70, "sd": 20}}, "with an SD of 20"),
    ],
)
def test_a_table_out_of_reach_is_refused_with_what_candidates_have(table, said):
    with pytest.raises(InputError) as refused:
        tilting(WOMEN, table)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"target, {next(iter(table))}")


def test_nobody_eligible_is_refused_before_weights():
    with pytest.raises(InputError, match="400,000 candidates 0 are eligible"):
        tilting(population("men"), {"age": 70}, Eligibility.of(["female"]))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"age": {"share": 0.3}}, "'share' is not asked of a number; write mean and sd"),
        ({"female": {"mean": 0.3}}, "'mean' is not asked of a yes or no; write share"),
        ({"age": {}}, "it has no mean"),
        ({"age": {"mean": "old"}}, "'old' is not a number"),
        ({"age": True}, "'True' is not a number"),
        ({"age": 300}, "300 is no age in y"),
        ({"female": 1.5}, "1.5 is no woman; the range is 0 to 1"),
        ({"age": {"mean": 70, "sd": 0}}, "0 is no SD"),
        ({"age": float("nan")}, "nan is no age"),
    ],
)
def test_a_line_of_the_table_that_cannot_be_is_refused(table, said):
    with pytest.raises(InputError) as refused:
        read_target(table, "design, target")
    assert said in str(refused.value)
    assert str(refused.value).startswith("design, target, ")


def test_an_unknown_covariate_in_the_table_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean weight_kg"):
        read_target({"weight": 63})


def test_a_table_may_be_given_as_read():
    people = WOMEN.draw(7, 0, 1000)
    read, given_as = (
        Tilting.fit(people, [TargetValue("age", 72.0)]),
        Tilting.fit(people, {"age": {"mean": 72.0}}),
    )
    assert read == given_as


def test_a_search_that_runs_away_is_ended_and_the_table_refused():
    impossible = {"age": {"mean": 72.3}, "LS_T_score": {"mean": -2.8}, "TH_T_score": {"mean": 5e-324}}
    impossible |= {"FN_T_score": {"mean": -2.2}, "prior_vertebral": {"share": 0.23}}
    asked, own = [], weighting._near

    def near(coefficients):
        asked.append(float(np.abs(coefficients).max()))
        own(coefficients)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weighting, "_near", near)
        with pytest.raises(InputError, match="target, TH_T_score"):
            tilting(population("postmenopausal-osteoporosis"), impossible)
    assert max(asked) > weighting.FARTHEST
    assert sum(one > weighting.FARTHEST for one in asked) == 1
