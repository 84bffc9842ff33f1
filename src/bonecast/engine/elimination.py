"""Static sparse LU: the order of elimination of W = I/(gamma h) - J, fixed once per model.

Pivots are on the diagonal, in Markowitz order (least fill); no pivoting at run time. The kernel checks the
size of each pivot and rejects the step where one is too small (see `loop.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pivot:
    """One elimination step: pivot row, the rows below that it changes, the columns right of it that are filled."""

    row: int
    below: tuple[int, ...]
    right: tuple[int, ...]


def eliminate(size: int, pattern: Iterable[tuple[int, int]]) -> list[Pivot]:
    """The pivots in order for a matrix with non-zeros at `pattern` and on the whole diagonal."""
    columns = {i: {i} for i in range(size)}
    for i, j in pattern:
        columns[i].add(j)
    left = set(range(size))
    pivots = []
    while left:

        def fill(i: int, left: set[int] = left) -> tuple[int, int, int]:
            across = len(columns[i] & left) - 1
            down = sum(1 for k in left if i in columns[k]) - 1
            return across * down, across + down, i

        row = min(left, key=fill)
        left.remove(row)
        right = sorted(columns[row] & left)
        below = sorted(k for k in left if row in columns[k])
        for k in below:
            columns[k] |= set(right)
        pivots.append(Pivot(row, tuple(below), tuple(right)))
    return pivots


def factor_slots(pivots: list[Pivot]) -> dict[tuple[int, int], int]:
    """Where each entry of the factors is kept: (row, column) to index; the diagonal holds 1/pivot."""
    slots: dict[tuple[int, int], int] = {}
    for p in pivots:
        for entry in [(p.row, p.row), *((p.row, j) for j in p.right), *((i, p.row) for i in p.below)]:
            slots[entry] = len(slots)
    return slots


def levels(pivots: list[Pivot]) -> list[list[Pivot]]:
    """Pivots grouped so that those of one group do not touch each other (their reciprocals go together)."""
    depth: dict[int, int] = {}
    groups: list[list[Pivot]] = []
    for p in pivots:
        own = depth.setdefault(p.row, 0)
        for i in {*p.below, *p.right}:
            depth[i] = max(depth.get(i, 0), own + 1)
        while len(groups) <= own:
            groups.append([])
        groups[own].append(p)
    return groups
