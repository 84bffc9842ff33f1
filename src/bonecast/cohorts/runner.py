"""From a cohort and a regimen to trajectories: the one place where people, doses and the engine meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from bonecast.cohorts.trajectories import Trajectories
from bonecast.engine import DEFAULT_RTOL, End, Event, Status
from bonecast.engine import simulate as integrate
from bonecast.errors import InputError
from bonecast.models import Model, models_supporting
from bonecast.regimens import DAYS_IN, Dose, Regimen, dose_events, parse_regimen

if TYPE_CHECKING:
    from bonecast.cohorts.cohort import Cohort

EVERY_D = 7.0
Events = Sequence[Event] | Sequence[Sequence[Event]]
AnyRegimen = str | Regimen | Sequence[Dose] | Events


def simulate(
    cohort: Cohort,
    regimen: AnyRegimen,
    days: Sequence[float] | np.ndarray | None = None,
    outputs: Sequence[str] | None = None,
    *,
    start_d: float = 0.0,
    begin: End | None = None,
    at_dose: Literal["before", "after"] = "before",
    rtol: float = DEFAULT_RTOL,
    threads: int | None = None,
    lanes: int | None = None,
) -> Trajectories:
    """Follow the people of a cohort under a regimen.

    Parameters
    ----------
    cohort : Cohort
    regimen : str, Regimen, sequence of Dose, or sequence of Event
        A regimen as text or read; its doses; or events of the engine (doses, changes of parameters), one list for
        everybody or one for each person. Doses are counted in days from day 0, events in the model's time unit from
        the start of the run.
    days : sequence of float, optional
        Days at which curves are kept, in order, counted from day 0; by default every week to the end of the regimen,
        at least for a year.
    outputs : sequence of str, optional
        Outputs of the model; all by default.
    start_d : float
        Days before day 0 at which the run starts; not negative.
    begin : End, optional
        End of an earlier run of the same people, to go on from. Its doses are given again, with the new ones.
    at_dose : {"before", "after"}
        Whether a value on the day of a dose is taken before or after it.
    rtol : float
        Relative tolerance of one step, 1e-12 to 0.1.
    threads, lanes : int, optional
        Threads, and people in one vector; by default as the machine has them.

    Returns
    -------
    Trajectories

    Raises
    ------
    InputError
        If a regimen, day, output or number cannot be used.
    UnsupportedDrug
        If the model does not carry a drug of a regimen given as text or read.

    Examples
    --------
    >>> from bonecast.cohorts import draw_cohort
    >>> from bonecast.models import load_model
    >>> cohort = draw_cohort(load("choi-2025"), 8, seed=1)
    >>> run = simulate(cohort, "denosumab 60 mg every 6 months x 2", outputs=["LS_BMD_pct_change"])
    >>> float(run.days[-1]), bool(run.at("LS_BMD_pct_change", 364.0).min() > 0)
    (365.25, True)
    """
    model = cohort.model
    if isinstance(regimen, str | Regimen):
        regimen = _read(model, regimen)
        days = _weekly(regimen) if days is None else days
        regimen = regimen.doses
    if days is None:
        raise InputError("days", "there are none", "give the days at which curves are kept")
    axis = np.asarray(days, np.float64)
    runs = integrate(
        model.system,
        _events(model, regimen, start_d),
        (axis + start_d) * model.system.per_day,
        None if begin is not None else _parameters(cohort),
        outputs=outputs,
        at_dose=at_dose,
        rtol=rtol,
        threads=threads,
        lanes=lanes,
        begin=begin,
    )
    return Trajectories(
        cohort,
        axis,
        {name: runs.output(name) for name in runs.outputs},
        runs.status == Status.FINE,
        runs.end,
        tuple(runs.failed()),
    )


def _read(model: Model, regimen: str | Regimen) -> Regimen:
    """The regimen read, one that this model can follow."""
    plan = parse_regimen(regimen) if isinstance(regimen, str) else regimen
    if plan.starts_after_last_dose_d is not None:
        cause = "it begins after a last dose, and this cohort has no history"
        raise InputError("plan, character 1", cause, "begin with a drug")
    model.require(
        plan.drugs, {drug: models_supporting(drug) for drug in plan.drugs if drug not in model.drugs}
    )
    return plan


def _weekly(plan: Regimen) -> np.ndarray:
    end_d = max(plan.end_d, DAYS_IN["years"])
    return np.append(np.arange(0.0, end_d, EVERY_D), end_d)


def _events(model: Model, regimen: Sequence[Dose] | Events, start_d: float) -> Events:
    if regimen and isinstance(regimen[0], Dose):
        return dose_events(model, cast(Sequence[Dose], regimen), start_d)
    return cast(Events, regimen)


def _parameters(cohort: Cohort) -> dict[str, np.ndarray]:
    """What differs between people; where nothing does, a default says how many there are."""
    some = next(iter(cohort.model.system.parameters))
    return dict(cohort.parameters) or {some: cohort.parameter(some)}
