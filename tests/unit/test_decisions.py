"""Choosing between options: paired ranking, brackets, passing a limit, and what a measurement is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bonecast.decisions import AIMS, PlannedReading, find_aim, rank, value_of_information
from bonecast.decisions.ranking import compact_letters
from bonecast.decisions.value_of_information import ValueOfInformation
from bonecast.errors import InputError, UnknownName
from bonecast.outcomes import first_above, first_loss, quantiles_of_days

FEWEST = find_aim("vertebral")
PEOPLE = np.random.default_rng(1)
COSTS = arrays(np.float64, (4, 25), elements=st.floats(0, 100))


def test_the_fewest_fractures_come_first_and_the_most_bone():
    people = PEOPLE.normal(50, 10, 400)
    options = {"a": people, "b": people + 5, "c": people - 5}
    assert [r.option for r in rank(options, FEWEST, 24).ranks] == ["c", "a", "b"]
    assert [r.option for r in rank(options, find_aim("spine-bmd"), 24).ranks] == ["b", "a", "c"]


def test_a_small_paired_difference_is_distinguished_although_the_ranges_overlap_widely():
    people = PEOPLE.normal(50, 30, 400)
    found = rank({"a": people, "b": people + 3.0}, FEWEST, 24)
    assert found.tied == ()
    assert found.first.best == 1.0
    assert found.ranks[1].behind == pytest.approx((3.0, 3.0, 3.0))


def test_a_difference_within_the_margin_is_not_distinguished_however_sure_it_is():
    people = PEOPLE.normal(50, 30, 400)
    assert rank({"a": people, "b": people + FEWEST.margin}, FEWEST, 24).tied == ("b",)
    assert rank({"a": people, "b": people + FEWEST.margin + 0.01}, FEWEST, 24).tied == ()


def test_options_that_are_equal_share_the_chance_of_being_the_best():
    same = np.array([1.0, 2.0, 3.0])
    assert [r.best for r in rank({"a": same, "b": same}, FEWEST, 24).ranks] == [0.5, 0.5]


def test_telling_apart_is_not_transitive_and_the_middle_option_gets_both_letters():
    noise = PEOPLE.normal(0, 1, 2000)
    chain = np.array([0 * noise, 3 + noise, 6 + 0 * noise])
    assert compact_letters(chain, margin=2.0) == ["a", "ab", "b"]


@settings(max_examples=60, deadline=None)
@given(COSTS, st.floats(0, 20))
def test_two_options_share_a_letter_exactly_when_they_cannot_be_distinguished(costs, margin):
    letters = compact_letters(costs, margin)
    assert len(letters) == len(costs) > 0
    for j in range(len(costs)):
        assert letters[j]
        for k in range(j):
            low, high = np.quantile(costs[j] - costs[k], (0.05, 0.95))
            apart = low > margin or high < -margin
            assert bool(set(letters[j]) & set(letters[k])) != apart


@settings(max_examples=40, deadline=None)
@given(COSTS)
def test_chances_of_being_the_best_add_up_to_one_and_adding_a_constant_changes_nothing(costs):
    options = {str(k): row for k, row in enumerate(costs)}
    found = rank(options, FEWEST, 24)
    assert sum(r.best for r in found.ranks) == pytest.approx(1)
    assert found.first.mean == pytest.approx(costs.mean(axis=1).min())


def test_nothing_cannot_be_ranked_and_an_unknown_aim_names_the_nearest():
    with pytest.raises(InputError, match="no option"):
        rank({}, FEWEST, 24)
    with pytest.raises(UnknownName, match="vertebral"):
        find_aim("vertebrl")
    assert {"vertebral", "multiple-vertebral", "hip", "nonvertebral", "spine-bmd", "hip-bmd"} == set(AIMS)


# When a limit is passed


def test_a_curve_that_is_above_already_has_passed_on_the_first_day():
    assert first_above(np.array([[5.0, 1.0, 5.0]]), np.array([0.0, 1.0, 2.0]), 3.0, 0.0).tolist() == [0.0]


def test_days_before_the_first_one_asked_for_do_not_count():
    curve, days = np.array([[5.0, 1.0, 5.0]]), np.array([0.0, 1.0, 2.0])
    assert first_above(curve, days, 3.0, 1.0).tolist() == [1.5]
    assert first_above(curve, days, 3.0, 5.0).tolist() == [np.inf]


def test_a_loss_is_counted_from_the_level_on_the_day_asked_for():
    days = np.arange(0.0, 101.0, 10.0)
    rise_and_fall = np.array([np.where(days <= 50, 0.2 * days, 10 - 0.2 * (days - 50))])
    passed = first_loss(rise_and_fall, days, 5.0, 50.0)[0]
    assert 100 + 10 - 0.2 * (passed - 50) == pytest.approx(110 * (1 - 0.05))


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (20, 8), elements=st.floats(-10, 10)), st.floats(-9, 8), st.floats(0, 2))
def test_a_higher_limit_is_never_passed_earlier(curves, limit, more):
    days = np.arange(8.0)
    assert (first_above(curves, days, limit + more, 0) >= first_above(curves, days, limit, 0)).all()


def test_the_share_that_never_passes_has_no_day():
    days = np.array([1.0] * 60 + [np.inf] * 40)
    assert quantiles_of_days(days) == (1.0, 1.0, np.inf)


# What a measurement is worth


def _two_kinds(count: int = 400) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    trait = np.random.default_rng(2).normal(0, 1, count)
    return trait, {"a": 50 + 10 * trait, "b": 50 - 10 * trait}


def test_a_perfect_test_leaves_no_wrong_choice_and_a_blind_one_all_of_them():
    trait, options = _two_kinds()
    perfect = value_of_information(options, FEWEST, PlannedReading(trait, 0.01), 1, "perfect")
    blind = value_of_information(options, FEWEST, PlannedReading(0 * trait, 1.0), 1, "blind")
    assert perfect.wrong_before == pytest.approx(0.46, abs=0.08)  # half, but for those within the margin
    assert perfect.wrong_after < 0.02
    assert perfect.tells
    assert not blind.tells
    assert blind.wrong_after == pytest.approx(blind.wrong_before, abs=0.05)


def test_a_sharper_test_is_worth_more_and_saves_what_theory_says():
    trait, options = _two_kinds(800)
    found = [
        value_of_information(options, FEWEST, PlannedReading(trait, sd), 1, "one") for sd in (0.2, 1.0, 5.0)
    ]
    assert found[0].fall > found[1].fall > found[2].fall
    for sd, of in zip((0.2, 1.0, 5.0), found, strict=True):
        # choosing by the sign of the posterior mean: E|mean| = sqrt(2/pi) x SD of it, times the slope of 10
        expected = 10 * np.sqrt(2 / np.pi) / np.sqrt(1 + sd**2)
        assert of.saved == pytest.approx(expected, abs=1.0)


def test_below_the_limit_of_an_assay_nothing_more_is_learned():
    trait, options = _two_kinds()
    seen = value_of_information(options, FEWEST, PlannedReading(trait, 0.05), 1, "limit")
    bound = value_of_information(options, FEWEST, PlannedReading(trait, 0.05, limit=10.0), 1, "limit")
    assert bound.fall < 0.05 < seen.fall


def test_the_same_seed_gives_the_same_worth_and_nobody_to_choose_for_is_no_fault():
    trait, options = _two_kinds(50)
    one, two = (
        value_of_information(options, FEWEST, PlannedReading(trait, 0.5), 3, "same") for _ in range(2)
    )
    assert one == two
    assert value_of_information({"a": trait}, FEWEST, PlannedReading(trait, 0.5), 3, "same").fall == 0.0


@pytest.mark.parametrize(("margin", "apart"), [(4.9, True), (5.0, False), (5.1, False)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_options_are_apart_where_the_middle_90_percent_of_differences_clears_the_margin(margin, apart, sign):
    difference = sign * np.arange(101.0)  # its 5th percentile is 5, away from zero
    assert (len(set(compact_letters(np.array([difference, 0 * difference]), margin))) == 2) is apart


@pytest.mark.parametrize(("fall", "tells"), [(0.164, False), (0.1645, False), (0.165, True)])
def test_a_measurement_tells_something_where_the_fall_is_above_1_645_standard_errors(fall, tells):
    assert ValueOfInformation(fall, 0.0, 0.0, 0.1).tells is tells


def test_a_choice_is_wrong_where_it_is_worse_than_the_best_by_more_than_the_margin():
    people = np.linspace(-1, 1, 200)
    for behind, wrong in ((FEWEST.margin, 0.0), (FEWEST.margin + 0.01, 0.4)):
        better = np.where(people > 0.2, behind, 0.0)  # for 4 of 10 the other option is the better one
        options = {"a": 50 + better, "b": 50 + behind - better}
        found = value_of_information(options, FEWEST, PlannedReading(0 * people, 1.0), 1, "none")
        assert found.wrong_before == pytest.approx(wrong, abs=0.02)
