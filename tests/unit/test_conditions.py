"""The language of conditions, which care rules, eligibility, strata and rescue share."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonecast.care.variables import read_condition as care_condition
from bonecast.cohorts import Eligibility
from bonecast.core import Between, Symbol, Vocabulary, names_in, read_condition
from bonecast.core.conditions import DEEPEST, MOST_CHARACTERS
from bonecast.errors import InputError, UnknownName
from bonecast.trials.bone.rescue import condition as rescue_condition
from bonecast.trials.bone.rescue import meets

SYMBOLS = {
    "age": Symbol("age", "number", "y", (), 0, 120, "age"),
    "bmd": Symbol("bmd", "number", "g/cm2", (), 0, 3, "BMD"),
    "old_bmd": Symbol("old_bmd", "number", "g/cm2", (), 0, 3, "earlier BMD"),
    "female": Symbol("female", "yes or no"),
    "treated": Symbol("treated", "yes or no"),
    "sex": Symbol("sex", "choice", choices=("F", "M")),
}
FULL = Vocabulary("value", SYMBOLS, "age > 60", arithmetic=True, missing=True)
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "age": st.sampled_from([59.0, 60.0, 61.0, 80.0]),
        "bmd": st.sampled_from([0.7, 0.8, 0.9]),
        "old_bmd": st.sampled_from([0.7, 0.8, 0.9]),
    },
)
TEXTS = [
    "age > 60",
    "60 <= age < 80",
    "age != 60",
    "not age == 60",
    "age == null or bmd < old_bmd",
    "age != null and not (bmd != old_bmd)",
    "bmd - old_bmd < 0 and age >= 60",
    "100 * (bmd / old_bmd - 1) < -7 or false",
    "(age > 60) == (bmd > 0.7)",
    "-bmd < -0.75",
]


def asked(text: str):
    return read_condition(text, "test", FULL)


@given(people=st.lists(PEOPLE, min_size=1, max_size=6), text=st.sampled_from(TEXTS))
def test_many_people_are_asked_what_one_is_asked_and_nan_is_a_missing_value(people, text):
    condition = asked(text)
    arrays = {name: np.array([one.get(name, np.nan) for one in people]) for name in ("age", "bmd", "old_bmd")}
    assert np.broadcast_to(condition.holds(arrays), len(people)).tolist() == [
        condition.closed(one) for one in people
    ]


@given(person=PEOPLE, more=PEOPLE, text=st.sampled_from([t for t in TEXTS if "null" not in t]))
def test_what_is_known_of_a_person_is_what_is_so_and_stays_so(person, more, text):
    condition = asked(text)
    if (answer := condition.known(person)) is not None:
        assert condition.known({**more, **person}) is answer
    full = {"age": 60.0, "bmd": 0.8, "old_bmd": 0.8, **person}
    assert condition.known(full) is condition.closed(full)


@pytest.mark.parametrize(
    ("text", "facts", "held"),
    [
        ("60 <= age <= 80", {"age": 80.0}, True),
        ("60 <= age <= 80", {"age": 81.0}, False),
        ("60 < age < 80", {"age": 60.0}, False),
        ("age > 60 or age > 50 and female", {"age": 61.0, "female": False}, True),
        ("not female or treated", {"female": True, "treated": True}, True),
        ("not (female or treated)", {"female": False, "treated": True}, False),
        ("female == treated", {"female": False, "treated": False}, True),
        ("female != treated", {"female": False, "treated": False}, False),
        ("female == True", {"female": True}, True),
        ("true == female", {"female": True}, True),
        ("sex in ['F', 'M'] and sex not in ['M']", {"sex": "F"}, True),
        ("'M' == sex", {"sex": "M"}, True),
        ("age - 10 > 2 * 25", {"age": 61.0}, True),
        ("age - 10 > 2 * 25", {"age": 60.0}, False),
        ("age >\n 60", {"age": 61.0}, True),
    ],
)
def test_a_condition_means_what_it_says(text, facts, held):
    assert asked(text).closed(facts) is held


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it cannot be read"),
        ("age >", "it cannot be read (invalid syntax)"),
        ("age > 60)", "it cannot be read (unmatched ')' at character 9)"),
        ("agee > 60", "agee: there is no value called 'agee'; did you mean age"),
        ("old", "there is no value called 'old'"),
        ("age is 60", "it cannot be read ('is')"),
        ("60 < age == true", "write brackets"),
        ("abs(age) > 60", "'abs(age)' is not understood"),
        ("age.real > 60", "'age.real' is not understood"),
        ("age if female else bmd", "is not understood"),
        ("age > 'x'", "a text is no number"),
        ("age > 600", "600 is no age in y; the range is 0 to 120"),
        ("600 > age", "600 is no age in y"),
        ("age > 1e999", "is no age in y"),
        ("age > bmd", "age (y) is compared with bmd (g/cm2); compare values of one unit"),
        ("age / 0 > 1 / 0", "a division by 0"),
        ("age % 2 > 1", "this arithmetic is no number"),
        ("female > treated", "a yes or no has no order"),
        ("female == sex", "a yes or no is compared with a choice"),
        ("female == 1", "a yes or no is compared with a number"),
        ("sex == 'X'", "there is no choice of sex called 'X'"),
        ("sex in []", "'in' wants a variable and a list"),
        ("age in [60]", "'in' wants a choice, and age is a number"),
        ("age", "a number is no yes or no; compare it, such as age > 0"),
        ("'F'", "a text is no yes or no"),
        ("null", "null is no yes or no"),
        ("not " * 600 + "female", "a condition of 2,406 characters; write at most 1,000"),
        ("-" * 900 + "age > 1", "too deeply nested"),
        ("age > 1\0", "it cannot be read"),
    ],
)
def test_what_is_no_condition_is_refused_with_place_cause_and_hint(text, said):
    with pytest.raises(InputError) as refused:
        asked(text)
    assert said in str(refused.value)
    assert refused.value.place.startswith("test")
    assert refused.value.hint
    assert "\n" not in str(refused.value)


@given(text=st.text(alphabet="age><=01 ()+-*/.'\"andornotfemalesx[]{}:@\n\\", max_size=40))
def test_any_text_is_read_or_refused(text):
    with suppress(InputError):
        assert set(names_in(asked(text))) <= set(SYMBOLS)


BOUNDED = st.fixed_dictionaries(
    {},
    optional={
        "age": st.sampled_from([59.0, 60.0, Between(high=60.0), Between(61.0, 70.0), Between(80.0)]),
        "bmd": st.sampled_from([0.7, 0.9, Between(high=0.8), Between(0.8)]),
        "old_bmd": st.sampled_from([0.8, Between(0.7, 0.8)]),
    },
)


@given(facts=BOUNDED, text=st.sampled_from([text for text in TEXTS if "*" not in text and "-" not in text]))
def test_the_one_function_of_a_condition_says_what_its_comparisons_say_also_of_bounds(facts, text):
    read = asked(text)
    assert read.test(facts) is read.decided(lambda leaf: leaf.known(facts) is True)


def test_the_longest_condition_is_read_and_one_character_more_is_not():
    text = "age > 60".ljust(MOST_CHARACTERS)
    assert asked(text) == asked("age > 60")
    with pytest.raises(InputError, match="characters"):
        asked(text + " ")


def test_conditions_nest_forty_deep_and_no_deeper():
    assert asked("-" * (DEEPEST - 2) + "age > 1").closed({"age": 61.0}) is (DEEPEST % 2 == 0)
    with pytest.raises(InputError, match="too deeply nested"):
        asked("-" * (DEEPEST - 1) + "age > 1")


def test_care_rules_eligibility_and_rescue_read_one_language_each_with_its_own_names():
    at_least = (
        care_condition("age_years >= 60 and not (age_years > 70)", "rule").closed({"age_years": 65}),
        Eligibility.of(["age >= 60 and not (age > 70)"]).holds({"age": np.array([65.0])}).item(),
        meets(
            rescue_condition("CTX >= 0.6 and not (CTX > 0.7)", ("CTX",), "rescue"), {"CTX": np.array([0.65])}
        ).item(),
    )
    assert at_least == (True, True, True)
    for refused in (
        lambda text: care_condition(text, "rule"),
        lambda text: Eligibility.of([text]),
        lambda text: rescue_condition(text, ("CTX",), "rescue"),
    ):
        with pytest.raises(InputError, match="cannot be read"):
            refused("age >")
        with pytest.raises(InputError, match="called 'nothing'"):
            refused("nothing > 1")


def test_a_rescue_condition_is_judged_only_where_everything_it_asks_for_was_read():
    asked_for = rescue_condition("CTX > 0.5 or P1NP > 50", ("CTX", "P1NP"), "rescue")
    values = {"CTX": np.array([0.6, 0.6, np.nan]), "P1NP": np.array([10.0, np.nan, 60.0])}
    assert meets(asked_for, values).tolist() == [True, False, False]
    with pytest.raises(UnknownName, match="reading"):
        rescue_condition("TH_BMD < 1", ("CTX",), "rescue")
