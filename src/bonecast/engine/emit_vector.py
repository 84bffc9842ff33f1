"""The graph as explicit LLVM vectors: one instruction works on `lanes` persons at once (8 with AVX-512).

These functions are straight-line vector code, because no compiler vectorises such text over a lane loop by
itself. Arrays are laid out as [index, lane].

    prep       p -> c              constants of one person, into its lane
    initial    p -> y              initial states of one person, into its lane
    rates      y, c, m -> f
    factor     y, c, m, g -> f, w, q    rates, LU of diag(g) - J, and the smallest |pivot| as a share of g; with
                                        tangents the LU of the states' block, which both solves use
    solve      w, b -> b
    outputs    y, c, m, s -> o
    switches   y, c, m -> x
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bonecast.engine import graph
from bonecast.engine.elimination import levels
from bonecast.engine.graph import PERSON, STATE, Node
from bonecast.engine.program import Program
from bonecast.engine.vector_maths import Vectors


def _evaluate(
    program: Program,
    v: Vectors,
    results: list[Node],
    level: int,
    leaves: dict[str, Any],
    slots: dict[int, int],
) -> list[Any]:
    """Emit the nodes of one level under `results`; `leaves` maps a leaf's operation to where it is loaded from."""
    values: dict[int, Any] = {}

    def value(node: Node) -> Any:
        if node.op == "num":
            return v.constant(node.args[0])
        if node.level < level:
            return v.load(leaves["c"], slots[node.id])
        return values[node.id]

    order = [n for n in graph.in_order(results) if n.level == level]
    rounds = _rounds(order, level)
    for nodes in rounds:
        batched = {op: [n for n in nodes if n.op == op] for op in ("rcp", "log")}
        for op, emit in (("rcp", v.reciprocals), ("log", v.logs)):
            results_of = emit([value(n.args[0]) for n in batched[op]])
            values.update((n.id, r) for n, r in zip(batched[op], results_of, strict=True))
        for node in nodes:
            if node.op not in batched:
                values[node.id] = _emit_one(node, v, value, leaves)
    return [value(r) for r in results]


def _rounds(order: list[Node], level: int) -> list[list[Node]]:
    """Nodes grouped by how many reciprocals and logarithms lie under them: those of a group are made together."""
    depth: dict[int, int] = {}
    rounds: list[list[Node]] = []
    for node in order:
        under = max((depth[a.id] for a in node.nodes() if a.level == level), default=0)
        own = depth[node.id] = under + (node.op in ("rcp", "log"))
        while len(rounds) <= own:
            rounds.append([])
        rounds[own].append(node)
    return rounds


def _emit_one(node: Node, v: Vectors, value: Callable[[Node], Any], leaves: dict[str, Any]) -> Any:
    op, args = node.op, node.args
    if op in leaves:
        return v.load(leaves[op], args[0])
    if op == "sub" and graph.is_number(args[0], 0):
        return v.negative(value(args[1]))
    operands = [value(a) for a in args]
    return {
        "add": v.add,
        "sub": v.sub,
        "mul": v.mul,
        "exp": v.exp,
        "sqrt": v.sqrt,
        "sin": v.sin,
        "cos": v.cos,
        "floor": v.floor,
        "where": v.where,
    }[op](*operands)


def _prep(program: Program, v: Vectors, args: list[Any]) -> None:
    p, c = args
    results = _evaluate(program, v, program.constants, PERSON, {"par": v.dense(p)}, {})
    for k, r in enumerate(results):
        v.store(r, c, k)


def _initial(program: Program, v: Vectors, args: list[Any]) -> None:
    p, y = args
    results = _evaluate(program, v, program.initial, PERSON, {"par": v.dense(p)}, {})
    for k, r in enumerate(results):
        v.store(r, y, k)


def _states(
    program: Program, v: Vectors, results: list[Node], y: Any, c: Any, m: Any, s: Any = None
) -> list[Any]:
    leaves = {"state": y, "c": c, "mode": m, "start": s}
    return _evaluate(program, v, results, STATE, leaves, program.slots)


def _rates(program: Program, v: Vectors, args: list[Any]) -> None:
    y, c, m, f = args
    for i, r in enumerate(_states(program, v, program.rates, y, c, m)):
        v.store(r, f, i)


def _outputs(program: Program, v: Vectors, args: list[Any]) -> None:
    y, c, m, s, o = args
    for i, r in enumerate(_states(program, v, program.outputs, y, c, m, s)):
        v.store(r, o, i)


def _switches(program: Program, v: Vectors, args: list[Any]) -> None:
    y, c, m, x = args
    for i, r in enumerate(_states(program, v, program.switches, y, c, m)):
        v.store(r, x, i)


def _factor(program: Program, v: Vectors, args: list[Any]) -> None:
    y, c, m, g, f, w, q = args
    size = len(program.system.states)
    base = program.system.base or size
    entries = {entry: node for entry, node in program.jacobian.items() if entry[1] < base}
    results = _states(program, v, [*program.rates, *entries.values()], y, c, m)
    for i in range(size):
        v.store(results[i], f, i)
    scale = v.load(g, 0)
    a: dict[tuple[int, int], Any] = {(i, i): scale for i in range(base)}
    for (i, j), value in zip(entries, results[size:], strict=True):
        if i >= base:
            v.store(value, w, program.factors[i, j])
        else:
            a[i, j] = v.sub(scale, value) if i == j else v.negative(value)

    smallest = None
    for group in levels(program.pivots):
        inverses = v.reciprocals([a[p.row, p.row] for p in group])
        for p, inverse in zip(group, inverses, strict=True):
            size_of = v.magnitude(a[p.row, p.row])
            smallest = size_of if smallest is None else v.smaller(smallest, size_of)
            v.store(inverse, w, program.factors[p.row, p.row])
            for j in p.right:
                v.store(a[p.row, j], w, program.factors[p.row, j])
            for i in p.below:
                share = v.mul(a[i, p.row], inverse)
                v.store(share, w, program.factors[i, p.row])
                for j in p.right:
                    change = v.mul(share, a[p.row, j])
                    a[i, j] = v.sub(a[i, j], change) if (i, j) in a else v.negative(change)
    v.store(v.div(smallest, scale), q, 0)


def _solve(program: Program, v: Vectors, args: list[Any]) -> None:
    """The states; then, by the same factors, their tangents, which the states enter by the block below."""
    w, b = args
    size = len(program.system.states)
    base = program.system.base or size
    x = _substituted(program, v, w, b, [v.load(b, i) for i in range(base)], 0)
    if size == base:
        return
    moves = [v.load(b, i) for i in range(base, size)]
    for (i, j), slot in program.factors.items():
        if i >= base:
            moves[i - base] = v.add(moves[i - base], v.mul(v.load(w, slot), x[j]))
    _substituted(program, v, w, b, moves, base)


def _substituted(program: Program, v: Vectors, w: Any, b: Any, x: list[Any], first: int) -> list[Any]:
    """Forward and back substitution of x by the factors; the result goes into b from `first` on."""
    for p in program.pivots:
        for i in p.below:
            x[i] = v.sub(x[i], v.mul(v.load(w, program.factors[i, p.row]), x[p.row]))
    for p in reversed(program.pivots):
        total = x[p.row]
        for j in p.right:
            total = v.sub(total, v.mul(v.load(w, program.factors[p.row, j]), x[j]))
        x[p.row] = v.mul(total, v.load(w, program.factors[p.row, p.row]))
        v.store(x[p.row], b, first + p.row)
    return x


# name: how it is made, how many arrays it takes, and whether it works on one person or on all lanes
MODEL_FUNCTIONS: dict[str, tuple[Callable[[Program, Vectors, list[Any]], None], int, bool]] = {
    "prep": (_prep, 2, True),
    "initial": (_initial, 2, True),
    "rates": (_rates, 4, False),
    "factor": (_factor, 7, False),
    "solve": (_solve, 2, False),
    "outputs": (_outputs, 5, False),
    "switches": (_switches, 4, False),
}
