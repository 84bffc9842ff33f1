"""Eligibility: what is asked of people, and what is refused before anybody is drawn."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonecast.cohorts import Eligibility, EligibilityError, population
from bonecast.errors import InputError


@pytest.fixture(scope="module")
def people():
    return population("glucocorticoid").draw(3, 0, 3000)


@pytest.mark.parametrize(
    ("text", "as_array"),
    [
        ("age >= 60", lambda p: p["age"] >= 60),
        ("60 <= age", lambda p: p["age"] >= 60),
        (
            "LS_T_score < -2.5 or TH_T_score < -2.5",
            lambda p: (p["LS_T_score"] < -2.5) | (p["TH_T_score"] < -2.5),
        ),
        ("female and not prior_vertebral", lambda p: p["female"] & ~p["prior_vertebral"]),
        ("female == false", lambda p: ~p["female"]),
        ("female != prior_vertebral", lambda p: p["female"] != p["prior_vertebral"]),
        ("weight_kg / (height_cm / 100) > 40", lambda p: p["weight_kg"] / (p["height_cm"] / 100) > 40),
        ("LS_T_score - TH_T_score < 0", lambda p: p["LS_T_score"] - p["TH_T_score"] < 0),
        ("-LS_T_score > 2 * 1.25", lambda p: -p["LS_T_score"] > 2.5),
        ("LS_T_score < TH_T_score", lambda p: p["LS_T_score"] < p["TH_T_score"]),
        ("not (age < 60 or eGFR < 45) and true", lambda p: ~((p["age"] < 60) | (p["eGFR"] < 45))),
    ],
)
def test_an_expression_means_what_it_says(people, text, as_array):
    held = Eligibility.of([text]).holds(people)
    assert np.array_equal(held, as_array(people))
    assert 0 < held.sum() < people.count


def test_nothing_asked_lets_everybody_in(people):
    assert Eligibility.of([]).holds(people).all()


def test_every_expression_must_hold_and_who_fails_is_counted_at_the_first(people):
    texts = ["age >= 60", "female", "age >= 70"]
    asked = Eligibility.of(texts)
    counts = asked.counts(people)
    assert [text for text, _ in counts] == texts
    assert people.count - sum(lost for _, lost in counts) == asked.holds(people).sum()
    assert counts[0][1] == (people["age"] < 60).sum()


@given(cut=st.floats(20, 100), other=st.floats(-4, 0))
def test_and_is_less_than_each_and_or_more(cut, other):
    people = population("men").draw(1, 0, 200)
    a, b = f"age > {cut:.3f}", f"LS_T_score < {other:.3f}"
    first, second = (Eligibility.of([text]).holds(people) for text in (a, b))
    assert np.array_equal(Eligibility.of([f"({a}) and ({b})"]).holds(people), first & second)
    assert np.array_equal(Eligibility.of([a, b]).holds(people), first & second)
    assert np.array_equal(Eligibility.of([f"({a}) or ({b})"]).holds(people), first | second)
    assert np.array_equal(Eligibility.of([f"not ({a})"]).holds(people), ~first)


def test_a_division_by_nothing_is_no_accident(people):
    none = {**people, "calcium_intake_mg_d": np.zeros(people.count)}
    assert Eligibility.of(["weight_kg / calcium_intake_mg_d > 1"]).holds(none).all()


def test_the_names_asked_for_are_known():
    assert Eligibility.of(["age > 60 or age < 50", "female"]).names == ("age", "female")


def test_a_missing_value_makes_nobody_eligible(people):
    gaps = {**people, "eGFR": np.full(people.count, np.nan)}
    assert not Eligibility.of(["eGFR > 30"]).holds(gaps).any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agee > 60", "there is no covariate called 'agee'; did you mean age"),
        ("age", "a number is no yes or no; compare it"),
        ("age >= 600", "600 is no age in y; the range is 18 to 110"),
        ("vitamin_D_nmol_L >= 2", "the range is 5 to 250"),
        ("6000 < calcium_intake_mg_d", "the range is 0 to 5000"),
        ("age >=", "it cannot be read"),
        ("female > 1", "a yes or no has no order; compare it with == or !="),
        ("prior_vertebral == 1", "a yes or no is compared with a number"),
        ("weight_kg == 'heavy'", "a text is no number"),
        ("age in [60, 70]", "'in' wants a choice, and age is a number"),
        ("age == null", "null is no number"),
        ("weight_kg ** 2 > 3000", "this arithmetic is no number"),
        ("age >= 60 if female else age >= 65", "it cannot be read"),
        ("", "it cannot be read"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(text, said):
    with pytest.raises(EligibilityError) as refused:
        Eligibility.of([text])
    assert said in str(refused.value)
    assert str(refused.value).startswith("eligible 1")
    assert "\n" not in str(refused.value)


def test_all_faults_are_stated_together():
    with pytest.raises(EligibilityError) as refused:
        Eligibility.of(["agee > 60", "age > 60", "bmi > 20"], "design, eligible")
    assert [fault.place for fault in refused.value.faults] == [
        "design, eligible 1, agee",
        "design, eligible 3, bmi",
    ]


@given(text=st.text(alphabet="age><=01 ()+-*/.'andornotfemale\n", max_size=30))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert len(Eligibility.of([text]).texts) == 1
