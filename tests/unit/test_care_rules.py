"""The table of rules: it holds together, says what it means, and every rule can fire and can be silent."""

from __future__ import annotations

import ast
import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.care import rules
from bonecast.care.disagreements import disagreements
from bonecast.care.firing import contradictions_in, fired
from bonecast.care.review import overdue, table_faults, witness
from bonecast.care.rules import read_rules
from bonecast.care.variables import Variable, read_condition, read_value, table, variables
from bonecast.core import Not
from bonecast.errors import InputError, UnknownName

RULES = rules()
TABLE = Path(__file__).parents[2] / "src" / "bonecast" / "care" / "rules.csv"


def row(**changes: str) -> dict[str, str]:
    """A good row of the table with some cells changed."""
    with TABLE.open(encoding="utf-8") as file:
        return {**next(csv.DictReader(file)), "disagrees_with": "", **changes}


# An oracle of its own: the conditions are also Python, read here by Python's parser under the closed world.


def python_says(text: str, facts: dict) -> bool:
    for here, there in (("true", "True"), ("false", "False"), ("null", "None")):
        text = text.replace(f"== {here}", f"== {there}").replace(f"!= {here}", f"!= {there}")
    return progress(ast.parse(text, mode="eval").body, facts)


def progress(node: ast.expr, facts: dict) -> bool:
    match node:
        case ast.BoolOp(op=ast.And()):
            return all(progress(part, facts) for part in node.values)
        case ast.BoolOp(op=ast.Or()):
            return any(progress(part, facts) for part in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return not progress(node.operand, facts)
        case ast.Name():
            return facts.get(node.id) is True
        case ast.Compare(left=ast.Name() as left, ops=[sign], comparators=[right]):
            value = facts.get(left.id)
            if isinstance(right, ast.Constant) and right.value is None:
                return (value is None) == isinstance(sign, ast.Eq)
            other = facts.get(right.id) if isinstance(right, ast.Name) else ast.literal_eval(right)
            if value is None or other is None:
                return False
            signs = {
                ast.Eq: value == other,
                ast.NotEq: value != other,
                ast.In: isinstance(other, list) and value in other,
                ast.NotIn: isinstance(other, list) and value not in other,
            }
            if type(sign) in signs:
                return signs[type(sign)]
            order = {ast.Lt: value < other, ast.LtE: value <= other, ast.Gt: value > other}
            return order.get(type(sign), value >= other)
    raise AssertionError(ast.dump(node))


def values_of(variable: Variable) -> st.SearchStrategy:
    """Values of a variable, with the thresholds that rules name among them."""
    if variable.kind == "yes or no":
        return st.booleans()
    if variable.choices:
        return st.sampled_from(variable.choices)
    if variable.kind == "text":
        return st.sampled_from(["prostate", "breast", "Jubbonti", "Ospomyv", "x"])
    named = [
        leaf.other
        for rule in RULES.values()
        for leaf in rule.condition.leaves()
        if leaf.variable == variable and isinstance(leaf.other, float)
    ] or [variable.low]
    near = [
        max(variable.low, min(variable.high, n + d)) for n in named for d in (-1.0, -0.01, 0.0, 0.01, 1.0)
    ]
    return st.sampled_from(near)


FACTS = st.fixed_dictionaries({}, optional={name: values_of(v) for name, v in variables().items()})


@settings(max_examples=100, deadline=None)
@given(FACTS)
def test_a_condition_means_what_the_same_text_means_to_python_under_the_closed_world(facts):
    for rule in RULES.values():
        assert rule.condition.closed(facts) is python_says(rule.text, facts), rule.id


@settings(max_examples=60, deadline=None)
@given(FACTS, FACTS)
def test_what_is_known_stays_so_when_more_becomes_known(some, more):
    both = {**more, **some}
    assert len(RULES) > 100
    for rule in RULES.values():
        if "null" not in rule.text and rule.condition.known(some) is not None:
            assert rule.condition.known(both) is rule.condition.known(some), rule.id


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_fires_on_some_facts_and_stays_silent_on_others(rule):
    facts, others = witness(rule.condition), witness(Not(rule.condition))
    assert facts is not None
    assert others is not None
    assert python_says(rule.text, facts)
    assert rule in fired(facts)
    assert rule not in fired(others)


@pytest.mark.slow
def test_the_table_has_no_faults_and_nothing_is_overdue_within_half_a_year():
    assert table_faults() == []
    assert overdue(dt.date(2027, 5, 1)) == []
    assert {rule.mark for rule in overdue(dt.date(2027, 6, 1))} == {"recalled", "assumption"}


def test_unreachable_permanent_and_contradictory_rules_are_reported():
    found = read_rules(
        [
            row(id="A", condition="giving_dose and planned_action == 'stop'"),
            row(id="B", condition="giving_dose or not giving_dose"),
            row(id="C", condition="age_years < 18", severity="block"),
            row(id="D", condition="not (age_years >= 18) and age_years != null", severity="warn"),
        ]
    )
    said = {fault.rules: fault.what for fault in table_faults(found)}
    assert said == {
        ("A",): "no facts make it fire",
        ("B",): "it fires for everybody",
        ("C", "D"): "they fire on the same facts with another severity",
    }


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ("vitd_25oh_ng_mL < 10", "vitd_25oh_nmol_L"),
        ("indication == 'PM'", "PMO"),
        ("indication in ['PMO', 'XX']", "XX"),
        ("albumin_corrected_calcium_mmol_L < 8.5", "0.8 to 5"),
        ("albumin_corrected_calcium_mmol_L < vitd_25oh_nmol_L", "one unit"),
        ("age_years == 'old'", "number"),
        ("age_years and giving_dose", "number"),
        ("giving_dose == 'yes'", "like with like"),
        ("sex < 3", "a choice has no order"),
        ("3 < age_years", "on the left"),
        ("age_years + 3 < 5", "on the left"),
        ("age_years <", "cannot be read"),
        ("sex =~ 'F'", "use comparisons"),
    ],
)
def test_a_condition_with_a_wrong_name_type_choice_or_unit_fails_the_load_and_names_the_rule(condition, word):
    with pytest.raises(InputError, match=word) as caught:
        read_rules([row(id="ZZ-1", condition=condition)])
    assert "ZZ-1" in caught.value.place


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "stop"},
        {"mark": "seen"},
        {"jurisdiction": "FR"},
        {"source": "nowhere"},
        {"disagrees_with": "XX-9"},
    ],
)
def test_a_row_with_an_unknown_word_fails_the_load(changes):
    with pytest.raises(UnknownName):
        read_rules([row(**changes)])


def test_two_rules_of_one_id_fail_the_load():
    with pytest.raises(InputError, match="two rules"):
        read_rules([row(), row()])


def test_every_rule_has_advice_source_grade_mark_and_a_day_of_review():
    for rule in RULES.values():
        assert rule.advice.endswith((".", ")")), rule.id
        assert rule.strength
        assert rule.source.text
        assert rule.review_by > dt.date(2026, 11, 23)
    assert sum(rule.mark == "published" for rule in RULES.values()) > 140
    assert {rule.mark for rule in RULES.values() if rule.source.key == "project-inference"} == {"assumption"}


def test_a_disagreement_is_seen_from_both_sides():
    for rule in RULES.values():
        for other in rule.disagrees_with:
            assert rule.id in RULES[other].disagrees_with
    assert "CI-08" in RULES["CI-01"].disagrees_with


def test_each_question_in_dispute_has_two_sides_and_rules():
    assert disagreements()
    for one in disagreements():
        assert len(one.positions) >= 2, one.key
        assert one.rules


def test_not_over_in_means_not_in_and_a_missing_fact_is_in_neither():
    inside, outside = (read_condition(f"sex {word} ['F']", "x") for word in ("in", "not in"))
    assert read_condition("not (sex in ['F'])", "x") == outside
    assert not inside.closed({})
    assert not outside.closed({})
    assert outside.known({}) is None


def test_every_contradiction_can_be_found_and_needs_facts():
    assert contradictions_in({}) == []
    for one in table("contradictions.csv"):
        condition = read_condition(one["condition"], one["id"])
        facts = witness(condition)
        assert facts is not None, one["id"]
        assert one["id"] in [found.id for found in contradictions_in(facts)]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("age_years", "old"),
        ("age_years", "71.5"),
        ("age_years", True),
        ("age_years", 1e400),
        ("albumin_corrected_calcium_mmol_L", "9.2"),
        ("on_dialysis", "perhaps"),
        ("on_dialysis", 1),
        ("indication", "pmo"),
        ("sex", True),
        ("primary_tumour", 3),
    ],
)
def test_a_value_that_a_variable_cannot_hold_is_refused_with_the_hint(name, given):
    with pytest.raises(InputError) as caught:
        read_value(variables()[name], given, "row 1")
    assert caught.value.hint
