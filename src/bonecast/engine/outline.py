"""The outline of a system: what decides its kernel, without compiling it; remembered while nothing of it changes."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bonecast.engine import graph
from bonecast.engine.program import equations_of, tracing
from bonecast.engine.system import System
from bonecast.engine.watch import Watch

_REMEMBERED = 64  # systems
_outlines: OrderedDict[tuple[Any, ...], tuple[Watch, Outline]] = OrderedDict()
_remembering = threading.Lock()


@dataclass(frozen=True)
class Outline:
    """What a system computes.

    digest : hash of the whole traced program; names, files and default values are not in it.
    moving : the parameters that rates, outputs, switches or amounts read, so that a change of them in time is felt.
    """

    digest: str
    moving: frozenset[str]


def outline_of(system: System) -> Outline:
    """Outline a system's program; traced again whenever anything that its functions read has changed.

    Parameters
    ----------
    system : System
        Equations.

    Returns
    -------
    Outline
        The hash of what it computes, and the parameters whose change in time is felt.
    """
    routes = system.routes
    functions = [system.initial, system.rates, system.outputs, system.run_in]
    functions += [function for route in routes.values() for function in (route.amount, route.lag)]
    identity = (
        *map(id, functions), *routes, *(route.state for route in routes.values()),
        system.base, system.states, system.output_names, *system.parameters,
    )  # fmt: skip
    with _remembering:
        kept = _outlines.get(identity)
        if kept is not None and kept[0].holds():
            _outlines.move_to_end(identity)
            return kept[1]
        made = _outline(system)
        _outlines[identity] = Watch(f for f in functions if f is not None), made
        _outlines.move_to_end(identity)
        if len(_outlines) > _REMEMBERED:
            _outlines.popitem(last=False)
        return made


def _outline(system: System) -> Outline:
    """Trace the system without its derivatives: quick, and enough to tell its program from any other."""
    with tracing:
        e = equations_of(system)
        routes = [system.states.index(route.state) for route in system.routes.values()]
        parts = [e.initial, e.rates, e.outputs, e.switches, e.amounts, e.lags, [e.run_in]]
        content = repr((len(system.parameters), system.base, routes, e.jumps, graph.written(parts)))
        read = graph.in_order([*e.rates, *e.outputs, *e.switches, *e.amounts])
        return Outline(
            hashlib.sha256(content.encode()).hexdigest(),
            frozenset(e.parameters[node.args[0]] for node in read if node.op == "par")
            & frozenset(system.parameters),
        )
