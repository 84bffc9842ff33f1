"""Exact derivatives of the graph: the sparse Jacobian of the rates, as nodes of the same graph.

Forward differentiation with sparse rows: d(node) is a dictionary {state index: node}. The side of a `where`
or `switch` is held, so the derivative is that of the branch in force.
"""

from __future__ import annotations

from collections.abc import Callable

from bonecast.engine import graph
from bonecast.engine.graph import ONE, STATE, ZERO, Node

Row = dict[int, Node]


def jacobian(rates: list[Node], columns: int | None = None) -> dict[tuple[int, int], Node]:
    """{(i, j): d(rate i)/d(state j)} for the entries that are not identically zero; of the first `columns` states."""
    rows = _rows(rates, columns)
    return {(i, j): v for i, rate in enumerate(rates) for j, v in sorted(rows[rate.id].items())}


def directional(nodes: list[Node], leaf: Callable[[Node], Node]) -> list[Node]:
    """The derivative of each node along one direction; `leaf` says how a parameter or state moves in it."""
    moves: dict[int, Node] = {}
    for node in graph.in_order(nodes):
        if node.op in ("par", "state", "start"):
            move = leaf(node)
        elif node.op == "where":
            move = graph.where(node.args[0], node.args[1], moves[node.args[2].id], moves[node.args[3].id])
        else:
            move = ZERO
            for argument, factor in _partials(node):
                move = graph.add(move, graph.mul(factor, moves[argument.id]))
        moves[node.id] = move
    return [moves[node.id] for node in nodes]


def _rows(outputs: list[Node], columns: int | None) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for node in graph.in_order(outputs):
        rows[node.id] = _row(node, rows, columns) if node.level == STATE else {}
    return rows


def _row(node: Node, rows: dict[int, Row], columns: int | None) -> Row:
    op, args = node.op, node.args
    if op == "state":
        return {args[0]: ONE} if columns is None or args[0] < columns else {}
    if op == "where":
        above, below = rows[args[2].id], rows[args[3].id]
        return {
            j: graph.where(args[0], args[1], above.get(j, ZERO), below.get(j, ZERO))
            for j in sorted(above.keys() | below.keys())
        }
    return _sum(*((rows[argument.id], factor) for argument, factor in _partials(node)))


def _partials(node: Node) -> tuple[tuple[Node, Node], ...]:
    """The arguments of a node, each with the derivative by it."""
    op, args = node.op, node.args
    if op == "add":
        return (args[0], ONE), (args[1], ONE)
    if op == "sub":
        return (args[0], ONE), (args[1], graph.number(-1))
    if op == "mul":
        return (args[0], args[1]), (args[1], args[0])
    if op == "rcp":
        return ((args[0], -(node * node)),)
    if op == "exp":
        return ((args[0], node),)
    if op == "log":
        return ((args[0], graph.reciprocal(args[0])),)
    if op == "sqrt":
        return ((args[0], 0.5 * graph.reciprocal(node)),)
    if op == "sin":
        return ((args[0], graph.cos(args[0])),)
    if op == "cos":
        return ((args[0], -graph.sin(args[0])),)
    return ()  # a number; mode, start and floor do not move


def _sum(*terms: tuple[Row, Node]) -> Row:
    total: Row = {}
    for row, factor in terms:
        for j, value in row.items():
            term = graph.mul(factor, value)
            total[j] = graph.add(total[j], term) if j in total else term
    return {j: v for j, v in total.items() if not graph.is_number(v, 0)}
