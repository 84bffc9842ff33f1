"""The daily pulse of teriparatide as an option: its level in plasma, and PTH activity that follows it.

d depot/dt = dose F - ka depot                      ug
d plasma/dt = ka depot - (CL/V) plasma              ug;  level = 1000 plasma/V, pg/mL
pth_activity = that of the daily mean, times CL level / (the mean of the dose that is absorbed)

Bone still takes the running mean of the dose, to which it is calibrated; kidney and gut take the pulse, whose mean
over a day is the activity of the steady intake. PTH counts the analogue, as in `peterson-riggs-2010`. Abaloparatide
stays a steady intake: the values known of it (recalled) do not agree with one another.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bonecast.engine import Number, Route, Values, maximum
from bonecast.errors import InputError
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Bone, Plugin
from bonecast.models.model import Model, Output
from bonecast.models.parameters import ParameterSet, read_parameters

DRUG = "teriparatide"
LEVEL = Output("teriparatide_pg_mL", "teriparatide in plasma", "pg/mL", "with daily pulses")
HOURS = 24.0  # the cards are in hours, these models in days
LEAST = 1e-9  # of the mean dose, ug: before the first one there is neither mean nor level


def with_daily_pulses(model: Model) -> Model:
    """Give teriparatide as a daily pulse in place of a steady intake.

    Parameters
    ----------
    model : Model
        `bonecast-1`, `bonecast-2` or an extension of the first. `peterson-riggs-2010` has pulses already.

    Returns
    -------
    Model
        The same body; PTH and calcium follow each injection. Each daily dose is two events: the running mean that bone
        feels, and the injection.

    Raises
    ------
    InputError
        If the model has no such option.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> pulsed = with_daily_pulses(load_model("bonecast-1"))
    >>> pulsed.output("teriparatide_pg_mL").unit
    'pg/mL'
    """
    if f"{DRUG} pulse" in model.system.routes:
        return model
    if not any(isinstance(plugin, Plugin) and plugin.name == DRUG for plugin in model.plugins):
        cause = f"{model.name} has no steady intake of {DRUG}"
        raise InputError(
            "daily pulses", cause, "take bonecast-1 or bonecast-2; peterson-riggs-2010 has pulses already"
        )
    cards = read_parameters(Path(__file__).with_name("pulses.toml"))
    plugins = tuple(_pulsed(one) if one.name == DRUG else one for one in model.plugins)
    system = model.system
    pulse = plugins[[one.name for one in plugins].index(DRUG)]
    initial, rates, outputs = (
        partial(function.func, **{**function.keywords, "plugins": plugins})
        for function in (_partial(system.initial), _partial(system.rates), _partial(system.outputs))
    )
    parameters = {**system.parameters, **cards.values()}
    known = model.parameter_set
    return replace(
        model,
        system=replace(
            system,
            states=tuple(initial(SimpleNamespace(**parameters))),
            parameters=parameters,
            initial=initial,
            rates=rates,
            outputs=partial(_with_analogue, outputs=outputs),
            output_names=(*system.output_names, LEVEL.name),
            routes={**system.routes, **pulse.routes},
            scales={**system.scales, **pulse.scales},
        ),
        parameter_set=ParameterSet(
            {**known.parameters, **cards.parameters}, {**cards.sources, **known.sources}, known.alternatives
        ),
        outputs=(*model.outputs, LEVEL),
        limits=(
            *model.limits,
            "Bone takes the mean of teriparatide, not its pulse; only kidney and gut follow it.",
        ),
        equations=(*model.equations, "bonecast.models.bonecast_1.pulses"),
        plugins=plugins,
    )


def _partial(function: Any) -> Any:
    """The function as a partial of itself, so that its plug-ins can be replaced."""
    return function if isinstance(function, partial) else partial(function)


def _with_analogue(y: Values, p: Values, start: Values, outputs: Any) -> dict[str, Number]:
    """The outputs with the analogue in PTH."""
    values = dict(outputs(y, p, start))
    values["PTH_pg_mL"] = values["PTH_pg_mL"] + values[LEVEL.name]
    return values


def _pulsed(steady: Plugin) -> Plugin:
    """The plug-in of a steady intake with a depot and a level beside its mean dose."""

    def volume(p: Values) -> Number:
        return p.V_t * p.weight

    def level(y: Values, p: Values) -> Number:
        return 1000.0 * y.plasma_t / volume(p)

    def action(y: Values, p: Values) -> Action:
        mean = steady.action(y, p)
        cleared = HOURS * p.CL_t * y.plasma_t / volume(p)  # ug/d
        return replace(mean, pth_activity=mean.pth_activity * cleared / (p.F_t * maximum(y.amount_t, LEAST)))

    def rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
        absorbed = HOURS * p.ka_t * y.depot_t
        return {
            **steady.rates(y, p, bone),
            "depot_t": -absorbed,
            "plasma_t": absorbed - HOURS * p.CL_t / volume(p) * y.plasma_t,
        }

    return replace(
        steady,
        action=action,
        initial=lambda p: {**steady.initial(p), "depot_t": 0.0, "plasma_t": 0.0},
        rates=rates,
        routes={**steady.routes, f"{DRUG} pulse": Route("depot_t", "ug", lambda p: p.F_t)},
        scales={**steady.scales, "depot_t": 20.0, "plasma_t": 20.0},
        outputs=lambda y, p: {**steady.outputs(y, p), LEVEL.name: level(y, p)},
    )
