"""Exact derivatives of the graph: the sparse Jacobian of the rates, as nodes of the same graph.

Forward differentiation with sparse rows: d(node) is a dictionary {state index: node}. The side of a `where`
or `switch` is held, so the derivative is that of the branch in force.
"""

from __future__ import annotations

from bonecast.engine import graph
from bonecast.engine.graph import ONE, STATE, ZERO, Node

Row = dict[int, Node]


def jacobian(rates: list[Node]) -> dict[tuple[int, int], Node]:
    """{(i, j): d(rate i)/d(state j)} for the entries that are not identically zero."""
    rows = _rows(rates)
    return {(i, j): v for i, rate in enumerate(rates) for j, v in sorted(rows[rate.id].items())}


def _rows(outputs: list[Node]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for node in graph.in_order(outputs):
        rows[node.id] = _row(node, rows) if node.level == STATE else {}
    return rows


def _row(node: Node, rows: dict[int, Row]) -> Row:
    op, args = node.op, node.args
    if op == "state":
        return {args[0]: ONE}
    if op == "add":
        return _sum((rows[args[0].id], ONE), (rows[args[1].id], ONE))
    if op == "sub":
        return _sum((rows[args[0].id], ONE), (rows[args[1].id], graph.number(-1)))
    if op == "mul":
        return _sum((rows[args[0].id], args[1]), (rows[args[1].id], args[0]))
    if op == "rcp":
        return _sum((rows[args[0].id], -(node * node)))
    if op == "exp":
        return _sum((rows[args[0].id], node))
    if op == "log":
        return _sum((rows[args[0].id], graph.reciprocal(args[0])))
    if op == "sqrt":
        return _sum((rows[args[0].id], 0.5 * graph.reciprocal(node)))
    if op == "where":
        above, below = rows[args[2].id], rows[args[3].id]
        return {
            j: graph.where(args[0], args[1], above.get(j, ZERO), below.get(j, ZERO))
            for j in sorted(above.keys() | below.keys())
        }
    if op == "sin":
        return _sum((rows[args[0].id], graph.cos(args[0])))
    if op == "cos":
        return _sum((rows[args[0].id], -graph.sin(args[0])))
    return {}  # mode, start and floor do not move with the states


def _sum(*terms: tuple[Row, Node]) -> Row:
    total: Row = {}
    for row, factor in terms:
        for j, value in row.items():
            term = graph.mul(factor, value)
            total[j] = graph.add(total[j], term) if j in total else term
    return {j: v for j, v in total.items() if not graph.is_number(v, 0)}
