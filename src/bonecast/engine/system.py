"""What the engine integrates: a `System` of named states, described by plain Python functions.

The functions receive namespaces (`y.PTH`, `p.k1`) whose values are floats (reference path) or expression
nodes (the traced kernel); they return dictionaries keyed by name. The arithmetic is `+ - * / **` and the
functions of `bonecast.engine.maths`, nothing else, so one text serves both paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

Values = Any  # a namespace of floats or of nodes: y.PTH, p.k1
Number = Any  # a float or a node


def one(p: Values) -> float:
    """A dose enters as it is: one state unit for each unit given."""
    return 1.0


@dataclass(frozen=True)
class Route:
    """How a dose enters the system.

    state : the state that receives it.
    unit : the unit in which doses are given ("mg", "ug").
    amount : state units for each dose unit, from the parameters (bioavailability and conversion).
    given : "bolus" (at once), or "spread" (at a constant rate over the interval that the dose covers).
    lag : delay before it enters, zero or more, in the system's time unit, from the parameters.
    """

    state: str
    unit: str
    amount: Callable[[Values], Number] = one
    given: Literal["bolus", "spread"] = "bolus"
    lag: Callable[[Values], Number] | None = None


@dataclass(frozen=True)
class System:
    """States, parameters, rates and outputs of one model, as functions of numbers only.

    name : also names the compiled kernel.
    time_unit : "h" or "d"; all rates are per this unit.
    states : names, in the order of the state vector.
    parameters : name to default value.
    initial : p -> {state: value} at the start of the run.
    rates : (y, p) -> {state: d(state)/dt}. Time itself is not an argument: a model that ages has an age state.
    outputs : (y, p, start) -> {output: value}; `start` holds the states as they were at time zero.
    output_names : the outputs in order.
    routes : route name (a drug) to `Route`.
    scales : typical size of states that start at zero (sets the absolute tolerance); others use |initial|.
    run_in : p -> time run without any event before time zero (a model that starts at birth), or None.
    sources : the files in which the equations are written, for whoever shows or dates them; the engine reads none.
    may_change : the parameters that a Change event may set in the middle of a run. None: every one that the rates,
        the outputs or the amount of a route read; what only the start, the run-in or a lag reads is fixed.
    """

    name: str
    time_unit: Literal["h", "d"]
    states: tuple[str, ...]
    parameters: Mapping[str, float]
    initial: Callable[[Values], Mapping[str, Number]]
    rates: Callable[[Values, Values], Mapping[str, Number]]
    outputs: Callable[[Values, Values, Values], Mapping[str, Number]]
    output_names: tuple[str, ...]
    routes: Mapping[str, Route] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    run_in: Callable[[Values], Number] | None = None
    sources: tuple[Path, ...] = ()
    may_change: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"<System {self.name}: {len(self.states)} states, {len(self.parameters)} parameters>"

    def _repr_html_(self) -> str:
        from bonecast.engine.notebook import system_html

        return system_html(self)

    def named_parameters(self, changes: Mapping[str, float] | None = None) -> SimpleNamespace:
        """The default parameters as a namespace, with `changes` laid over them."""
        return SimpleNamespace(**{**self.parameters, **(changes or {})})

    @property
    def per_day(self) -> float:
        """Time units in one day."""
        return 24.0 if self.time_unit == "h" else 1.0
