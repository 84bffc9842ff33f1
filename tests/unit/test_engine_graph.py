"""The expression graph: one node for one expression, numbers folded, person-level work hoisted."""

from __future__ import annotations

import math

import pytest
from engine_systems import EVERY_OPERATION

from bonecast.engine import graph, maths
from bonecast.engine.graph import NUMBER, PERSON, STATE
from bonecast.engine.program import trace


@pytest.fixture
def leaves():
    graph.clear()
    return graph.parameter(0), graph.parameter(1), graph.state(0), graph.state(1)


def operations(*nodes):
    return [n.op for n in graph.in_order(list(nodes)) if n.op not in ("num", "par", "state", "mode")]


def test_the_same_expression_is_one_node(leaves):
    p, _, x, y = leaves
    assert x * y + p is x * y + p
    assert x + y is y + x
    assert x * y is y * x
    assert maths.exp(x * p) is maths.exp(p * x)
    assert x - y is not y - x


def test_numbers_are_folded(leaves):
    two = graph.number(2)
    assert graph.is_number(two * 3 + 4, 10.0)
    assert graph.is_number(two / 8, 0.25)
    assert graph.is_number(two**-2, 0.25)
    assert graph.is_number(2.0**two, 4.0)
    assert graph.is_number(maths.exp(graph.number(1)), math.e)
    assert graph.is_number(maths.log(two), math.log(2))
    assert graph.is_number(maths.sqrt(graph.number(9)), 3.0)


def test_adding_nothing_and_multiplying_by_one_leave_the_node(leaves):
    *_, x, _ = leaves
    assert x + 0 is x
    assert 0 + x is x
    assert x - 0 is x
    assert 1 * x is x
    assert x / 1 is x
    assert x**1 is x
    assert +x is x


def test_what_cannot_be_other_than_zero_or_one_is_a_number(leaves):
    *_, x, _ = leaves
    assert graph.is_number(x * 0, 0.0)
    assert graph.is_number(x - x, 0.0)
    assert graph.is_number(0 / x, 0.0)
    assert graph.is_number(x**0, 1.0)


def test_a_reciprocal_of_a_reciprocal_is_the_node(leaves):
    *_, x, _ = leaves
    assert 1 / (1 / x) is x


def test_levels_follow_the_most_changeable_leaf(leaves):
    p, q, x, _ = leaves
    assert graph.number(3).level == NUMBER
    assert (p * q + 1).level == PERSON
    assert (p * x).level == STATE
    assert maths.exp(p).level == PERSON
    assert maths.where(p, q, 1.0, x).level == STATE


def test_factors_of_a_person_are_gathered_in_front_of_the_states(leaves):
    p, q, x, y = leaves
    product = (p * x) * q * y
    low = [n for n in graph.in_order([product]) if n.op == "mul" and n.level == PERSON]
    assert len(low) == 1
    assert (p * x) * q is (q * x) * p


def test_a_division_takes_the_person_s_part_out_of_the_divisor(leaves):
    p, _, x, _ = leaves
    quotient = 1 / (p * x)
    reciprocals = [n.level for n in graph.in_order([quotient]) if n.op == "rcp"]
    assert sorted(reciprocals) == [PERSON, STATE]


@pytest.mark.parametrize(("exponent", "products"), [(2, 1), (3, 2), (4, 2)])
def test_whole_powers_are_products(leaves, exponent, products):
    *_, x, _ = leaves
    assert operations(x**exponent) == ["mul"] * products
    assert operations(x**-exponent) == ["mul"] * products + ["rcp"]


def test_other_powers_share_one_logarithm(leaves):
    p, _, x, y = leaves
    assert operations(x**2.5) == ["log", "mul", "exp"]
    assert operations(x**5) == ["log", "mul", "exp"]
    assert operations(x**2.5, x**p, (x * y) ** 0.7).count("log") == 2
    assert operations((1 / x) ** 0.3, x**0.4).count("log") == 1


def test_an_equation_cannot_branch_on_a_node(leaves):
    *_, x, y = leaves
    for comparison in (lambda: x > 0, lambda: x < y, lambda: x >= y, lambda: x <= 1, lambda: bool(x)):
        with pytest.raises(TypeError, match="where"):
            comparison()


def test_a_choice_between_equals_or_of_numbers_is_made_at_once(leaves):
    p, _, x, y = leaves
    assert maths.where(x, y, p, p) is p
    assert maths.where(2.0, 1.0, x, y) is x
    assert maths.where(1.0, 1.0, x, y) is y, "above means above"


def test_switches_of_one_distance_are_one_switch(leaves):
    p, _, x, y = leaves
    maths.switch(x, p, 1.0, 2.0)
    maths.switch(x, p, y, 3.0)
    maths.switch(y, p, 1.0, 2.0)
    assert len(graph.switches()) == 2


def test_a_switch_on_a_person_s_parameters_is_a_plain_choice(leaves):
    p, q, x, y = leaves
    assert maths.switch(p, q, x, y).op == "where"
    assert graph.switches() == []


def test_a_new_table_forgets_nodes_and_switches(leaves):
    *_, x, _ = leaves
    maths.switch(x, 0.0, 1.0, 2.0)
    graph.clear()
    assert graph.switches() == []
    assert graph.state(0) is not x
    assert graph.number(0) is graph.ZERO


def test_arguments_come_before_their_users():
    seen = set()
    for node in graph.in_order(trace(EVERY_OPERATION).rates):
        assert all(a.id in seen for a in node.nodes())
        assert node.id not in seen
        seen.add(node.id)
    assert len(seen) > 10


def test_only_person_level_work_is_hoisted_and_each_piece_once():
    program = trace(EVERY_OPERATION)
    assert all(n.level == PERSON or n.op == "num" for n in program.constants)
    assert len({n.id for n in program.constants}) == len(program.constants)
    for node in graph.in_order([*program.rates, *program.jacobian.values(), *program.outputs]):
        if node.level == STATE:
            assert all(a.id in program.slots for a in node.nodes() if a.level == PERSON)


def test_rates_that_are_forgotten_or_invented_are_an_error_of_the_model():
    from dataclasses import replace

    with pytest.raises(ValueError, match=r"missing \['u'\], not declared \['z'\]"):
        trace(replace(EVERY_OPERATION, rates=lambda y, p: {"z": 0.0, "v": 0.0, "w": 0.0}))
