"""How the curves of a person, or of the people of an event table, depend on parameters: derivatives at each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.core import TableResult, is_table
from bonecast.engine import Event, System, moving, timing_parameters
from bonecast.engine import sensitivities as engine_sensitivities
from bonecast.errors import ComputeError, InputError
from bonecast.interop import EventRecords, read_event_table
from bonecast.models import Model, load_model
from bonecast.regimens import Dose, dose_events, parse_regimen
from bonecast.simulation.event_runs import Carry, EventRun, moves_events
from bonecast.simulation.run import (
    TimeUnit,
    asked_times,
    laid_out,
    planned,
    row_times,
    time_unit_of,
    with_outputs,
)

if TYPE_CHECKING:
    import polars as pl

RTOL = 1e-8  # derivatives have at most the error of the run
STEP = 1e-4  # of a parameter, to each side, where the times of events depend on it
STEP_RTOL = 1e-11


@dataclass(frozen=True)
class LocalSensitivities(TableResult):
    """Derivatives of outputs by parameters, over time.

    Parameters
    ----------
    model : Model
        The model.
    parameters : tuple of str
        The parameters, in the order asked for.
    outputs : tuple of str
        The outputs, in the order asked for.
    times_d : ndarray of float, shape (row,)
        Days.
    values : ndarray of float, shape (row, output)
        The outputs themselves.
    derivatives : ndarray of float, shape (parameter, row, output)
        In the unit of the output over that of the parameter.
    at : ndarray of float, shape (parameter,)
        Values of the parameters.
    by_differences : tuple of str
        Parameters that move the time of an event: theirs are central differences.
    ids : ndarray of str, shape (row,), optional
        Whose row it is, in an event table.

    Examples
    --------
    >>> import bonecast as bc
    >>> found = bc.sensitivities("choi-2025", "denosumab 60 mg once", ["CL"], outputs="denosumab_ng_mL", times=[30, 60])
    >>> bool((found["derivative"] < 0).all())
    True
    """

    model: Model
    parameters: tuple[str, ...]
    outputs: tuple[str, ...]
    times_d: np.ndarray
    values: np.ndarray
    derivatives: np.ndarray
    at: np.ndarray
    by_differences: tuple[str, ...] = ()
    ids: np.ndarray | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return (
            f"<LocalSensitivities of {self.model.name}: {len(self.outputs)} outputs by {len(self.parameters)}"
            f" parameters, {len(self.times_d)} rows>"
        )

    def table(self) -> pl.DataFrame:
        """Return the derivatives.

        Returns
        -------
        polars.DataFrame
            A row for each row of the run, output and parameter: `id` (of an event table), `time_d`, `output`,
            `parameter`, `value` (of the output), `derivative`, and `elasticity` (per cent of the output for one per
            cent of the parameter; not a number where the output is zero).
        """
        import polars as pl

        rows, outputs, names = len(self.times_d), len(self.outputs), len(self.parameters)
        flat = np.moveaxis(self.derivatives, 0, 2).reshape(-1)
        value = np.repeat(self.values.reshape(-1), names)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(value != 0, flat * np.tile(self.at, rows * outputs) / value, np.nan)
        columns = {} if self.ids is None else {"id": np.repeat(self.ids, outputs * names)}
        return pl.DataFrame(
            {
                **columns,
                "time_d": np.repeat(self.times_d, outputs * names),
                "output": np.tile(np.repeat(np.array(self.outputs), names), rows),
                "parameter": np.tile(np.array(self.parameters), rows * outputs),
                "value": value,
                "derivative": flat,
                "elasticity": share,
            }
        )


def sensitivities(
    model: str | Model | System,
    regimen: Any,
    parameters: str | Sequence[str] | None = None,
    *,
    outputs: str | Sequence[str] | None = None,
    times: Any = None,
    time_unit: TimeUnit | None = None,
    until: str | None = None,
    every: str = "30 days",
    set: Mapping[str, float | str] | None = None,
    after_dose: bool = False,
    covariates: Carry = "locf",
    rtol: float = RTOL,
) -> LocalSensitivities:
    """Derivatives of the outputs of a model by its parameters.

    They are followed together with the states (forward sensitivities), through doses, infusions, changes and steady
    states, and over jumps of rates. Of a parameter that moves the time of an event (a lag, a duration), central
    differences are taken.

    Parameters
    ----------
    model : str, Model or System
        Library name, a model, or a bare system of equations.
    regimen : str, Regimen, sequence of Dose or Event, or event table
        As in `simulate`.
    parameters : str or sequence of str, optional
        Names of parameters; all that are not zero by default.
    outputs : str or sequence of str, optional
        Outputs or states of the model; all outputs by default.
    times : array_like, optional
        Times, in `time_unit`; of an event table its rows by default, else every so often to the end of the regimen.
    time_unit : {"h", "d"}, optional
        Unit of `times` and of an event table, as in `simulate`.
    until, every : str, optional
        Where the rows end and how far apart they are, without `times`.
    set : mapping of str to float or str, optional
        Parameters to be changed.
    after_dose : bool
        Whether a row at a dose time shows the person after the dose.
    covariates : {"locf", "nocb"}
        How covariates of a table are carried.
    rtol : float
        Relative tolerance of one step.

    Returns
    -------
    LocalSensitivities

    Raises
    ------
    InputError
        If a name, regimen, row or number cannot be used.
    ComputeError
        If the equations could not be followed.

    Examples
    --------
    >>> plan = "denosumab 60 mg every 6 months x 2"
    >>> found = sensitivities("choi-2025", plan, ["kout", "CL"], outputs="LS_BMD_pct_change")
    >>> found.derivatives.shape[0], found.by_differences
    (2, ())
    """
    known, names = with_outputs(load_model(model), outputs)
    base = {**known.system.parameters, **known.parameter_values(set or {})}
    if parameters is None:
        wanted = tuple(name for name, value in base.items() if value != 0)
    else:
        wanted = (parameters,) if isinstance(parameters, str) else tuple(dict.fromkeys(parameters))
    if not wanted:
        raise InputError("sensitivities, parameters", "there are none", "name at least one")
    known.parameter_changes(dict.fromkeys(wanted, 0.0))
    at = np.array([base[name] for name in wanted])
    if not isinstance(regimen, EventRecords) and is_table(regimen):
        regimen = read_event_table(regimen)
    if isinstance(regimen, EventRecords):
        unit = time_unit_of(time_unit, "h" if regimen.clock else known.system.time_unit)
        asked = None if times is None else asked_times(times)
        found = [
            _of_individual(
                known, regimen.only(i), names, wanted, base, unit, asked, after_dose, covariates, rtol
            )
            for i in range(len(regimen.ids))
        ]
        days = np.concatenate([part[0] for part in found]) / (24.0 if unit == "h" else 1.0)
        ids = np.repeat(np.array(regimen.ids), [len(part[0]) for part in found])
        values = np.concatenate([part[1] for part in found])
        slopes = np.concatenate([part[2] for part in found], axis=1)
        return LocalSensitivities(known, wanted, names, days, values, slopes, at, found[0][3], ids)
    if isinstance(regimen, Sequence) and not isinstance(regimen, str):
        given = laid_out(known, regimen)
    else:
        given = planned(known, parse_regimen(regimen))
    unit = time_unit_of(time_unit, "d")
    days = (
        row_times(given.days, given.end_d, until, every)
        if times is None
        else asked_times(times) / (24.0 if unit == "h" else 1.0)
    )
    doses = given.doses
    events = (
        dose_events(known, cast(Sequence[Dose], doses))
        if doses and isinstance(doses[0], Dose)
        else list(cast(Sequence[Event], doses))
    )
    run = engine_sensitivities(
        known.system, events, days * known.system.per_day, wanted, base, outputs=names,
        at_dose="after" if after_dose else "before", rtol=rtol,
    )  # fmt: skip
    return LocalSensitivities(known, wanted, names, days, run.values, run.derivatives, at, run.by_differences)


def _of_individual(
    model: Model, records: EventRecords, outputs: tuple[str, ...], wanted: tuple[str, ...], base: dict[str, float],
    unit: TimeUnit, times: np.ndarray | None, after_dose: bool, carry: Carry, rtol: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:  # fmt: skip
    """Times, values[row, output], derivatives[parameter, row, output], and which of them are differences."""
    per_unit = model.system.per_day / (24.0 if unit == "h" else 1.0)
    timing = timing_parameters(model.system)
    sums = bool((records.ss == 2).any())
    rates = bool((np.nan_to_num(records.rate) != 0).any())
    shifted = tuple(name for name in wanted if sums or name in timing or moves_events(name, rates))
    smooth = tuple(name for name in wanted if name not in shifted)
    changed = {name: value for name, value in base.items() if value != model.system.parameters[name]}

    def followed(
        count: int, parameters: dict[str, np.ndarray], tolerance: float, directions: Any = ()
    ) -> Any:
        cohort = Cohort(model, np.arange(count), parameters).with_parameters(
            {name: value for name, value in changed.items() if name not in parameters}
        )
        run = EventRun(model, records, cohort, per_unit, carry, times, after_dose, directions)
        for name in wanted:
            if name in run.covariates:
                where = f"{records.place}, column {name}"
                raise InputError(
                    where, f"it sets {name}, by which a derivative is asked", "leave one of them out"
                )
        rows, found = run.run(outputs, tolerance)
        if not np.isfinite(found).all():
            raise ComputeError(
                f"model {model.name}: its equations or their derivatives could not be followed."
            )
        return np.array([row.time for row in rows]).reshape(count, -1)[0], found.reshape(
            count, -1, found.shape[1]
        )

    at, values, slopes = np.empty(0), np.empty((0, 0)), {}
    if smooth:
        size = [abs(base[name]) or 1.0 for name in smooth]
        directions = [{moving(name): step} for name, step in zip(smooth, size, strict=True)]
        at, found = followed(len(smooth), {}, rtol, directions)
        values = found[0, :, : len(outputs)]
        slopes = {name: found[k, :, len(outputs) :] / size[k] for k, name in enumerate(smooth)}
    if shifted:
        count = len(shifted)
        steps = np.array([STEP * abs(base[name]) or STEP for name in shifted])
        parameters = {name: np.full(2 * count + 1, base[name]) for name in shifted}
        for k, name in enumerate(shifted):
            parameters[name][[k, count + k]] += steps[k] * np.array([1.0, -1.0])
        at, found = followed(2 * count + 1, parameters, min(rtol, STEP_RTOL))
        differences = (found[:count] - found[count : 2 * count]) / (2 * steps[:, None, None])
        slopes |= dict(zip(shifted, differences, strict=True))
        values = values if smooth else found[-1]
    return at, values, np.stack([slopes[name] for name in wanted]), shifted
