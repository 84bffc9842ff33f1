"""Doses of a plan as events of a model."""

from __future__ import annotations

from collections.abc import Iterable

from bonecast.drugs import find_drug
from bonecast.engine import Event, dose
from bonecast.models import Model
from bonecast.regimens.course import Dose

PLACEBO = "placebo"


def dose_events(model: Model, doses: Iterable[Dose], shift_d: float = 0.0) -> list[Event]:
    """Turn doses into events of the engine.

    Placebo does nothing and gives no event. For an error that names the models which support a drug, ask
    `Model.require` first.

    Parameters
    ----------
    model : Model
        The model, with its dose routes.
    doses : iterable of Dose
        Doses in days.
    shift_d : float
        Days by which they are moved.

    Returns
    -------
    list of Event
        Events in the model's time unit.

    Raises
    ------
    UnknownName
        If the model has no route for a drug.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> from bonecast.regimens import parse_regimen
    >>> dose_events(load_model("choi-2025"), parse_regimen("denosumab 60 mg every 6 months x 2").doses)[1].time
    4383.0
    """
    per_day = model.system.per_day
    events: list[Event] = []
    for d in doses:
        if d.drug == PLACEBO:
            continue
        time, route = (d.time_d + shift_d) * per_day, _route(model, d)
        amount = _in_route_unit(model, route, d)
        events.append(dose(model.system, time, route, amount, d.cover_d * per_day))
        pulse = f"{d.drug} pulse"  # of a drug whose mean and whose injection are followed apart
        if pulse in model.system.routes:
            events.append(dose(model.system, time, pulse, amount))
    return events


def _route(model: Model, given: Dose) -> str:
    """The drug's route; "ibandronate intravenous" where the model has one and that is how such a dose is given."""
    by_vein = f"{given.drug} intravenous"
    if by_vein not in model.system.routes:
        return given.drug
    regimens = find_drug(given.drug).regimens
    same = {r.route for r in regimens if (r.dose, r.unit) == (given.amount, given.unit)}
    return by_vein if same == {"intravenous"} else given.drug


def _in_route_unit(model: Model, name: str, given: Dose) -> float:
    """The amount in the unit that the model's route counts in (mg or ug)."""
    route = model.system.routes.get(name)
    if route is None or route.unit == given.unit:
        return given.amount
    return given.amount * 1000.0 if given.unit == "mg" else given.amount / 1000.0
