"""The expression graph: equation functions run once on nodes and leave a graph of sums, products and functions.

Nodes are hash-consed (the same expression is one node) and carry a level:

    0  a number
    1  depends on a person's parameters only: computed once per person, outside the right-hand side
    2  depends on the states

Operations are `add sub mul rcp exp log sqrt sin cos floor where` over the leaves `num par state start mode`. A power is
`exp(g * log x)`, so that powers of one state share a logarithm; `log` of a product is split for the same
reason, which takes every factor under a power to be positive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

NUMBER, PERSON, STATE = 0, 1, 2

_table: dict[tuple, Node] = {}
_switches: list[Node] = []
_jumps: set[int] = set()  # ids of the switches whose two sides do not meet


class Node:
    """One expression of the graph that equation functions leave.

    Made by arithmetic on other nodes, never by hand.

    Parameters
    ----------
    op : str
        Name of the operation.
    args : tuple
        Nodes or numbers that it takes.
    level : int
        Whether it depends on constants, on the person or on the state.
    ident : int
        Number of the node, in order of making.
    """

    __slots__ = ("args", "id", "level", "op")

    def __init__(self, op: str, args: tuple, level: int, ident: int) -> None:
        self.op, self.args, self.level, self.id = op, args, level, ident

    def __add__(self, other: Any) -> Node:
        return add(self, lift(other))

    def __radd__(self, other: Any) -> Node:
        return add(lift(other), self)

    def __sub__(self, other: Any) -> Node:
        return sub(self, lift(other))

    def __rsub__(self, other: Any) -> Node:
        return sub(lift(other), self)

    def __mul__(self, other: Any) -> Node:
        return mul(self, lift(other))

    def __rmul__(self, other: Any) -> Node:
        return mul(lift(other), self)

    def __truediv__(self, other: Any) -> Node:
        return div(self, lift(other))

    def __rtruediv__(self, other: Any) -> Node:
        return div(lift(other), self)

    def __neg__(self) -> Node:
        return sub(ZERO, self)

    def __pos__(self) -> Node:
        return self

    def __pow__(self, other: Any) -> Node:
        return power(self, lift(other))

    def __rpow__(self, other: Any) -> Node:
        return power(lift(other), self)

    def __abs__(self) -> Node:
        return where(self, 0.0, self, -self)

    def __floor__(self) -> Node:
        return floor(self)

    def __floordiv__(self, other: Any) -> Node:
        return floor(self / other)

    def __rfloordiv__(self, other: Any) -> Node:
        return floor(other / self)

    def __mod__(self, other: Any) -> Node:
        return self - (self // other) * other

    def __rmod__(self, other: Any) -> Node:
        return lift(other) % self

    def __bool__(self) -> bool:
        raise TypeError("an equation cannot branch on a value: write where(x, threshold, above, below)")

    def __gt__(self, other: Any) -> bool:
        return bool(self)

    __lt__ = __ge__ = __le__ = __gt__

    def nodes(self) -> Iterable[Node]:
        """The arguments that are nodes (leaves hold plain indices)."""
        return (a for a in self.args if isinstance(a, Node))


def clear() -> None:
    """Forget all nodes and switches: each model is traced on an empty table."""
    _table.clear()
    _switches.clear()
    _jumps.clear()
    _table[_key("num", (0.0,))] = ZERO
    _table[_key("num", (1.0,))] = ONE


def switches() -> list[Node]:
    """The jump functions met since `clear`: each is positive on its `above` side."""
    return list(_switches)


def is_jump(distance: Node) -> bool:
    """Do the two sides of this switch differ where it crosses?"""
    return distance.id in _jumps


def _key(op: str, args: tuple) -> tuple:
    return (op, *(("n", a.id) if isinstance(a, Node) else a for a in args))


def _make(op: str, args: tuple, level: int) -> Node:
    key = _key(op, args)
    node = _table.get(key)
    if node is None:
        node = _table[key] = Node(op, args, level, len(_table))
    return node


def number(value: float) -> Node:
    """A constant."""
    return _make("num", (float(value),), NUMBER)


def parameter(index: int) -> Node:
    """A person's parameter."""
    return _make("par", (index,), PERSON)


def state(index: int) -> Node:
    """A state at the present time."""
    return _make("state", (index,), STATE)


def start_state(index: int) -> Node:
    """A state as it was at time zero (outputs only)."""
    return _make("start", (index,), STATE)


def lift(value: Any) -> Node:
    """A node for a number, or the node itself."""
    return value if isinstance(value, Node) else number(value)


def is_number(node: Node, value: float) -> bool:
    """Is this node the constant `value`?"""
    return node.op == "num" and node.args[0] == value


def _apply(op: str, a: Node, b: Node, fold: Callable[[float, float], float]) -> Node:
    if a.op == "num" and b.op == "num":
        return number(fold(a.args[0], b.args[0]))
    return _make(op, (a, b), max(a.level, b.level))


def add(a: Node, b: Node) -> Node:
    """a + b"""
    if is_number(a, 0):
        return b
    if is_number(b, 0):
        return a
    if a.id > b.id:
        a, b = b, a
    return _apply("add", a, b, lambda x, y: x + y)


def sub(a: Node, b: Node) -> Node:
    """a - b"""
    if is_number(b, 0):
        return a
    if a is b:
        return ZERO
    return _apply("sub", a, b, lambda x, y: x - y)


def mul(a: Node, b: Node) -> Node:
    """a * b, with the factors that do not depend on the states gathered so that they are hoisted."""
    if is_number(a, 0) or is_number(b, 0):
        return ZERO
    if is_number(a, 1):
        return b
    if is_number(b, 1):
        return a
    if a.id > b.id:
        a, b = b, a
    for low, high in ((a, b), (b, a)):
        if low.level < STATE and high.level == STATE and high.op == "mul":
            first, second = high.args
            if first.level < STATE:
                return mul(mul(low, first), second)
            if second.level < STATE:
                return mul(mul(low, second), first)
    return _apply("mul", a, b, lambda x, y: x * y)


def reciprocal(a: Node) -> Node:
    """1 / a"""
    if a.op == "num":
        return number(1.0 / a.args[0])
    if a.op == "rcp":
        return a.args[0]
    return _make("rcp", (a,), a.level)


def div(a: Node, b: Node) -> Node:
    """a / b, the state-free part of b taken out first."""
    if is_number(a, 0) or is_number(b, 1):
        return a
    if a.op == "num" and b.op == "num":
        return number(a.args[0] / b.args[0])
    if b.op == "mul" and b.level == STATE:
        first, second = b.args
        if first.level < STATE:
            return mul(mul(a, reciprocal(first)), reciprocal(second))
        if second.level < STATE:
            return mul(mul(a, reciprocal(second)), reciprocal(first))
    return mul(a, reciprocal(b))


def exp(a: Node) -> Node:
    """e to the power a"""
    return number(math.exp(a.args[0])) if a.op == "num" else _make("exp", (a,), a.level)


def log(a: Node) -> Node:
    """Natural logarithm; over states, that of a product is the sum of the factors' so that they are shared."""
    if a.op == "num":
        return number(math.log(a.args[0]))
    if a.level == STATE and a.op == "mul":
        return add(log(a.args[0]), log(a.args[1]))
    if a.level == STATE and a.op == "rcp":
        return sub(ZERO, log(a.args[0]))
    return _make("log", (a,), a.level)


def sqrt(a: Node) -> Node:
    """Square root"""
    return number(math.sqrt(a.args[0])) if a.op == "num" else _make("sqrt", (a,), a.level)


def sin(a: Node) -> Node:
    """Sine"""
    return number(math.sin(a.args[0])) if a.op == "num" else _make("sin", (a,), a.level)


def cos(a: Node) -> Node:
    """Cosine"""
    return number(math.cos(a.args[0])) if a.op == "num" else _make("cos", (a,), a.level)


def floor(a: Node) -> Node:
    """The greatest whole number that is not above a"""
    return number(math.floor(a.args[0])) if a.op == "num" else _make("floor", (a,), a.level)


def power(a: Node, b: Node) -> Node:
    """a ** b: products for small whole exponents, else exp(b log a)."""
    if b.op == "num":
        exponent = b.args[0]
        if a.op == "num":
            return number(a.args[0] ** exponent)
        if exponent == int(exponent) and abs(exponent) <= 4:
            whole = _whole_power(a, abs(int(exponent)))
            return reciprocal(whole) if exponent < 0 else whole
    return exp(mul(b, log(a)))


def _whole_power(a: Node, n: int) -> Node:
    if n == 0:
        return ONE
    half = _whole_power(a, n // 2)
    square = mul(half, half)
    return mul(square, a) if n % 2 else square


def where(x: Any, threshold: Any, above: Any, below: Any) -> Node:
    """`above` where x > threshold, else `below`: a plain selection."""
    x, threshold, above, below = lift(x), lift(threshold), lift(above), lift(below)
    if above is below:
        return above
    if x.op == "num" and threshold.op == "num":
        return above if x.args[0] > threshold.args[0] else below
    level = max(x.level, threshold.level, above.level, below.level)
    return _make("where", (x, threshold, above, below), level)


def switch(x: Any, threshold: Any, above: Any, below: Any, jump: bool = True) -> Node:
    """A jump or kink: the side is a mode that the integrator holds during a step and flips at the crossing."""
    distance = sub(lift(x), lift(threshold))
    if distance.level < STATE:
        return where(x, threshold, above, below)
    if distance not in _switches:
        _switches.append(distance)
    if jump:
        _jumps.add(distance.id)
    mode = _make("mode", (_switches.index(distance),), STATE)
    return where(mode, 0.5, above, below)


def written(parts: Iterable[Iterable[Node]]) -> str:
    """The graph under these nodes as text: the same text means the same program, built in the same order."""
    parts = [list(part) for part in parts]
    nodes = sorted(in_order([node for part in parts for node in part]), key=lambda node: node.id)
    rank = {node.id: k for k, node in enumerate(nodes)}
    lines = [repr((n.op, *((rank[a.id], "n") if isinstance(a, Node) else a for a in n.args))) for n in nodes]
    return "\n".join([*lines, *(str([rank[node.id] for node in part]) for part in parts)])


def in_order(outputs: Iterable[Node]) -> list[Node]:
    """List all expressions under some, arguments before their users.

    Parameters
    ----------
    outputs : iterable of Node
        The expressions.

    Returns
    -------
    list of Node
        Each once.
    """
    seen: set[int] = set()
    order: list[Node] = []
    stack = [(node, False) for node in reversed(list(outputs))]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node.id not in seen:
            seen.add(node.id)
            stack.append((node, True))
            stack.extend((a, False) for a in reversed(list(node.nodes())) if a.id not in seen)
    return order


ZERO = Node("num", (0.0,), NUMBER, 0)
ONE = Node("num", (1.0,), NUMBER, 1)
clear()
