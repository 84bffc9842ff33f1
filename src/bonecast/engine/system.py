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

    Parameters
    ----------
    state : str
        The state that receives it.
    unit : str
        Unit in which doses are given ("mg", "ug").
    amount : callable
        State units for each dose unit, from the parameters: bioavailability and conversion.
    given : {"bolus", "spread"}
        "bolus" at once, or "spread" at a constant rate over the interval that the dose covers.
    lag : callable, optional
        Delay before it enters, zero or more, in the system's time unit, from the parameters.

    Examples
    --------
    >>> Route("A", "mg", amount=lambda p: p.F).unit
    'mg'
    """

    state: str
    unit: str
    amount: Callable[[Values], Number] = one
    given: Literal["bolus", "spread"] = "bolus"
    lag: Callable[[Values], Number] | None = None


@dataclass(frozen=True)
class System:
    """The equations of a model as functions of numbers.

    Parameters
    ----------
    name : str
        Name, also of the compiled kernel.
    time_unit : {"h", "d"}
        Hours or days; all rates are per this unit.
    states : tuple of str
        Names, in the order of the state vector.
    parameters : mapping of str to float
        Name to default value.
    initial : callable
        p -> {state: value} at the start of the run.
    rates : callable
        (y, p) -> {state: d(state)/dt}. Time is not an argument: a model that ages has an age state.
    outputs : callable
        (y, p, start) -> {output: value}; `start` holds the states at time zero.
    output_names : tuple of str
        The outputs in order.
    routes : mapping of str to Route
        Name of a route (a drug) to the route.
    scales : mapping of str to float
        Typical size of states that start at zero, which sets their absolute tolerance; others use |initial|.
    run_in : callable, optional
        p -> time run without any event before time zero, for a model that starts at birth.
    sources : tuple of Path
        Files in which the equations are written; the engine reads none.
    may_change : tuple of str, optional
        Parameters that an event may set during a run; by default every one that rates, outputs or the amount of a route
        read. What only the start, the run-in or a lag reads is fixed.
    base : int
        Of a system made by `tangent`, how many states are the model's own; the others are how these move. Else 0.

    Examples
    --------
    >>> decay = System(
    ...     name="decay", time_unit="d", states=("A",), parameters={"k": 0.1}, initial=lambda p: {"A": 1.0},
    ...     rates=lambda y, p: {"A": -p.k * y.A}, outputs=lambda y, p, start: {"A_mg": y.A}, output_names=("A_mg",),
    ... )
    >>> decay.per_day
    1.0
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
    base: int = 0

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
