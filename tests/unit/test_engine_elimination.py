"""The static elimination: factors of random sparse matrices, and the groups that are done together."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.engine.elimination import eliminate, factor_slots, levels


def random_matrix(seed, size):
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((size, size)) < 2.5 / size, rng.normal(size=(size, size)), 0.0)
    np.fill_diagonal(matrix, 0.0)
    return matrix + np.diag(1.0 + np.abs(matrix).sum(axis=1))


def pattern(matrix):
    return [(int(i), int(j)) for i, j in np.argwhere(matrix) if i != j]


def factors(matrix, pivots):
    """Eliminate by the plan alone: only entries that the plan names may be touched."""
    slots = factor_slots(pivots)
    a = {(i, j): matrix[i, j] for i, j in slots}
    for p in pivots:
        for i in p.below:
            a[i, p.row] /= a[p.row, p.row]
            for j in p.right:
                a[i, j] -= a[i, p.row] * a[p.row, j]
    return a


CASES = [(seed, size) for seed in range(6) for size in (1, 2, 5, 12, 30)]


@pytest.mark.parametrize(("seed", "size"), CASES)
def test_the_factors_multiply_to_the_matrix(seed, size):
    matrix = random_matrix(seed, size)
    pivots = eliminate(size, pattern(matrix))
    order = [p.row for p in pivots]
    place = {row: k for k, row in enumerate(order)}
    lower, upper = np.eye(size), np.zeros((size, size))
    for (i, j), value in factors(matrix, pivots).items():
        if place[i] > place[j]:
            lower[place[i], place[j]] = value
        else:
            upper[place[i], place[j]] = value
    assert lower @ upper == pytest.approx(matrix[np.ix_(order, order)], abs=1e-12)


@pytest.mark.parametrize(("seed", "size"), CASES)
def test_every_entry_of_the_matrix_has_one_place(seed, size):
    matrix = random_matrix(seed, size)
    slots = factor_slots(eliminate(size, pattern(matrix)))
    assert set(slots) >= {*pattern(matrix), *((i, i) for i in range(size))}
    assert sorted(slots.values()) == list(range(len(slots)))


@pytest.mark.parametrize(("seed", "size"), CASES)
def test_pivots_of_one_group_do_not_touch_each_other(seed, size):
    matrix = random_matrix(seed, size)
    pivots = eliminate(size, pattern(matrix))
    groups = levels(pivots)
    assert sorted(p.row for group in groups for p in group) == list(range(size))
    for group in groups:
        rows = {p.row for p in group}
        for p in group:
            assert not rows & {*p.below, *p.right}


@pytest.mark.parametrize(("seed", "size"), CASES)
def test_a_pivot_comes_in_a_later_group_than_those_that_change_its_row(seed, size):
    groups = levels(eliminate(size, pattern(random_matrix(seed, size))))
    group_of = {p.row: k for k, group in enumerate(groups) for p in group}
    assert sorted(group_of) == list(range(size))
    for group in groups:
        for p in group:
            assert all(group_of[i] > group_of[p.row] for i in {*p.below, *p.right})


def test_a_chain_fills_nothing_and_an_arrow_is_taken_from_its_tip():
    chain = eliminate(6, [(i, i - 1) for i in range(1, 6)])
    assert len(factor_slots(chain)) == 6 + 5
    arrow = eliminate(6, [(0, i) for i in range(1, 6)] + [(i, 0) for i in range(1, 6)])
    assert len(factor_slots(arrow)) == 6 + 10, "the full row comes last"
    assert len(levels(arrow)[0]) == 4, "the shafts go together"


def test_a_diagonal_is_one_group():
    assert [len(group) for group in levels(eliminate(4, []))] == [4]
