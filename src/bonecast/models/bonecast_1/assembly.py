"""From plug-ins to a model: the system of `bonecast-1`, and the same body with plug-ins of other packages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bonecast.engine import System
from bonecast.errors import InputError
from bonecast.models.bonecast_1 import body
from bonecast.models.bonecast_1.plugin import Plugin
from bonecast.models.model import Model, Output
from bonecast.models.parameters import ParameterSet, read_parameters


def assembled(
    name: str,
    plugins: tuple[Plugin, ...],
    parameters: ParameterSet,
    outputs: tuple[Output, ...],
    body: Any = body,
) -> System:
    """The system of a body (this one, or the module of another) with these plug-ins."""
    initial = partial(body.initial, plugins=plugins)
    return System(
        name=name,
        time_unit="d",
        states=tuple(initial(parameters.namespace())),
        parameters=parameters.values(),
        initial=initial,
        rates=partial(body.rates, plugins=plugins),
        outputs=partial(body.outputs, plugins=plugins),
        output_names=tuple(output.name for output in outputs),
        routes={route: at for plugin in plugins for route, at in plugin.routes.items()},
        scales={state: size for plugin in plugins for state, size in plugin.scales.items()},
        # what a person may begin or leave off; the others set the untreated body from which the run starts
        may_change=("adherence", "hypogonadism", "aromatase_inhibitor", "glucocorticoid"),
    )


def extended(
    model: Model,
    *plugins: Plugin,
    name: str,
    title: str = "",
    parameters: Path | str | None = None,
    outputs: tuple[Output, ...] = (),
    limits: tuple[str, ...] = (),
    equations: tuple[str, ...] = (),
) -> Model:
    """Make a new model: the body of `bonecast-1`, or of an extension of it, with further plug-ins.

    The given model stays as it is.

    Parameters
    ----------
    model : Model
        `bonecast-1`, or what an earlier call made.
    *plugins : Plugin
        What is added: drugs, or states of the body.
    name : str
        Library name of the new model.
    title : str
        For people; otherwise that of `model` with the names of the plug-ins.
    parameters : path, optional
        A file of parameters, as those of the library.
    outputs : tuple of Output
        The outputs that the plug-ins add, in their order.
    limits : tuple of str
        What the new model is not fit for, one sentence each, beside what holds for `model`.
    equations : tuple of str
        The modules that hold the equations of the plug-ins, for the page of the model.

    Returns
    -------
    Model
        Not yet in the library: `register_model` or an entry point puts it there.

    Raises
    ------
    InputError
        The model has no plug-ins, or a name of the new ones is taken or does not agree.

    Examples
    --------
    >>> from bonecast.models.bonecast_1 import MODEL, Action, Plugin, extended
    >>> rest = Plugin(name="bed rest", action=lambda y, p: Action(turnover=0.2))
    >>> model = extended(MODEL, rest, name="bonecast-1-bed-rest")
    >>> model.extends, len(model.plugins) - len(MODEL.plugins)
    ('bonecast-1', 1)
    """
    place = f"extended, model {name}"
    if not model.plugins:
        raise InputError(place, f"{model.name} is not made of plug-ins", "extend bonecast-1")
    if (model.extends or model.name) != "bonecast-1":
        raise InputError(place, f"{model.name} has another body than bonecast-1", "extend bonecast-1")
    added = read_parameters(Path(parameters)) if parameters is not None else ParameterSet({}, {})
    start = body.initial(model.parameter_set.namespace(), model.plugins)
    p = SimpleNamespace(**{**model.parameter_set.values(), **added.values()})
    _free(place, "parameter", [*model.parameter_set.parameters, *added.parameters])
    _free(place, "plug-in", [plugin.name for plugin in (*model.plugins, *plugins)])
    _free(place, "state", [*start, *(state for plugin in plugins for state in plugin.initial(p))])
    _free(place, "route", [*model.system.routes, *(route for plugin in plugins for route in plugin.routes)])
    _free(place, "output", [output.name for output in (*model.outputs, *outputs)])
    every = (*model.plugins, *plugins)
    parameter_set = ParameterSet(
        {**model.parameter_set.parameters, **added.parameters},
        {**model.parameter_set.sources, **added.sources},
        {**model.parameter_set.alternatives, **added.alternatives},
    )
    system = assembled(name, every, parameter_set, (*model.outputs, *outputs))
    y = SimpleNamespace(**system.initial(p))
    _agree(place, "states and rates", system.states, system.rates(y, p))
    _agree(place, "outputs and what the plug-ins measure", system.output_names, system.outputs(y, p, y))
    return replace(
        model,
        name=name,
        title=title or f"{model.title}, with {', '.join(plugin.name for plugin in plugins)}",
        system=replace(system, sources=model.system.sources),
        parameter_set=parameter_set,
        outputs=(*model.outputs, *outputs),
        limits=(*model.limits, *limits),
        equations=(*model.equations, *equations),
        extends=model.extends or model.name,
        plugins=every,
    )


def _free(place: str, kind: str, names: list[str]) -> None:
    for name in {name for name in names if names.count(name) > 1}:
        raise InputError(place, f"there is already a {kind} called {name}", "give yours another name")


def _agree(place: str, what: str, expected: Iterable[str], given: Iterable[str]) -> None:
    odd = sorted(set(expected) ^ set(given))
    if odd:
        raise InputError(place, f"{what} differ in {', '.join(odd)}", "name the same ones in both")
