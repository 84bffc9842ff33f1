"""A plug-in: one drug, or one state of the body, with its kinetics and its action on bone.

A plug-in sees bone only through `Bone`. It brings its own states, rates, dose routes and cards (the TOML file of the
same name beside it), and never names another plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bonecast.engine import Number, Route, Values
from bonecast.models.bonecast_1.action import Action


@dataclass(frozen=True)
class Bone:
    """What bone and kidney show to a drug. All relative to the untreated person, but `GFR` in mL/min."""

    resorption: Number
    formation: Number
    GFR: Number


def no_states(p: Values) -> dict[str, Number]:
    """Nothing to start from."""
    return {}


def nothing(y: Values, p: Values) -> dict[str, Number]:
    """Nothing is added or measured."""
    return {}


def no_rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
    """Nothing changes."""
    return {}


@dataclass(frozen=True)
class Plugin:
    """One drug or state of the body.

    name : the generic name (also of the dose route), or the name of the state.
    action : (y, p) -> Action.
    initial : p -> {state: value}; its keys are the plug-in's states, in order.
    rates : (y, p, bone) -> {state: per day}.
    routes : route name to `Route`. scales : sizes of states that start at zero.
    adds : (y, p) -> {state of the body: per day}, for a drug that is a substance of the body (calcium, calcitriol).
    outputs : (y, p) -> {output: value}, levels that are measured.
    """

    name: str
    action: Callable[[Values, Values], Action] = lambda y, p: Action()
    initial: Callable[[Values], dict[str, Number]] = no_states
    rates: Callable[[Values, Values, Bone], dict[str, Number]] = no_rates
    routes: Mapping[str, Route] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    adds: Callable[[Values, Values], dict[str, Number]] = nothing
    outputs: Callable[[Values, Values], dict[str, Number]] = nothing
