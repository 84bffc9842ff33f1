"""A model of ours as formulas in infix text: what SBML and Antimony are written from."""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from bonecast.engine import (
    STATE,
    Bolus,
    Event,
    Infusion,
    Node,
    SetParameter,
    SetState,
    System,
    in_order,
    rate_parameter,
    simulate,
    traced_equations,
)
from bonecast.models import OWN_UNIT, Model
from bonecast.regimens import Dose, Regimen, dose_events, parse_regimen

_LONGEST = 1500  # characters of a formula; a longer one is split
# Characters of a formula at the start with all that it reads written out in it, as simulators do that compile formulas;
# beyond it the number stands in the file.
_WRITTEN_OUT = 1000
_RESERVED = {
    "time", "avogadro", "delay", "pi", "exponentiale", "inf", "infinity", "nan", "notanumber", "true",
    "false", "abs", "acos", "acosh", "acot", "acoth", "acsc", "acsch", "arccos", "arccosh", "arccot",
    "arccoth", "arccsc", "arccsch", "arcsec", "arcsech", "arcsin", "arcsinh", "arctan", "arctanh", "asec",
    "asech", "asin", "asinh", "atan", "atanh", "ceil", "ceiling", "cos", "cosh", "cot", "coth", "csc",
    "csch", "exp", "factorial", "floor", "ln", "log", "log10", "piecewise", "pow", "power", "root", "sec",
    "sech", "sin", "sinh", "sqr", "sqrt", "tan", "tanh", "max", "min", "rem", "quotient", "implies",
    "rateof", "gt", "lt", "geq", "leq", "eq", "neq", "plus", "minus", "times", "divide", "not", "and", "or",
    "xor", "at", "after", "event", "model", "module", "end", "in", "is", "var", "const",
    "compartment", "species", "reaction", "formula", "function", "gene", "operator", "delete", "ext",
    "unit", "substanceonly", "has", "identity", "import", "maxmin", "priority", "persistent", "t0",
    "fromtrigger",
    *map(str.casefold, keyword.kwlist),
}  # fmt: skip


_NUMBERS = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "rcp": lambda a: 1.0 / a,
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos,
    "floor": lambda a: float(math.floor(a)),
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A quantity of the text. value : number or formula at the start; rule : "", "rate" or "assignment" (`formula`)."""

    id: str
    value: str
    rule: str = ""
    formula: str = ""
    unit: str = ""
    label: str = ""
    constant: bool = True


@dataclass(frozen=True)
class TimedChange:
    """What is set at one time. changes : (quantity, formula)."""

    time: float
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class InfixModel:
    """A whole model as text."""

    name: str
    title: str
    time_unit: str
    terms: tuple[Term, ...]
    events: tuple[TimedChange, ...]
    notes: tuple[str, ...] = ()


class _Names:
    """Names as identifiers, each once."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def make(self, text: str) -> str:
        found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "x"
        found = f"n_{found}" if found[0].isdigit() else found
        found = f"{found}_" if found.casefold() in _RESERVED else found
        name, count = found, 1
        while name in self.taken:
            count += 1
            name = f"{found}_{count}"
        self.taken.add(name)
        return name


@dataclass
class _Writer:
    """Nodes of one trace as formulas; what is used more than once becomes a quantity of its own."""

    leaves: Mapping[tuple[str, int], str]
    switches: Sequence[Node]
    names: _Names
    moved: set[int]  # parameters that events change
    values: Sequence[float]  # of the parameters
    texts: dict[int, str] = field(default_factory=dict)
    moving: set[int] = field(default_factory=set)  # nodes that read one of them
    shared: list[Term] = field(default_factory=list)
    sizes: dict[int, int] = field(
        default_factory=dict
    )  # characters of a node with all that it reads written out
    numbers: dict[int, float] = field(default_factory=dict)  # of nodes without states

    def write(self, roots: Iterable[Node]) -> None:
        roots = list(roots)
        every = in_order([*self.switches, *roots])  # a mode is written by its switch
        used = Counter(a.id for node in every for a in node.nodes())
        used.update(node.id for node in roots)
        for node in every:
            text = self._text(node)
            self.sizes[node.id] = (
                len(text) if not node.args else 6 + sum(self.sizes.get(a.id, 6) for a in node.nodes())
            )
            if node.level < STATE:
                self.numbers[node.id] = _value(node, self.values, self.numbers)
            if (node.op == "par" and node.args[0] in self.moved) or any(
                a.id in self.moving for a in node.nodes()
            ):
                self.moving.add(node.id)
            leaf = node.op in ("num", "par", "state", "start", "mode")
            if not leaf and (used[node.id] > 1 or len(text) > _LONGEST):
                name = self.names.make(f"shared_{len(self.shared) + 1}")
                fixed = node.level < STATE and node.id not in self.moving
                long = fixed and self.sizes[node.id] >= _WRITTEN_OUT
                start = _number(self.numbers[node.id]) if long else text
                self.shared.append(
                    Term(name, start) if fixed else Term(name, "", "assignment", text, constant=False)
                )
                self.sizes[node.id] = 12 if long else self.sizes[node.id]
                text = name
            self.texts[node.id] = text

    def _text(self, node: Node) -> str:
        op = node.op
        if op == "num":
            return _number(node.args[0])
        if op in ("par", "state", "start"):
            return self.leaves[op, node.args[0]]
        if op == "mode":
            return "0"
        if op == "where" and isinstance(node.args[0], Node) and node.args[0].op == "mode":
            condition = f"{self.texts[self.switches[node.args[0].args[0]].id]} > 0"
            above, below = (self.texts[a.id] for a in node.args[2:])
            return f"piecewise({above}, {condition}, {below})"
        a = [self.texts[x.id] for x in node.args]
        return {
            "add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "rcp": "(1 / {0})", "exp": "exp({0})",
            "log": "ln({0})", "sqrt": "sqrt({0})", "sin": "sin({0})", "cos": "cos({0})", "floor": "floor({0})",
            "where": "piecewise({2}, {0} > {1}, {3})",
        }[op].format(*a)  # fmt: skip


def _value(node: Node, values: Sequence[float], known: Mapping[int, float]) -> float:
    """The number of a node without states."""
    if node.op == "num":
        return node.args[0]
    if node.op == "par":
        return values[node.args[0]]
    a = [known[x.id] for x in node.args]
    if node.op == "where":
        return a[2] if a[0] > a[1] else a[3]
    return _NUMBERS[node.op](*a)


def _number(value: float) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "(-inf)"
    text = repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return f"({text})" if value < 0 else text


def infix_model(
    model: Model,
    regimen: str | Regimen | Sequence[Dose] | Sequence[Event] = (),
    set: Mapping[str, Any] | None = None,
) -> InfixModel:
    """A model under a regimen as formulas.

    Parameters
    ----------
    model : Model
        The model.
    regimen : str, Regimen, sequence of Dose or Event
        What is given; it becomes events.
    set : mapping, optional
        Parameters with another value.
    """
    system = model.system
    values = {**system.parameters, **model.parameter_values(set or {})}
    events = _events(model, regimen)
    e, names = traced_equations(system), _Names()
    ids = {n: names.make(n) for n in e.parameters}
    states = {n: names.make(n) for n in system.states}
    starts = {i: names.make(f"{n}_at_start") for i, n in enumerate(system.states)}
    leaves = {("par", i): ids[n] for i, n in enumerate(e.parameters)}
    leaves |= {("state", i): states[n] for i, n in enumerate(system.states)}
    leaves |= {("start", i): starts[i] for i in starts}
    numbers = [float(values.get(n, 0.0)) for n in e.parameters]
    writer = _Writer(leaves, e.switches, names, _moved(events, e.parameters), numbers)
    grown = system.run_in is not None
    writer.write([*([] if grown else e.initial), *e.rates, *e.outputs, *e.amounts])
    first = _after_run_in(system, values) if grown else {}
    changes = [_change(model, event, writer, e.amounts, ids, states, values) for event in events]
    changed = _together([c for found in changes for c in found])
    moved = {target for event in changed for target, _ in event.changes}
    cards = model.parameter_set.parameters
    terms = []
    for n in e.parameters:
        card = cards.get(n)
        unit = card.unit if card and card.unit != OWN_UNIT else ""
        label = card.meaning if card and card.meaning != n else n
        terms.append(
            Term(ids[n], _number(values.get(n, 0.0)), unit=unit, label=label, constant=ids[n] not in moved)
        )
    read = {node.args[0] for node in in_order(e.outputs) if node.op == "start"}
    for i, n in enumerate(system.states):
        node = e.initial[i]
        long = not grown and writer.sizes[node.id] >= _WRITTEN_OUT
        start = (
            _number(first[n] if grown else writer.numbers[node.id])
            if grown or long
            else writer.texts[node.id]
        )
        if i in read:
            terms.append(Term(starts[i], start, label=f"{n} at time zero"))
        terms.append(Term(states[n], start, "rate", writer.texts[e.rates[i].id], label=n, constant=False))
    terms += writer.shared
    for output, node in zip(model.outputs, e.outputs, strict=True):
        name = names.make(output.name)
        unit = output.unit if output.unit != OWN_UNIT else ""
        terms.append(Term(name, "", "assignment", writer.texts[node.id], unit, output.quantity, False))
    notes = [f"Written by Bonecast from the model {model.name}.", *model.limits]
    if grown:
        notes.append("The states at the start are those after the run before time zero.")
    unit = "hour" if system.time_unit == "h" else "day"
    return InfixModel(
        _Names().make(model.name), model.title, unit, tuple(terms), tuple(changed), tuple(notes)
    )


def _events(model: Model, regimen: Any) -> list[Event]:
    if isinstance(regimen, str):
        regimen = parse_regimen(regimen) if regimen.strip() else ()
    given: list[Any] = list(regimen.doses if isinstance(regimen, Regimen) else regimen)
    return dose_events(model, given) if given and isinstance(given[0], Dose) else given


def _moved(events: Iterable[Event], parameters: Sequence[str]) -> set[int]:
    """The places of the parameters that events change."""
    named = {event.name for event in events if isinstance(event, SetParameter)}
    named |= {rate_parameter(event.route) for event in events if isinstance(event, Infusion)}
    return {i for i, n in enumerate(parameters) if n in named}


def _after_run_in(system: System, values: Mapping[str, float]) -> dict[str, float]:
    """The states at time zero of a system that lives before it."""
    bare = replace(
        system,
        outputs=lambda y, p, start: {n: getattr(y, n) for n in system.states},
        output_names=system.states,
    )
    run = simulate(bare, [], [0.0], {n: values[n] for n in system.parameters}, rtol=1e-10)
    return {n: float(run.values[0, 0, i]) for i, n in enumerate(system.states)}


def _change(
    model: Model, event: Event, writer: _Writer, amounts: Sequence[Node], ids: Mapping[str, str],
    states: Mapping[str, str], values: Mapping[str, float],
) -> list[TimedChange]:  # fmt: skip
    """One event of the engine as assignments."""
    if isinstance(event, SetParameter | SetState):
        target = (ids if isinstance(event, SetParameter) else states)[event.name]
        return [TimedChange(event.time, ((target, _number(event.value)),))]
    system = model.system
    route = system.routes[event.route]
    lag = float(route.lag(SimpleNamespace(**values))) if route.lag else 0.0
    if isinstance(event, Bolus):
        target = states[route.state]
        entering = writer.texts[amounts[list(system.routes).index(event.route)].id]
        text = f"{target} + {_number(event.amount)} * {entering}"
        return [TimedChange(event.time + lag, ((target, text),))]
    assert isinstance(event, Infusion)
    target, rate = ids[rate_parameter(event.route)], _number(event.amount / event.duration)
    begin, end = event.time + lag, event.time + lag + event.duration
    return [
        TimedChange(begin, ((target, f"{target} + {rate}"),)),
        TimedChange(end, ((target, f"{target} - {rate}"),)),
    ]


def _together(changes: list[TimedChange]) -> list[TimedChange]:
    """Changes of different quantities at one time, in order, as one event; those of one quantity follow one another."""
    found: list[TimedChange] = []
    for change in sorted(changes, key=lambda c: c.time):
        last = found[-1] if found else None
        targets = {t for t, _ in last.changes} if last else {""}
        if last and last.time == change.time and change.changes[0][0] not in targets:
            found[-1] = TimedChange(last.time, (*last.changes, *change.changes))
        else:
            found.append(change)
    return found
