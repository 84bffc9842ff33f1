"""The graph of a system as statements of another language: names, shared terms, one expression for each result.

A term that is used more than once gets a name of its own, before its users; everything else is written out. Powers,
quotients and negatives, which the graph holds as products and logarithms, are put together again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bonecast.engine import graph
from bonecast.engine.graph import Node
from bonecast.engine.program import traced_equations
from bonecast.engine.system import System

SUM, PRODUCT, NEGATIVE, POWER, ATOM = range(5)  # how closely the parts of an expression hang together
LONGEST = 160  # signs of an expression that is still written out


@dataclass(frozen=True)
class Dialect:
    """How a language writes the operations.

    Parameters
    ----------
    number : callable
        Text of a number.
    power : str
        With {0} and {1}.
    quotient : str
        With {0} and {1}.
    product : str
        Between factors.
    functions : mapping of str to str
        Text of exp, log, sqrt, sin, cos and floor, with {0}; a missing one cannot be written.
    choice : str
        With {0} > {1}, {2} above and {3} below; empty where it needs a statement of its own.
    statement : str
        With {0} name and {1} value.
    choice_statement : str
        With {0} name, {1} > {2}, {3} above and {4} below.
    power_arguments : bool
        Whether the base of a power needs no brackets of its own.
    fractions : bool
        Whether a quotient needs no brackets of its own.
    """

    number: Callable[[float], str]
    power: str
    quotient: str
    product: str
    functions: Mapping[str, str]
    choice: str
    statement: str
    choice_statement: str = ""
    power_arguments: bool = False
    fractions: bool = False


@dataclass(frozen=True)
class TracedSystem:
    """What a system says, as nodes: everything but how infusions enter, which the other program does itself.

    Parameters
    ----------
    system : System
        The system.
    initial, rates, outputs : list of Node
        In the order of its names.
    switches : list of Node
        Positive on the `above` side.
    """

    system: System
    initial: list[Node]
    rates: list[Node]
    outputs: list[Node]
    switches: list[Node]


def traced(system: System) -> TracedSystem:
    """Trace a system for writing.

    Parameters
    ----------
    system : System
        Equations.

    Returns
    -------
    TracedSystem
    """
    e = traced_equations(replace(system, routes={}))
    return TracedSystem(system, e.initial, e.rates, e.outputs, e.switches)


def traced_routes(system: System) -> dict[str, tuple[Node, Node]]:
    """Trace what one dose unit adds to its state, and the lag, of each route.

    Parameters
    ----------
    system : System
        Equations.

    Returns
    -------
    dict of str to (Node, Node)
        Amount and lag.
    """
    e = traced_equations(system)
    return dict(zip(system.routes, zip(e.amounts, e.lags, strict=True), strict=True))


class EquationWriter:
    """Writes nodes as statements.

    Parameters
    ----------
    dialect : Dialect
        The language.
    leaves : mapping of (str, int) to str
        Text of ("par", i), ("state", i) and ("start", i).
    switches : list of Node
        Distances that modes stand for.
    """

    def __init__(self, dialect: Dialect, leaves: Mapping[tuple[str, int], str], switches: list[Node]) -> None:
        self.dialect, self.leaves, self.switches = dialect, leaves, switches
        self.names: dict[int, str] = {}
        self.count = 0

    def block(
        self, results: Iterable[tuple[str, Node]], name: Callable[[int], str], level: int = graph.STATE,
        keep: Iterable[Node] = (),
    ) -> list[str]:  # fmt: skip
        """Statements of these results, with those of the terms that they share; terms of `keep` are named in any case.

        Terms up to `level` are written; what earlier blocks named is used.
        """
        results = list(results)
        wanted = [node for _, node in results]
        kept = {node.id for node in keep}
        uses: dict[int, int] = {}
        order = [node for node in self._order([*wanted, *keep]) if node.id not in self.names]
        for node in order:
            for argument in self._arguments(node):
                uses[argument.id] = uses.get(argument.id, 0) + 1
        lines: list[str] = []
        texts: dict[int, tuple[str, int]] = {}
        for node in order:
            if node.op in ("num", "par", "state", "start", "mode") or node.level > level:
                continue
            text = self._text(node, texts)
            statement = node.op == "where" and not self.dialect.choice
            if uses.get(node.id, 0) > 1 or node.id in kept or len(text[0]) > LONGEST or statement:
                self.count += 1
                self.names[node.id] = name(self.count)
                lines.append(self._statement(self.names[node.id], node, text[0], texts))
            else:
                texts[node.id] = text
        return lines + [
            self.dialect.statement.format(target, self._part(node, texts)[0]) for target, node in results
        ]

    def _order(self, nodes: list[Node]) -> list[Node]:
        """Nodes before their users; the distance of a switch before the mode that stands for it."""
        found: dict[int, Node] = {}
        for node in graph.in_order(nodes):
            if node.op == "mode":
                found.update((n.id, n) for n in self._order([self.switches[node.args[0]]]))
            found.setdefault(node.id, node)
        return list(found.values())

    def _arguments(self, node: Node) -> list[Node]:
        if node.op == "where" and node.args[0].op == "mode":
            return [self.switches[node.args[0].args[0]], *node.args[2:]]
        return [a for a in node.args if isinstance(a, Node)]

    def _statement(self, name: str, node: Node, text: str, texts: dict[int, tuple[str, int]]) -> str:
        if node.op != "where" or self.dialect.choice:
            return self.dialect.statement.format(name, text)
        return self.dialect.choice_statement.format(
            name, *(self._part(a, texts)[0] for a in self._choice(node))
        )

    def _choice(self, node: Node) -> tuple[Node, Node, Node, Node]:
        x, threshold, above, below = node.args
        if x.op == "mode":
            return self.switches[x.args[0]], graph.ZERO, above, below
        return x, threshold, above, below

    def _part(self, node: Node, texts: dict[int, tuple[str, int]]) -> tuple[str, int]:
        """Text of a node and how closely it hangs together."""
        if node.id in self.names:
            return self.names[node.id], ATOM
        if node.op == "num":
            value = node.args[0]
            return self.dialect.number(value), ATOM if value >= 0 else NEGATIVE
        if node.op in ("par", "state", "start"):
            return self.leaves[node.op, node.args[0]], ATOM
        return texts[node.id]

    def _text(self, node: Node, texts: dict[int, tuple[str, int]]) -> tuple[str, int]:
        op, args, d = node.op, node.args, self.dialect

        def part(n: Node, least: int) -> str:
            text, close = self._part(n, texts)
            return text if close >= least else f"({text})"

        if op == "add":
            second, close = self._part(args[1], texts)
            if close == NEGATIVE:  # no language takes two signs in a row
                return f"{part(args[0], SUM)} - {second.removeprefix('-')}", SUM
            return f"{part(args[0], SUM)} + {part(args[1], PRODUCT)}", SUM
        if op == "sub" and graph.is_number(args[0], 0):
            return f"-{part(args[1], POWER)}", NEGATIVE
        if op == "sub":
            second, close = self._part(args[1], texts)
            return (
                f"{part(args[0], SUM)} - {second if close in (PRODUCT, POWER, ATOM) else f'({second})'}",
                SUM,
            )
        if op == "mul":
            over = [a for a in args if a.op == "rcp" and a.id not in self.names]
            if over:
                other = args[0] if over[-1] is args[1] else args[1]
                return self._quotient(other, over[-1].args[0], texts)
            if graph.is_number(args[0], -1) or graph.is_number(args[1], -1):
                return f"-{part(args[1] if graph.is_number(args[0], -1) else args[0], POWER)}", NEGATIVE
            return f"{part(args[0], PRODUCT)}{d.product}{part(args[1], NEGATIVE + 1)}", PRODUCT
        if op == "rcp":
            return self._quotient(graph.ONE, args[0], texts)
        if op == "exp" and args[0].op == "mul" and args[0].id not in self.names:
            for base, exponent in (args[0].args, args[0].args[::-1]):
                if base.op == "log" and base.id not in self.names:
                    least = SUM if d.power_arguments else ATOM
                    return d.power.format(part(base.args[0], least), part(exponent, least)), POWER
        if op == "where":
            return d.choice.format(*(self._part(a, texts)[0] for a in self._choice(node))), ATOM
        if op not in d.functions:
            raise ValueError(f"{op} cannot be written")
        return d.functions[op].format(part(args[0], SUM)), ATOM

    def _quotient(self, above: Node, below: Node, texts: dict[int, tuple[str, int]]) -> tuple[str, int]:
        top, under = self._part(above, texts), self._part(below, texts)
        if self.dialect.fractions:
            return self.dialect.quotient.format(top[0], under[0]), ATOM
        upper = top[0] if top[1] >= PRODUCT else f"({top[0]})"
        lower = under[0] if under[1] >= POWER else f"({under[0]})"
        return self.dialect.quotient.format(upper, lower), PRODUCT
