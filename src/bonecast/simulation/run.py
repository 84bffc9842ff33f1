"""People of one model under one regimen, in words, as doses and events, or as a table; and the table of what became."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bonecast.cohorts import Cohort, check_people, cohort_of_table, draw_cohort
from bonecast.cohorts import simulate as run_cohort
from bonecast.core import TableResult, is_table
from bonecast.engine import DEFAULT_RTOL, Event, System
from bonecast.errors import InputError, OutsideRange, UnknownName
from bonecast.interop import EventRecords, SbmlModel, read_event_table
from bonecast.models import OWN_UNIT, Model, Output, load_model, models_supporting
from bonecast.outcomes import MeasuredOutput, measured_outputs
from bonecast.regimens import DAYS_IN, Dose, Regimen, parse_regimen, parse_span, unusual_courses
from bonecast.simulation.event_runs import Carry, EventRun, with_state_outputs

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".parquet")
MOST_ROWS = 1_000_000  # times of one simulation
MOST_NUMBERS = 20_000_000  # rows times outputs of a result: 160 MB
TABLE_RTOL = 1e-9  # of event tables: their numbers are compared with those of other programs
SAME_TIME_D = 1e-7  # days: a dose time and a row time that differ by rounding are one row
TimeUnit = Literal["h", "d"]
Residual = bool | Mapping[str, MeasuredOutput | tuple[float, float]]


@dataclass(frozen=True)
class SimulationResult(TableResult):
    """The curves of one typical person, or of people.

    Columns are read by name, with the unit in it: `run["CTX_pct_of_baseline"]`, and `run["time_d"]`.

    Parameters
    ----------
    model : str
        Name of the model.
    plan : str
        Canonical text of the regimen; empty where doses, events or a table were given.
    outputs : tuple of str
        Names of the outputs, in the order asked for.
    times_d : ndarray of float, shape (row,)
        Days from the start of the regimen, or those of the table.
    values : ndarray of float, shape (row, output)
        In the unit of each output's name.
    changed : dict of str to float
        Parameters that differ from the model's, in their own unit.
    rtol : float
        Relative tolerance of one step.
    after_dose : bool
        Whether a row at a dose time shows the person after the dose.
    notes : tuple of str
        What to bear in mind, such as a parameter outside its range.
    definition : Model, optional
        The model that was run.
    ids : ndarray of str, shape (row,), optional
        Whose row it is; None for one typical person.
    time_unit : {"d", "h"}
        Unit of the column of times.
    extras : mapping of str to ndarray
        Further columns: what a row of an event table said, and values with measurement error.

    Examples
    --------
    >>> run = simulate("choi-2025", "denosumab 60 mg once")
    >>> run.table().columns[:2]
    ['time_d', 'denosumab_ng_mL']
    """

    model: str
    plan: str
    outputs: tuple[str, ...]
    times_d: np.ndarray
    values: np.ndarray
    changed: dict[str, float]
    rtol: float
    after_dose: bool
    notes: tuple[str, ...] = ()
    definition: Model | None = field(default=None, repr=False, compare=False)
    ids: np.ndarray | None = field(default=None, repr=False, compare=False)
    time_unit: TimeUnit = "d"
    extras: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def __repr__(self) -> str:
        if self.ids is None:
            days = f"{len(self.times_d)} times to day {self.times_d[-1]:g}"
            return f"<SimulationResult of {self.model}: {len(self.outputs)} outputs at {days}>"
        return (
            f"<SimulationResult of {self.model}: {len(self.people):,} people, {len(self.times_d):,} rows,"
            f" {len(self.outputs)} outputs>"
        )

    def _repr_html_(self) -> str:
        from bonecast.simulation.notebook import html

        return html(self)

    def __getitem__(self, output: str) -> np.ndarray:
        """One column of the table, or "time_d"; `UnknownName` with the nearest names otherwise."""
        if output == "time_d":
            return self.times_d
        if output in self.outputs:
            return self.values[:, self.outputs.index(output)]
        if output == "time_h":
            return self.times_d * 24.0
        if output == "id" and self.ids is not None:
            return self.ids
        if output not in self.extras:
            raise UnknownName(f"simulation of {self.model}", "output", output, self.columns)
        return self.extras[output]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table: `id` where there are people, `time_d`, what was given, then the outputs."""
        who = () if self.ids is None else ("id",)
        return (*who, f"time_{self.time_unit}", *self.extras, *self.outputs)

    @property
    def people(self) -> tuple[slice, ...]:
        """The rows of each person, in order; all rows where there is one."""
        if self.ids is None or not len(self.ids):
            return (slice(0, len(self.times_d)),)
        who = self.extras.get("individual", self.ids)
        ends = [*(np.flatnonzero(who[1:] != who[:-1]) + 1).tolist(), len(who)]
        return tuple(slice(first, last) for first, last in zip([0, *ends], ends, strict=False))

    @property
    def source_model(self) -> Model:
        """The model that was run; of the library where the result holds its name alone."""
        return self.definition or load_model(self.model)

    def rows(self) -> list[list[Any]]:
        """The table as plain values, one list for each time."""
        if self.ids is not None:
            return [list(row) for row in self.table().iter_rows()]
        return np.column_stack([self[name] for name in self.columns]).tolist()

    def table(self) -> pl.DataFrame:
        """The table as a polars frame: one row for each person and time, a column for each output."""
        import polars as pl

        frame = pl.DataFrame({name: self[name] for name in self.columns})
        gaps = [name for name in ("dv", "lloq") if name in self.extras]
        return frame.with_columns(pl.col(gaps).fill_nan(None)) if gaps else frame

    def long(self) -> pl.DataFrame:
        """The table with a row for each person, time and output.

        Returns
        -------
        polars.DataFrame
            The columns of `table` that are no outputs, then `output`, `unit` and `value`.
        """
        import polars as pl

        index = [name for name in self.columns if name not in self.outputs]
        units = {name: self.source_model.output(name).unit for name in self.outputs}
        found = self.table().unpivot(self.outputs, index=index, variable_name="output", value_name="value")
        unit = pl.col("output").replace_strict(units, return_dtype=pl.String).alias("unit")
        return found.select(*index, "output", unit, "value")

    def plot(self, outputs: Iterable[str] | None = None) -> Any:
        """Draw the curves of these outputs, one under the other: of people, the median with its 50 and 90 % range.

        People with times of their own are drawn side by side, the first twelve.

        Parameters
        ----------
        outputs : str or iterable of str, optional
            Names of outputs; all by default.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.

        Raises
        ------
        UnknownName
            If there is no such output, with the nearest names.
        """
        from bonecast.simulation.pictures import plot

        return plot(self, outputs)

    def log_likelihood(
        self, output: str, additive: float = 0.0, proportional: float = 0.0, blq: Literal["m1", "m3"] = "m3"
    ) -> float:
        """How likely the observations of the event table are, given this simulation.

        Parameters
        ----------
        output : str
            The output that DV observes.
        additive, proportional : float
            SD of the residual error, in the unit of the output and as a share of it; both together are the root of the
            sum of their squares.
        blq : {"m1", "m3"}
            Whether values below the limit are left out (M1), or count with the probability of lying there (M3).

        Returns
        -------
        float
            Natural logarithm, with all constants.

        Raises
        ------
        InputError
            If the table has no observations, or there is no error.

        Examples
        --------
        >>> table = {"TIME": [0.0, 7.0], "AMT": [60.0, None], "CMT": ["denosumab", None], "DV": [None, 6000.0]}
        >>> run = simulate("choi-2025", table)
        >>> run.log_likelihood("denosumab_ng_mL", proportional=0.2) < 0
        True
        """
        from scipy.stats import norm

        if blq not in ("m1", "m3"):
            raise InputError("log_likelihood, blq", f"there is no method '{blq}'", "write m1 or m3")
        if "observed" not in self.extras or not self.extras["observed"].any():
            raise InputError(
                "log_likelihood", "the table has no observations", "give DV in rows of EVID 0, MDV 0"
            )
        use, predicted = self.extras["observed"], self[output]
        sd = np.hypot(additive, proportional * predicted)
        below = use & self.extras["blq"]
        if np.any(sd[use] <= 0):
            raise InputError("log_likelihood", "there is no residual error", "give additive or proportional")
        seen = use & ~below
        found = float(norm.logpdf(self.extras["dv"][seen], predicted[seen], sd[seen]).sum())
        if blq == "m3":
            found += float(norm.logcdf(self.extras["lloq"][below], predicted[below], sd[below]).sum())
        return found


def simulate(
    model: str | Model | System | SbmlModel,
    regimen: str | Regimen | Sequence[Dose] | Sequence[Event] | EventRecords | os.PathLike[str] | Any = (),
    until: str | None = None,
    every: str = "7 days",
    set: Mapping[str, float | str] | None = None,
    rtol: float | None = None,
    after_dose: bool = False,
    *,
    people: int | Cohort | os.PathLike[str] | Any | None = None,
    times: Sequence[float] | np.ndarray | None = None,
    time_unit: TimeUnit | None = None,
    outputs: str | Sequence[str] | None = None,
    covariates: Carry = "locf",
    residual: Residual = False,
    lloq: Mapping[str, float] | None = None,
    seed: int = 1,
    daily_pulses: bool = False,
) -> SimulationResult:
    """Follow one typical person, or people, of a model under a regimen, doses, events or a table of events.

    Parameters
    ----------
    model : str, Model, System or SbmlModel
        Library name ("peterson-riggs-2010"), a model, a bare system of equations, or a model read from SBML with its
        events; one that the kernel cannot run goes the plain path, for one person and with no other regimen.
    regimen : str, Regimen, sequence of Dose or Event, table of events or path, optional
        In the regimen grammar, read, or laid out: doses in days from day 0, events in the model's time unit. Or a table
        in the convention of NONMEM and mrgsolve, as a CSV file or a polars or pandas frame.
    until : str, optional
        How long ("10 years"); to the end of the regimen by default, and at least one year.
    every : str
        Distance of the rows ("7 days"); each dose time has a row of its own. A table has a row for each of its rows.
    set : mapping of str to float or str, optional
        Parameters to be changed: numbers in their own unit, or texts with a unit ("30 mL/min"). A value outside the
        parameter's range is used, with a warning (`OutsideRange`), and so is a dose that the drug is not given in.
    rtol : float, optional
        Relative tolerance of one step, 1e-12 to 0.1; 1e-5 by default, 1e-9 for a table of events.
    after_dose : bool
        Whether a row at a dose time shows the person just after the dose, or just before it. A row of a table shows the
        person after that row was processed.
    people : int, Cohort, table or path, optional
        How many people to draw from the model's variability; people already drawn; or a table with a row for each and
        their parameters or covariates as columns. One typical person for each ID by default. People follow the only ID
        of a table of events, or each follows one, in order.
    times : sequence of float, optional
        Times of the rows, of any spacing, in place of `until` and `every`, or of the rows of a table.
    time_unit : {"h", "d"}, optional
        Unit of `times` and of a table of events; by default days, and for events and their tables the model's own.
    outputs : str or sequence of str, optional
        Outputs or states to keep; all outputs by default.
    covariates : {"locf", "nocb"}
        Whether a covariate of a table holds from its row on, or back to the row before.
    residual : bool or mapping
        Whether to add a column with measurement error for every output that has one (`NAME_observed`); or the error of
        each output as (additive SD, proportional SD).
    lloq : mapping of str to float, optional
        Limits of quantification, in the unit of the output: an observed value below it is the limit, and `NAME_blq` is
        true. Given with `residual`.
    seed : int
        Of people and of measurement errors.
    daily_pulses : bool
        Whether teriparatide is given as a daily pulse (`with_daily_pulses`) in place of a steady intake.

    Returns
    -------
    SimulationResult
        One row for each time, or for each person and time.

    Raises
    ------
    InputError
        If a name, regimen, row, time span or number cannot be used.
    UnsupportedDrug
        If the model does not support a drug of the regimen.
    ComputeError
        If the equations could not be followed.

    Examples
    --------
    >>> run = simulate("choi-2025", "denosumab 60 mg every 6 months x 2")
    >>> float(run["time_d"][-1]), round(float(run["LS_BMD_pct_change"][0]), 9)
    (365.25, 0.0)

    Doses may be laid out one by one:

    >>> from bonecast.regimens import Dose
    >>> doses = [Dose(day, "denosumab", 60.0, "mg", 0.0) for day in (0.0, 270.0)]
    >>> late = simulate("choi-2025", doses)
    >>> 270.0 in late["time_d"]
    True

    Eight people, at times of one's own:

    >>> run = simulate("choi-2025", "denosumab 60 mg once", people=8, times=[0, 1, 7, 30], outputs="denosumab_ng_mL")
    >>> run.table().shape, run.table().columns
    ((32, 3), ['id', 'time_d', 'denosumab_ng_mL'])

    A table of events (the time of this model is in hours):

    >>> table = {"ID": [1, 1, 2, 2], "TIME": [0, 168, 0, 168], "AMT": [60, None, 30, None], "CMT": ["denosumab"] * 4}
    >>> levels = simulate("choi-2025", table, outputs="denosumab_ng_mL")["denosumab_ng_mL"]
    >>> bool(levels[1] > levels[3] > 0)
    True
    """
    if isinstance(model, SbmlModel):
        if model.plain_because:
            return _plain(model, regimen, set, rtol, people, times, time_unit, until, every, outputs)
        model, own = model.for_kernel()
        regimen = [*own, *regimen] if isinstance(regimen, list | tuple) else regimen
        if own and not isinstance(regimen, list):
            raise InputError(
                "regimen", "the SBML model has events of its own", "give further ones as a list of events"
            )
    source = load_model(model)
    if daily_pulses:
        from bonecast.models import with_daily_pulses

        source = with_daily_pulses(source)
    known, names = with_outputs(source, outputs)
    changed = known.parameter_values(set or {})
    if not isinstance(regimen, EventRecords) and is_table(regimen):
        regimen = read_event_table(regimen)
    if isinstance(regimen, EventRecords):
        if until is not None:
            raise InputError(
                "until", "a table of events says itself when it ends", "give times in place of it"
            )
        run = _of_table(
            known, regimen, names, changed, rtol, after_dose, people, times, time_unit, covariates, seed
        )
    else:
        run = _of_regimen(
            known, regimen, names, changed, rtol, after_dose, people, times, time_unit, until, every, seed
        )
    for note in run.notes:
        warnings.warn(note, OutsideRange, stacklevel=2)
    return _observed(run, residual, lloq or {}, seed) if residual or lloq else run


def _plain(
    model: SbmlModel,
    regimen: Any,
    set: Mapping[str, Any] | None,
    rtol: float | None,
    people: Any,
    times: Any,
    time_unit: TimeUnit | None,
    until: str | None,
    every: str,
    outputs: str | Sequence[str] | None,
) -> SimulationResult:
    """A model of SBML that only the plain path can run: events with triggers on states, algebraic rules, delays."""
    if people is not None or (not isinstance(regimen, list | tuple) or regimen):
        cause = f"the kernel cannot run it ({model.plain_because}), so that it takes no people and no regimen"
        raise InputError(f"model {model.name}", cause, "simulate it alone")
    unit = time_unit_of(time_unit, "d" if model.description.time_unit == "day" else "h")
    per_day = 24.0 if unit == "h" else 1.0
    times_d = row_times([], 0.0, until, every) if times is None else asked_times(times) / per_day
    names = model.outputs if outputs is None else (outputs,) if isinstance(outputs, str) else tuple(outputs)
    own_times = (times_d * model.units_per_day).tolist()
    values = model.course(own_times, [(n, "") for n in names], set, rtol=1e-9 if rtol is None else rtol)
    changed = {n: float(v) for n, v in (set or {}).items()}
    return SimulationResult(
        model.name,
        "",
        names,
        times_d,
        values,
        changed,
        rtol or 1e-9,
        True,
        (model.plain_because,),
        time_unit=unit,
    )


def with_outputs(model: Model, outputs: str | Sequence[str] | None) -> tuple[Model, tuple[str, ...]]:
    """Put states that are asked for among the outputs of a model.

    Parameters
    ----------
    model : Model
        The model.
    outputs : str or sequence of str, optional
        Outputs or states; all outputs by default.

    Returns
    -------
    tuple of (Model, tuple of str)
        The model, and the names of what is asked for.
    """
    if outputs is None:
        return model, model.system.output_names
    names = (outputs,) if isinstance(outputs, str) else tuple(outputs)
    if not names:
        raise InputError("outputs", "there are none", "name at least one, or leave the list out")
    states = {
        name: name for name in names if name in model.system.states and name not in model.system.output_names
    }
    for name in names:
        if name not in model.system.output_names and name not in states:
            known = [*model.system.output_names, *model.system.states]
            raise UnknownName(f"model {model.name}", "output", str(name), known)
    if not states:
        return model, names
    more = tuple(Output(name, name, OWN_UNIT) for name in states)
    return replace(
        model, system=with_state_outputs(model.system, states), outputs=(*model.outputs, *more)
    ), names


def _people(model: Model, people: Any, seed: int, changed: Mapping[str, float], usual: int = 1) -> Cohort:
    """Who is followed; as many typical people as usual where nobody is named."""
    if people is None:
        cohort = Cohort(model, np.arange(usual), {})
    elif isinstance(people, Cohort):
        if people.model.name != model.name:
            cause = f"they are people of {people.model.name}, and the model is {model.name}"
            raise InputError("people", cause, "draw them with this model")
        cohort = replace(people, model=model)
    elif isinstance(people, int) and not isinstance(people, bool):
        cohort = draw_cohort(model, check_people(people), seed)
    else:
        cohort = cohort_of_table(people, model, seed)
    return cohort.with_parameters(changed)


def _check_size(rows: int, outputs: int) -> None:
    if rows * outputs > MOST_NUMBERS:
        cause = f"{rows:,} rows of {outputs} outputs are over {MOST_NUMBERS:,} numbers"
        raise InputError("simulation", cause, "name fewer outputs or times, or follow fewer people at a time")


def asked_times(times: Any) -> np.ndarray:
    try:
        asked = np.atleast_1d(np.array(list(times) if not np.isscalar(times) else times, np.float64))
    except (TypeError, ValueError):
        raise InputError(
            "times", "they cannot be read as numbers", "give numbers, in a list or an array"
        ) from None
    if asked.ndim != 1 or not asked.size or not np.isfinite(asked).all() or np.any(np.diff(asked) < 0):
        raise InputError("times", "they are empty, not finite or out of order", "give them in order")
    if len(asked) > MOST_ROWS:
        raise InputError("times", f"there are {len(asked):,}", f"{MOST_ROWS:,} are the limit")
    return asked


def time_unit_of(time_unit: TimeUnit | None, usual: TimeUnit) -> TimeUnit:
    """Check a unit of times.

    Parameters
    ----------
    time_unit : {"h", "d"}, optional
        As it was given.
    usual : {"h", "d"}
        Where it was not.

    Returns
    -------
    {"h", "d"}
    """
    unit = time_unit or usual
    if unit not in ("h", "d"):
        raise InputError("time_unit", f"there is no unit '{unit}'", "write h or d")
    return unit


def _of_regimen(
    model: Model,
    regimen: Any,
    names: tuple[str, ...],
    changed: dict[str, float],
    rtol: float | None,
    after_dose: bool,
    people: Any,
    times: Any,
    time_unit: TimeUnit | None,
    until: str | None,
    every: str,
    seed: int,
) -> SimulationResult:
    if isinstance(regimen, Sequence) and not isinstance(regimen, str):
        given = laid_out(model, regimen)
        events = len(regimen) > 0 and isinstance(regimen[0], Event)
    else:
        given, events = planned(model, parse_regimen(regimen)), False
    unit = time_unit_of(time_unit, model.system.time_unit if events and times is not None else "d")
    if times is None:
        times_d = row_times(given.days, given.end_d, until, every)
    elif until is not None:
        raise InputError("times", "until is given too", "leave one of them out")
    else:
        times_d = asked_times(times) / (24.0 if unit == "h" else 1.0)
    cohort = _people(model, people, seed, changed)
    _check_size(len(times_d) * cohort.count, len(names))
    at_dose, used = "after" if after_dose else "before", DEFAULT_RTOL if rtol is None else rtol
    run = run_cohort(cohort, given.doses, times_d, list(names), at_dose=at_dose, rtol=used)
    if changed and not run.succeeded.all():
        settings = ", ".join(f"{name}={value:g}" for name, value in changed.items())
        cause = f"the equations cannot be followed with {settings}"
        raise InputError(f"model {model.name}", cause, "set values nearer to the model's own")
    run.require_success()
    notes = (*model.outside_range(changed), *given.notes, *run.failures)
    return SimulationResult(
        model.name,
        given.text,
        names,
        np.tile(times_d, cohort.count),
        np.stack([run[name].ravel() for name in names], axis=1),
        changed,
        used,
        after_dose,
        notes,
        model,
        None if people is None else np.repeat(np.array(cohort.ids), len(times_d)),
        unit,
    )


def _of_table(
    model: Model,
    records: EventRecords,
    names: tuple[str, ...],
    changed: dict[str, float],
    rtol: float | None,
    after_dose: bool,
    people: Any,
    times: Any,
    time_unit: TimeUnit | None,
    covariates: Carry,
    seed: int,
) -> SimulationResult:
    if covariates not in ("locf", "nocb"):
        raise InputError("covariates", f"there is no way '{covariates}' to carry them", "write locf or nocb")
    unit = time_unit_of(time_unit, "h" if records.clock else model.system.time_unit)
    if records.clock and unit != "h":
        raise InputError("time_unit", "the table has clock times, so that its times are hours", "write h")
    individuals = len(records.ids)
    cohort = _people(model, people, seed, changed, individuals)
    if individuals > 1 and cohort.count != individuals:
        cause = f"there are {cohort.count:,} people for {individuals:,} individuals of the table"
        raise InputError("people", cause, "give one for each ID, or a table with one ID")
    asked = None if times is None else asked_times(times)
    per_unit = model.system.per_day / (24.0 if unit == "h" else 1.0)
    run = EventRun(model, records, cohort, per_unit, covariates, asked, after_dose)
    followers = cohort.count if individuals == 1 else 1
    _check_size(run.row_count * followers, len(names))
    used = TABLE_RTOL if rtol is None else rtol
    rows, values = run.run(names, used)
    who, record = np.array([row.person for row in rows]), np.array([row.record for row in rows])
    failed = np.unique(who[np.isnan(values).any(axis=1)]).size if len(rows) else 0
    notes = [*model.outside_range(changed), *records.notes]
    if failed:
        notes.append(f"{failed:,} of {cohort.count:,} people could not be followed to their end.")
    if run.ignored:
        notes.append(
            f"No parameter of {model.name} has the name of these columns: {', '.join(run.ignored[:10])}."
        )
    by_table = people is None or (individuals > 1 and not isinstance(people, Cohort))
    labels = np.array(records.ids) if by_table else np.array(cohort.ids)
    extras: dict[str, np.ndarray] = {"individual": who + 1}
    if asked is None:
        said = {"evid": records.evid, "observed": records.observed, "dv": records.dv, "blq": records.below}
        extras |= {"row": record + 1, **{name: column[record] for name, column in said.items()}}
        extras["lloq"] = records.lloq[record]
    day = 24.0 if unit == "h" else 1.0
    return SimulationResult(
        model.name, "", names, np.array([row.time for row in rows]) / day, values, changed, used, after_dose,
        tuple(notes), model, labels[who] if len(labels) > 1 or individuals > 1 else labels[np.zeros_like(who)],
        unit, extras,
    )  # fmt: skip


def _observed(
    run: SimulationResult, residual: Residual, lloq: Mapping[str, float], seed: int
) -> SimulationResult:
    """The result with a column of values as they would be measured, for each output that has an error."""
    if isinstance(residual, Mapping):
        errors = {name: _error(name, error) for name, error in residual.items()}
    else:
        errors = {n: e for n, e in measured_outputs(run.source_model).items() if n in run.outputs}
    for name in [*errors, *lloq]:
        run[name]
    if not errors:
        cause = f"no measurement error is known of {', '.join(run.outputs[:5])}"
        raise InputError("residual", cause, 'give it, such as residual={"CONC": (0.1, 0.15)}')
    for name in lloq:
        if name not in errors:
            raise InputError(f"lloq, {name}", "it has no residual error", "name it in residual too")
    extras = dict(run.extras)
    for name, error in errors.items():
        values = error.measured(run[name], seed)
        limit = lloq.get(name, error.lloq)
        below = values < limit if limit is not None else np.zeros(len(values), bool)
        extras[f"{name}_observed"] = np.where(below, limit, values) if limit is not None else values
        extras[f"{name}_blq"] = below
    return replace(run, extras=extras)


def _error(name: str, error: MeasuredOutput | tuple[float, float]) -> MeasuredOutput:
    if isinstance(error, MeasuredOutput):
        return error
    try:
        additive, proportional = (float(part) for part in error)
    except (TypeError, ValueError):
        raise InputError(
            f"residual, {name}", "this is no error", "give (additive SD, proportional SD)"
        ) from None
    if not (0 <= additive < np.inf and 0 <= proportional < np.inf):
        raise InputError(f"residual, {name}", "an SD is negative or not finite", "give zero or more")
    return MeasuredOutput(name, additive, proportional)


@dataclass(frozen=True)
class _Given:
    """What is given: canonical text (empty where it was laid out), doses or events, their days, and the end."""

    text: str
    doses: Sequence[Dose] | Sequence[Event]
    days: Sequence[float]
    end_d: float
    notes: tuple[str, ...] = ()


def planned(model: Model, plan: Regimen) -> _Given:
    if plan.starts_after_last_dose_d is not None:
        raise InputError(
            "plan, character 1", "it begins after a last dose, which nobody gave here", "begin with a drug"
        )
    model.require(
        plan.drugs, {drug: models_supporting(drug) for drug in plan.drugs if drug not in model.drugs}
    )
    notes = tuple(f"unusual dose: {reason}" for reason in unusual_courses(plan))
    return _Given(str(plan), plan.doses, [dose.time_d for dose in plan.doses], plan.end_d, notes)


def laid_out(model: Model, given: Sequence[Any]) -> _Given:
    days, ends = [], [0.0]
    for one in given:
        if isinstance(one, Dose):
            days.append(one.time_d)
            ends.append(one.time_d + one.cover_d)
        elif isinstance(one, Event):
            days.append(one.time / model.system.per_day)
            ends.append(days[-1])
        else:
            cause = f"a {type(one).__name__} is no dose and no event"
            raise InputError("regimen", cause, "give doses of bonecast.regimens or events of bonecast.engine")
    if given and any(isinstance(one, Dose) != isinstance(given[0], Dose) for one in given):
        raise InputError("regimen", "it mixes doses and events", "give one kind")
    return _Given("", given, days, max(ends))


def row_times(given_d: Sequence[float], given_end_d: float, until: str | None, every: str) -> np.ndarray:
    """Days of the rows: zero, every so often, each dose, and the end."""
    end_d = parse_span(until, "until") if until is not None else max(given_end_d, DAYS_IN["years"])
    step_d = parse_span(every, "every")
    count = int(end_d / step_d + SAME_TIME_D)
    if count > MOST_ROWS:
        cause = f"'{every}' gives {count:,} rows"
        raise InputError("every", cause, f"{MOST_ROWS:,} are the limit; take longer steps")
    doses = [day for day in given_d if 0 <= day <= end_d]
    times = np.unique(np.concatenate([np.arange(count + 1) * step_d, doses, [end_d]]))
    return times[np.append(True, np.diff(times) > SAME_TIME_D)]
