"""A `Program`: one system traced into the graph, with what every emitter needs to know about it.

    constants  person-level nodes that the state-level code uses: computed once per person ("hoisted")
    rates      d(state)/dt;  jacobian its derivatives;  outputs;  switches (positive on the `above` side);
               jumps: which of them are jumps, not kinks
    amounts    state units for each dose unit, by route

Every route also has a rate parameter (dose units per time unit, zero unless an infusion runs), so that an
infusion is a change of a parameter and the right-hand side needs no special case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from bonecast.engine import graph
from bonecast.engine.derivative import jacobian
from bonecast.engine.elimination import Pivot, eliminate, factor_slots
from bonecast.engine.foreign import explain
from bonecast.engine.graph import PERSON, STATE, Node
from bonecast.engine.system import System

tracing = threading.Lock()


@dataclass(frozen=True)
class Equations:
    """What the functions of a system say, as nodes in the order of its names: no derivative, no elimination.

    Parameters
    ----------
    parameters : tuple of str
        Parameters of the kernel.
    initial, rates, outputs : list of Node
        States at the start, their rates, and the outputs.
    switches : list of Node
        Expressions whose sign decides the side of a switch.
    jumps : tuple of bool
        For each switch, whether a rate jumps there.
    amounts, lags : list of Node
        For each route, state units for each dose unit, and the delay.
    run_in : Node
        Time that is run before time zero.
    """

    parameters: tuple[str, ...]
    initial: list[Node]
    rates: list[Node]
    outputs: list[Node]
    switches: list[Node]
    jumps: tuple[bool, ...]
    amounts: list[Node]
    lags: list[Node]
    run_in: Node


@dataclass(frozen=True)
class Program:
    """A traced system: its equations as expressions, ready for an emitter.

    Lists of nodes are in the order of the system's names.

    Parameters
    ----------
    system : System
        The system.
    parameters : tuple of str
        Parameters of the kernel.
    initial : list of Node
        States at the start.
    rates : list of Node
        Rates of change of the states.
    jacobian : dict of tuple of (int, int) to Node
        (rate, state) to the derivative.
    outputs : list of Node
        Outputs.
    switches : list of Node
        Expressions whose sign decides the side of a switch.
    jumps : tuple of bool
        For each switch, whether a rate jumps there.
    constants : list of Node
        Expressions of a person that are computed once.
    amount_slots : list of int
        For each route, the constant that holds its state units per dose unit.
    run_in_slot : int
        The constant that holds the time of the run-in; -1 without one.
    pivots : list of Pivot
        Order of the elimination of the states; tangents share the factors of theirs.
    factors : dict of tuple of (int, int) to int
        (row, column) to the place of an entry of the factorised matrix, or of the block below it.
    """

    system: System
    parameters: tuple[str, ...]
    initial: list[Node]
    rates: list[Node]
    jacobian: dict[tuple[int, int], Node]
    outputs: list[Node]
    switches: list[Node]
    jumps: tuple[bool, ...]
    constants: list[Node]
    amount_slots: list[int]
    run_in_slot: int
    pivots: list[Pivot]
    factors: dict[tuple[int, int], int]

    @property
    def slots(self) -> dict[int, int]:
        """Node id to its place among the constants."""
        return {node.id: k for k, node in enumerate(self.constants)}


def rate_parameter(route: str) -> str:
    """Name the parameter that holds a route's infusion rate.

    Parameters
    ----------
    route : str
        The route.

    Returns
    -------
    str
    """
    return f"rate into {route}"


def kernel_parameters(system: System) -> tuple[str, ...]:
    """Name all parameters of the kernel of a system.

    Parameters
    ----------
    system : System
        The system.

    Returns
    -------
    tuple of str
        The system's parameters, then one infusion rate for each route.
    """
    return (*system.parameters, *(rate_parameter(r) for r in system.routes))


def trace(system: System) -> Program:
    """Run the functions of a system once on nodes.

    Parameters
    ----------
    system : System
        Equations; a name that they forget or invent is an error of the model.

    Returns
    -------
    Program
        The system as expressions.
    """
    with tracing:
        equations = equations_of(system)
        rates, amounts, run_in = equations.rates, equations.amounts, equations.run_in
        derivatives = _with_tangents(rates, system.base) if system.base else jacobian(rates)
        constants = _person_level(
            [*rates, *derivatives.values(), *equations.outputs, *equations.switches], [*amounts, run_in]
        )
        place = {node.id: k for k, node in enumerate(constants)}
        size = system.base or len(system.states)
        pivots = eliminate(size, [entry for entry in derivatives if max(entry) < size])
        factors = factor_slots(pivots)
        for row, column in derivatives:
            if column < size <= row:
                factors[row, column] = len(factors)
        return Program(
            system,
            equations.parameters,
            equations.initial,
            rates,
            derivatives,
            equations.outputs,
            equations.switches,
            equations.jumps,
            constants,
            [place[a.id] for a in amounts],
            place[run_in.id],
            pivots,
            factors,
        )


def _with_tangents(rates: list[Node], base: int) -> dict[tuple[int, int], Node]:
    """The derivatives of states and tangents: one block twice on the diagonal, and how it moves below."""
    own = jacobian(rates[:base])
    below = jacobian(rates[base:], base)
    return {
        **own,
        **{(base + i, j): node for (i, j), node in below.items()},
        **{(base + i, base + j): node for (i, j), node in own.items()},
    }


def traced_equations(system: System) -> Equations:
    """Run the functions of a system once on nodes, without derivatives.

    Parameters
    ----------
    system : System
        Equations.

    Returns
    -------
    Equations
        What its functions say, in the order of its names.
    """
    with tracing:
        return equations_of(system)


def equations_of(system: System) -> Equations:
    """Run the functions on nodes of an empty table; the caller holds `tracing`."""
    graph.clear()
    names = kernel_parameters(system)
    p = SimpleNamespace(**{n: graph.parameter(i) for i, n in enumerate(names)})
    y = SimpleNamespace(**{n: graph.state(i) for i, n in enumerate(system.states)})
    start = SimpleNamespace(**{n: graph.start_state(i) for i, n in enumerate(system.states)})

    def run(what: str, function: Callable[..., Any], *values: Any) -> Any:
        with explain(f"model {system.name}, {what}"):
            return function(*values)

    initial = _ordered(run("initial", system.initial, p), system.states, f"{system.name}: initial")
    rates = _ordered(run("rates", system.rates, y, p), system.states, f"{system.name}: rates")
    outputs = _ordered(
        run("outputs", system.outputs, y, p, start), system.output_names, f"{system.name}: outputs"
    )
    routes = system.routes.items()
    amounts = [graph.lift(run(f"amount of {name}", route.amount, p)) for name, route in routes]
    lags = [graph.lift(run(f"lag of {name}", route.lag, p) if route.lag else 0.0) for name, route in routes]
    for (name, route), amount in zip(routes, amounts, strict=True):
        i = system.states.index(route.state)
        rates[i] = rates[i] + getattr(p, rate_parameter(name)) * amount
    run_in = graph.lift(run("run_in", system.run_in, p) if system.run_in else 0.0)
    switches = graph.switches()
    jumps = tuple(graph.is_jump(s) for s in switches)
    return Equations(names, initial, rates, outputs, switches, jumps, amounts, lags, run_in)


def _ordered(values: Mapping[str, Any], names: tuple[str, ...], place: str) -> list[Node]:
    missing, extra = set(names) - set(values), set(values) - set(names)
    if missing or extra:
        raise ValueError(f"{place}: missing {sorted(missing)}, not declared {sorted(extra)}")
    return [graph.lift(values[n]) for n in names]


def _person_level(state_code: list[Node], wanted: Iterable[Node]) -> list[Node]:
    """Person-level nodes used by state-level code or as results, once each, in a stable order."""
    found: dict[int, Node] = {}
    for node in graph.in_order(state_code):
        if node.level == STATE:
            found.update((a.id, a) for a in node.nodes() if a.level == PERSON)
    for node in [*state_code, *wanted]:
        if node.level == PERSON:
            found[node.id] = node
    found.update((node.id, node) for node in wanted)  # a plain number too gets a place
    return list(found.values())
