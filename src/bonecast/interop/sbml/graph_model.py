"""A described model as a `System` for the kernel, where its events and functions allow that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bonecast.engine import Bolus, Event, Route, SetState, System
from bonecast.errors import InputError
from bonecast.interop.sbml.description import SbmlEvent
from bonecast.interop.sbml.equations import SbmlEquations, amount_of
from bonecast.interop.sbml.expressions import TIME, Expr, name, names_in, node_value, parts
from bonecast.models import OWN_UNIT, Model, Output

_CLOCK = "model time"  # the state that is the time of the file
HOURS = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0}


class SbmlFunctions:
    """The functions of the system: what each name is, on numbers or nodes.

    Attributes
    ----------
    given : dict of str to str
        Name that starts from a plain number to its parameter.
    """

    def __init__(self, equations: SbmlEquations, speed: float) -> None:
        e = equations
        targets = {t for event in e.description.events for t, _ in event.assignments}
        moved = {
            amount_of(q) if q.kind == "species" and not q.substance and q.id not in e.states else q.id
            for q in (e.description.quantities[t] for t in targets)
        }
        self.speed, self.start, self.formulas = speed, dict(e.start), dict(e.formulas)
        self.rates_of = {**e.states, **{n: ("num", 0.0) for n in e.held if n in moved}}
        self.held = frozenset(n for n in e.held if n not in self.rates_of)
        self.given = {n: self._parameter(e, n) for n, expr in self.start.items() if self._plain(e, n, expr)}
        self.timed = any(
            part == TIME
            for expr in (*self.rates_of.values(), *self.formulas.values())
            for part in parts(expr)
        )
        self.states = tuple(state_name(n) for n in self.rates_of) + ((_CLOCK,) if self.timed else ())
        self.shown = tuple(
            n
            for n in (*e.description.quantities, *e.description.reactions)
            if n not in self.held and n in (*self.formulas, *self.rates_of)
        )
        self.targets = tuple(self.rates_of.values())
        self.order = tuple(e.ordered([*self.targets, *map(name, self.shown)], self.formulas))

    @staticmethod
    def _plain(e: SbmlEquations, n: str, expr: Expr) -> bool:
        """Is this a number of the file, which may be given another value?"""
        named = n in e.held or n in e.states or n in e.description.quantities
        return expr[0] == "num" and expr[1] == expr[1] and named and n not in e.description.assignments

    def _parameter(self, e: SbmlEquations, n: str) -> str:
        """A constant keeps its name; the value at the start of what changes is another thing than what it is later."""
        return state_name(n) if n in self.held else f"initial {state_name(n)}"

    @property
    def parameters(self) -> dict[str, float]:
        """Name of each parameter of the system to its value."""
        return {parameter: self.start[n][1] for n, parameter in self.given.items()}

    def first(self, p: Any) -> Callable[[str], Any]:
        """The value of each name at the start."""
        known: dict[str, Any] = {}

        def value(n: str) -> Any:
            if n not in known:
                if n in self.given:
                    known[n] = getattr(p, self.given[n])
                else:
                    known[n] = node_value(self.start[n], value, 0.0)
            return known[n]

        return value

    def initial(self, p: Any) -> dict[str, Any]:
        """States at the start."""
        value = self.first(p)
        clock = {_CLOCK: 0.0} if self.timed else {}
        return {**{state_name(n): value(n) for n in self.rates_of}, **clock}

    def now(self, y: Any, p: Any) -> Callable[[str], Any]:
        """The value of each name while time runs."""
        first, time = self.first(p), getattr(y, _CLOCK) if self.timed else 0.0
        known: dict[str, Any] = {n: getattr(y, state_name(n)) for n in self.rates_of}

        def value(n: str) -> Any:
            if n not in known:
                known[n] = node_value(self.formulas[n], value, time) if n in self.formulas else first(n)
            return known[n]

        for n in self.order:
            value(n)
        return value

    def rates(self, y: Any, p: Any) -> dict[str, Any]:
        """Rates of change, for each hour or day."""
        value, time = self.now(y, p), getattr(y, _CLOCK) if self.timed else 0.0
        found = {state_name(n): self.speed * node_value(e, value, time) for n, e in self.rates_of.items()}
        return {**found, **({_CLOCK: self.speed} if self.timed else {})}

    def outputs(self, y: Any, p: Any, start: Any) -> dict[str, Any]:
        """Everything that changes."""
        value = self.now(y, p)
        return {n: value(n) for n in self.shown}


def state_name(n: str) -> str:
    """A name as an identifier: `S|amount` is `S_amount`, the local parameter `J.k` is `J_k`."""
    return n.replace("|", "_").replace(".", "_")


def as_it_is(p: Any) -> float:
    """A dose enters as it is."""
    return 1.0


def kernel_model(equations: SbmlEquations, time_unit: str) -> tuple[Model, list[Event]]:
    """The model for the kernel with its events laid out in time; `InputError` says why there is none.

    time_unit : of the file, one of `HOURS`.
    """
    d = equations.description
    _check(equations)
    unit = "d" if time_unit == "day" else "h"
    per_unit = HOURS[time_unit] / (24.0 if unit == "d" else 1.0)  # hours or days in one unit of the file
    functions = SbmlFunctions(equations, 1.0 / per_unit)
    routes: dict[str, Route] = {}
    events = [one for event in d.events for one in _laid_out(equations, functions, event, per_unit, routes)]
    events.sort(key=lambda event: event.time)
    system = System(
        name=d.name, time_unit=unit, states=functions.states, parameters=functions.parameters,
        initial=functions.initial, rates=functions.rates, outputs=functions.outputs, output_names=functions.shown,
        routes=routes, scales=_scales(equations, functions),
    )  # fmt: skip
    model = Model.of(system)
    outputs = tuple(
        Output(n, q.label or n, q.unit or OWN_UNIT) if (q := d.quantities.get(n)) else Output(n, n, OWN_UNIT)
        for n in functions.shown
    )
    summary = f"Read from {d.place} (SBML Level {d.level[0]} Version {d.level[1]})."
    return replace(model, outputs=outputs, summary=summary), events


def _scales(e: SbmlEquations, functions: SbmlFunctions) -> dict[str, float]:
    """Sizes of states that may start at zero: a thousandth of the largest start, in the volume that they stand in."""
    value = number_at_start(e)
    volumes = {
        amount_of(q): abs(value(name(q.compartment)))
        for q in e.description.of_kind("species")
        if not q.substance
    }
    sizes = {n: abs(value(name(n))) / (volumes.get(n) or 1.0) for n in functions.rates_of}
    largest = max((s for s in sizes.values() if 0 < s < float("inf")), default=1.0)
    scales = {state_name(n): 1e-3 * largest * (volumes.get(n) or 1.0) for n in functions.rates_of}
    return {**scales, _CLOCK: 1.0} if functions.timed else scales


def _check(e: SbmlEquations) -> None:
    d = e.description
    if d.algebraic:
        raise InputError(
            f"{d.place}, line {d.algebraic[0][1]}, algebraicRule", "the kernel has no algebraic rules"
        )
    if d.delayed:
        raise InputError(d.place, "the kernel has no delays")
    if not e.states:
        raise InputError(d.place, "nothing in it has a rate")
    every = [*e.states.values(), *e.formulas.values(), *e.start.values()]
    lacking = {part[0] for expr in every for part in parts(expr)} & _LACKING
    if lacking:
        raise InputError(d.place, f"the kernel lacks the function {min(lacking)}")


_LACKING = {
    "factorial", "sech", "csch", "coth", "arcsin", "arccos", "arctan", "arccot", "arcsec", "arccsc", "arcsinh",
    "arccosh", "arctanh", "arccoth", "arcsech", "arccsch", "quotient", "rem", "delay",
}  # fmt: skip


def _laid_out(
    e: SbmlEquations, functions: SbmlFunctions, event: SbmlEvent, per_unit: float, routes: dict[str, Route]
) -> list[Event]:
    """An event at a fixed time as events of the engine; `InputError` where it is none."""
    d = e.description
    where = f"{d.place}, line {event.line}, event {event.id}"
    changing = functions.rates_of.keys() | functions.formulas.keys()
    trigger = event.trigger
    plain = (
        trigger[0] in ("geq", "gt") and len(trigger) == 3 and trigger[1] == TIME
        and TIME not in parts(trigger[2]) and not names_in(trigger[2]) & changing
    )  # fmt: skip
    if not plain or (event.delay and (names_in(event.delay) & changing or TIME in parts(event.delay))):
        raise InputError(where, "its trigger is not a fixed time, so that the kernel cannot run it")
    value = number_at_start(e)
    at = value(trigger[2])
    if at < 0 or (at == 0 and (event.initial or trigger[0] == "gt")):
        if trigger[0] == "gt" and at == 0:
            raise InputError(where, "it happens just after the start")
        return []
    at = (at + (value(event.delay) if event.delay else 0.0)) * per_unit
    found: list[Event] = []
    for symbol, expr in event.assignments:
        q = d.quantities[symbol]
        by_volume = q.kind == "species" and not q.substance and symbol not in functions.rates_of
        stored, factor = (amount_of(q), value(name(q.compartment))) if by_volume else (symbol, 1.0)
        if (by_volume and q.compartment in changing) or q.kind == "compartment":
            raise InputError(where, "it changes a volume, or a concentration in a volume that changes")
        added = _added(symbol, expr)
        if added is not None and not names_in(added) & changing and TIME not in parts(added):
            amount = value(added) * factor
            if amount >= 0:
                routes[f"into {stored}"] = Route(state_name(stored), "", as_it_is)
                found.append(Bolus(at, f"into {stored}", amount))
                continue
        if names_in(expr) & changing or TIME in parts(expr):
            raise InputError(where, f"what it assigns to {symbol} depends on the course")
        found.append(SetState(at, state_name(stored), value(expr) * factor))
    if len(found) > 1 and any(isinstance(one, Bolus) for one in found) and event.at_trigger is None:
        raise InputError(where, "its assignments depend on one another")
    return found


def _added(symbol: str, expr: Expr) -> Expr | None:
    """What is added to a quantity by `X = X + …`."""
    if expr[0] == "plus" and expr.count(name(symbol)) == 1:
        rest = tuple(part for part in expr[1:] if part != name(symbol))
        if all(symbol not in names_in(part) for part in rest):
            return rest[0] if len(rest) == 1 else ("plus", *rest)
    return None


def number_at_start(e: SbmlEquations) -> Callable[[Expr], float]:
    """The value of an expression at the start."""

    def value(expr: Expr) -> float:
        return float(e.function([expr], {}, starting=e.start)(0.0, [], [], [])[0])

    return value
