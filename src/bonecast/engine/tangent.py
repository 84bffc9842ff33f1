"""Forward sensitivities: a system together with how its states and outputs move along one direction of its parameters.

    s' = J(y, p) s + f_p(y, p) e,     s(0) = x_p(p) e,     y' = f(y, p),     y(0) = x(p)

`tangent` writes it as a system of its own: twice the states, and a parameter "d NAME" for each parameter, which holds
e. Each direction is a person of one ensemble, so that a vector of the machine follows as many of them. Tangents share
the factors of their states (`emit_vector._solve`). Where a rate jumps at a crossing g = 0, `loop.py` adds to them

    (f- - f+) dt,     dt = -(g_y s + g_p e)/(g_y f-)

which two further outputs of each switch give. Of what moves the times of events (a lag, a run-in), central differences
are taken instead, in one ensemble too.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from bonecast.engine import graph
from bonecast.engine.derivative import directional
from bonecast.engine.ensemble import DEFAULT_RTOL, AtDose, simulate, tolerances
from bonecast.engine.events import Bolus, Event, Infusion
from bonecast.engine.graph import ZERO, Node
from bonecast.engine.outline import outline_of
from bonecast.engine.program import rate_parameter, traced_equations, tracing
from bonecast.engine.system import Route, System, Values
from bonecast.errors import ComputeError, InputError, UnknownName

STEP = 1e-4  # of a parameter, to each side, where differences are taken
STEP_RTOL = 1e-10  # of their runs
_REMEMBERED = 16
_made: OrderedDict[int, tuple[System, System, frozenset[str]]] = OrderedDict()


@dataclass(frozen=True)
class SensitivityRun:
    """What became of one person, and how it depends on parameters.

    Parameters
    ----------
    values : ndarray, shape (time, output)
        The outputs.
    derivatives : ndarray, shape (parameter, time, output)
        Their derivatives by each parameter, in the unit of the output over that of the parameter.
    by_differences : tuple of str
        Parameters whose derivatives are central differences.
    """

    values: np.ndarray
    derivatives: np.ndarray
    by_differences: tuple[str, ...] = ()


def moving(name: str) -> str:
    """Name how something moves, in the system that `tangent` makes.

    Parameters
    ----------
    name : str
        A state, parameter, route or output.

    Returns
    -------
    str
    """
    return f"d {name}"


def tangent(system: System) -> System:
    """Write a system together with its tangent along one direction of its parameters.

    Parameters
    ----------
    system : System
        Equations.

    Returns
    -------
    System
        States, routes and outputs twice, the second ones named "d NAME"; a parameter "d NAME" for each parameter holds
        the direction, zero by default. Two outputs more for each switch.
    """
    return _kept(system)[0]


def with_tangents(events: Iterable[Event], doubled: System) -> list[Event]:
    """Events of a system as those of its tangent: a dose moves with its route, what is set does not move.

    Parameters
    ----------
    events : iterable of Event
        Events; one that names a tangent itself stays as it is.
    doubled : System
        What `tangent` made.

    Returns
    -------
    list of Event
    """
    known = {*doubled.routes, *doubled.states, *doubled.parameters}
    found: list[Event] = []
    for event in events:
        found.append(event)
        if isinstance(event, Bolus | Infusion):
            if moving(event.route) in known:
                found.append(replace(event, route=moving(event.route)))
        elif moving(event.name) in known:
            found.append(replace(event, name=moving(event.name), value=0.0))
    return found


def timing_parameters(system: System) -> frozenset[str]:
    """Find the parameters that move the times of events: those of a lag or the run-in.

    Parameters
    ----------
    system : System
        Equations.

    Returns
    -------
    frozenset of str
    """
    return _kept(system)[1]


def sensitivities(
    system: System,
    events: Sequence[Event],
    times: Sequence[float] | np.ndarray,
    names: Sequence[str],
    parameters: Mapping[str, float] | None = None,
    *,
    outputs: str | Sequence[str] | None = None,
    at_dose: AtDose | Sequence[AtDose] = "before",
    rtol: float = DEFAULT_RTOL,
    threads: int | None = None,
) -> SensitivityRun:
    """Follow one person under events, with the derivatives of the outputs by parameters.

    Parameters
    ----------
    system : System
        Equations.
    events : sequence of Event
        Doses and changes, which stay as they are.
    times : array_like
        Times at which outputs are kept, in order.
    names : sequence of str
        Parameters.
    parameters : mapping of str to float, optional
        Changes to the defaults.
    outputs : str or sequence of str, optional
        Outputs to keep; all by default.
    at_dose : {"before", "after"} or sequence of these
        Whether an output at the time of an event is taken before or after it.
    rtol : float
        Relative tolerance of one step, of states and derivatives.
    threads : int, optional
        Threads.

    Returns
    -------
    SensitivityRun

    Raises
    ------
    InputError
        If a name, event or number cannot be used.
    ComputeError
        If the equations could not be followed.

    Examples
    --------
    >>> import math
    >>> from bonecast.engine import Bolus, Route, System
    >>> system = System(
    ...     name="decay", time_unit="d", states=("A",), parameters={"k": 0.1}, initial=lambda p: {"A": 0.0},
    ...     rates=lambda y, p: {"A": -p.k * y.A}, outputs=lambda y, p, start: {"A_mg": y.A}, output_names=("A_mg",),
    ...     routes={"drug": Route("A", "mg")}, scales={"A": 1.0},
    ... )
    >>> run = sensitivities(system, [Bolus(0.0, "drug", 1.0)], [10.0], ["k"], rtol=1e-8)
    >>> bool(abs(run.derivatives[0, 0, 0] + 10 * math.exp(-1)) < 1e-6)
    True
    """
    for name in names:
        if name not in system.parameters:
            raise UnknownName(f"model {system.name}", "parameter", str(name), system.parameters)
    if not names:
        raise InputError("sensitivities, parameters", "there are none", "name at least one")
    chosen = system.output_names if outputs is None else (outputs,) if isinstance(outputs, str) else outputs
    base = {**system.parameters, **(parameters or {})}
    timing = timing_parameters(system)
    shifted = [name for name in names if name in timing]
    smooth = [name for name in names if name not in shifted]
    values = np.empty(0)
    found: dict[str, np.ndarray] = {}
    if smooth:
        size = {name: abs(base[name]) or 1.0 for name in smooth}
        doubled = tangent(system)
        run = simulate(
            doubled, with_tangents(events, doubled), times, _directions(base, smooth, size),
            outputs=[*chosen, *map(moving, chosen)], at_dose=at_dose, rtol=rtol, threads=threads,
        )  # fmt: skip
        _require(system, run.values)
        values = run.values[0, :, : len(chosen)]
        found = {name: run.values[k, :, len(chosen) :] / size[name] for k, name in enumerate(smooth)}
    if shifted:
        steps = np.array([STEP * abs(base[name]) or STEP for name in shifted])
        count = len(shifted)
        lists = {name: np.full(2 * count + 1, base[name]) for name in shifted}
        for k, name in enumerate(shifted):
            lists[name][k] += steps[k]
            lists[name][count + k] -= steps[k]
        run = simulate(
            system, events, times, {**(parameters or {}), **lists}, outputs=chosen, at_dose=at_dose,
            rtol=min(rtol, STEP_RTOL), threads=threads,
        )  # fmt: skip
        _require(system, run.values)
        slopes = (run.values[:count] - run.values[count : 2 * count]) / (2 * steps[:, None, None])
        found |= dict(zip(shifted, slopes, strict=True))
        values = run.values[-1] if not smooth else values
    return SensitivityRun(values, np.stack([found[name] for name in names]), tuple(shifted))


def _directions(base: Mapping[str, float], names: Sequence[str], size: Mapping[str, float]) -> dict[str, Any]:
    """Parameters of an ensemble that has a person for each direction."""
    unit = np.eye(len(names))
    return {**base, **{moving(name): size[name] * unit[k] for k, name in enumerate(names)}}


def _require(system: System, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        raise ComputeError(f"model {system.name}: its equations or their derivatives could not be followed.")


def _kept(system: System) -> tuple[System, frozenset[str]]:
    """The tangent system and the timing parameters, made once for each system."""
    kept = _made.get(id(system))
    if kept is None or kept[0] is not system:
        equations = traced_equations(system)
        read = graph.in_order([*equations.lags, equations.run_in])
        timing = frozenset(equations.parameters[node.args[0]] for node in read if node.op == "par")
        kept = _made[id(system)] = system, _doubled(system, len(equations.switches)), timing
        while len(_made) > _REMEMBERED:
            _made.popitem(last=False)
    return kept[1], kept[2]


def _doubled(system: System, switches: int) -> System:
    own, count = tuple(system.parameters), len(system.states)
    allowed = system.may_change
    if allowed is None:
        allowed = tuple(name for name in own if name in outline_of(system).moving)
    size = dict(zip(system.states, (100 * tolerances(system, 1.0)).tolist(), strict=True))

    def along(y: Values, p: Values, start: Values) -> Callable[[Node], Node]:
        """How each leaf moves: y, p and start hold the tangents."""

        def leaf(node: Node) -> Node:
            k = node.args[0]
            if node.op == "par":
                return graph.lift(getattr(p, moving(own[k]))) if k < len(own) else ZERO
            moved = y if node.op == "state" else start
            return getattr(moved, moving(system.states[k])) if k < count else ZERO

        return leaf

    def moves(nodes: Mapping[str, Any], y: Values, p: Values, start: Values) -> dict[str, Any]:
        """The nodes with how each moves."""
        lifted = {name: graph.lift(node) for name, node in nodes.items()}
        tangents = directional(list(lifted.values()), along(y, p, start))
        return {**lifted, **{moving(n): node for n, node in zip(lifted, tangents, strict=True)}}

    def initial(p: Values) -> Mapping[str, Any]:
        return _on_numbers(lambda p: moves(system.initial(p), None, p, None), doubled, p)

    def rates(y: Values, p: Values) -> Mapping[str, Any]:
        return _on_numbers(lambda y, p: moves(system.rates(y, p), y, p, None), doubled, y, p)

    def outputs(y: Values, p: Values, start: Values) -> Mapping[str, Any]:
        return _on_numbers(with_switches, doubled, y, p, start)

    def with_switches(y: Values, p: Values, start: Values) -> dict[str, Any]:
        made = moves(system.outputs(y, p, start), y, p, start)
        rates = {name: graph.lift(rate) for name, rate in system.rates(y, p).items()}
        for name, route in system.routes.items():  # infusions that run
            entering = getattr(p, rate_parameter(name), ZERO) * route.amount(p)
            rates[route.state] = rates[route.state] + entering
        speeds = [rates[name] for name in system.states]
        met = graph.switches()[:switches]
        met += [ZERO] * (switches - len(met))  # where only numbers are asked for
        by_direction = directional(met, along(y, p, start))
        in_time = directional(met, lambda node: speeds[node.args[0]] if node.op == "state" else ZERO)
        return made | dict(zip(crossings, [*by_direction, *in_time], strict=True))

    crossings = [f"crossing {k} {by}" for by in ("by direction", "in time") for k in range(switches)]

    def amount(route: Route) -> Callable[[Values], Any]:
        def moved(p: Values) -> Any:
            made = _on_numbers(lambda p: moves({"amount": route.amount(p)}, None, p, None), doubled, p)
            return made[moving("amount")]

        return moved

    doubled = replace(
        system,
        states=(*system.states, *map(moving, system.states)),
        parameters={**system.parameters, **dict.fromkeys(map(moving, own), 0.0)},
        initial=initial,
        rates=rates,
        outputs=outputs,
        output_names=(*system.output_names, *map(moving, system.output_names), *crossings),
        routes={
            **system.routes,
            **{
                moving(name): replace(route, state=moving(route.state), amount=amount(route))
                for name, route in system.routes.items()
            },
        },
        scales={**size, **{moving(name): scale for name, scale in size.items()}},
        may_change=(*allowed, *map(moving, allowed)),
        base=count,
    )
    return doubled


def _on_numbers(
    function: Callable[..., Mapping[str, Any]], system: System, *values: Values
) -> Mapping[str, Any]:
    """Call a function of nodes; on numbers, on nodes that stand for them, which are then worked out."""
    if any(isinstance(part, Node) for value in values for part in value.__dict__.values()):
        return function(*values)
    with tracing:
        graph.clear()
        leaves: dict[int, float] = {}
        makers = {"par": graph.parameter, "state": graph.state, "start": graph.start_state}
        kinds = ("par",) if len(values) == 1 else ("state", "par", "start")[: len(values)]
        spaces = []
        for kind, value in zip(kinds, values, strict=True):
            names = tuple(system.parameters) if kind == "par" else system.states
            nodes = {name: makers[kind](i) for i, name in enumerate(names)}
            given = cast(SimpleNamespace, value).__dict__
            leaves |= {node.id: float(given.get(name, 0.0)) for name, node in nodes.items()}
            spaces.append(SimpleNamespace(**nodes))
        made = {name: graph.lift(node) for name, node in function(*spaces).items()}
        worked = _worked_out(list(made.values()), leaves)
        return {name: worked[node.id] for name, node in made.items()}


def _worked_out(nodes: list[Node], leaves: Mapping[int, float]) -> dict[int, float]:
    """The number of every node under these."""
    found = dict(leaves)
    for node in graph.in_order(nodes):
        if node.op == "num":
            found[node.id] = node.args[0]
        elif node.id not in found:
            arguments = [found[a.id] if isinstance(a, Node) else a for a in node.args]
            found[node.id] = _OPERATIONS[node.op](*arguments)
    return found


def _selected(x: float, threshold: float, above: float, below: float) -> float:
    return above if x > threshold else below


_OPERATIONS: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "rcp": lambda a: 1.0 / a,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "floor": math.floor,
    "where": _selected,
}
