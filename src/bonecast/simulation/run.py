"""One typical person of one model under one plan, and the table of what became of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.cohorts import simulate as run_cohort
from bonecast.core import TableResult
from bonecast.engine import DEFAULT_RTOL, Event, System
from bonecast.errors import InputError, OutsideRange, UnknownName
from bonecast.models import Model, load_model, models_supporting
from bonecast.regimens import DAYS_IN, Dose, Regimen, parse_regimen, parse_span, unusual_courses

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".parquet")
MOST_ROWS = 1_000_000
SAME_TIME_D = 1e-7  # days: a dose time and a row time that differ by rounding are one row


@dataclass(frozen=True)
class SimulationResult(TableResult):
    """The curves of one typical person.

    Columns are read by name, with the unit in it: `run["CTX_pct_of_baseline"]`, and `run["time_d"]`.

    Parameters
    ----------
    model : str
        Name of the model.
    plan : str
        Canonical text of the regimen; empty where doses or events were laid out.
    outputs : tuple of str
        Names of the outputs, in the model's order.
    times_d : ndarray of float, shape (time,)
        Days from the start of the regimen.
    values : ndarray of float, shape (time, output)
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

    def __repr__(self) -> str:
        days = f"{len(self.times_d)} times to day {self.times_d[-1]:g}"
        return f"<SimulationResult of {self.model}: {len(self.outputs)} outputs at {days}>"

    def _repr_html_(self) -> str:
        from bonecast.simulation.notebook import html

        return html(self)

    def __getitem__(self, output: str) -> np.ndarray:
        """One column at `times_d`, or "time_d" itself; `UnknownName` with the nearest names otherwise."""
        if output == "time_d":
            return self.times_d
        if output not in self.outputs:
            raise UnknownName(f"simulation of {self.model}", "output", output, self.columns)
        return self.values[:, self.outputs.index(output)]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table: `time_d`, then the outputs."""
        return ("time_d", *self.outputs)

    @property
    def source_model(self) -> Model:
        """The model that was run; of the library where the result holds its name alone."""
        return self.definition or load_model(self.model)

    def rows(self) -> list[list[float]]:
        """The table as plain numbers, one list for each time."""
        return np.column_stack([self.times_d, self.values]).tolist()

    def table(self) -> pl.DataFrame:
        """The table as a polars frame."""
        import polars as pl

        return pl.DataFrame({name: self[name] for name in self.columns})

    def plot(self, outputs: Iterable[str] | None = None) -> Any:
        """Draw the curves of these outputs, one under the other.

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


def simulate(
    model: str | Model | System,
    regimen: str | Regimen | Sequence[Dose] | Sequence[Event],
    until: str | None = None,
    every: str = "7 days",
    set: Mapping[str, float | str] | None = None,
    rtol: float = DEFAULT_RTOL,
    after_dose: bool = False,
) -> SimulationResult:
    """Follow one typical person of a model under a regimen.

    No variability between people is in it: `bonecast.forecast` and `bonecast.population` have ranges.

    Parameters
    ----------
    model : str, Model or System
        Library name ("peterson-riggs-2010"), a model, or a bare system of equations.
    regimen : str, Regimen, or sequence of Dose or Event
        In the regimen grammar, read, or laid out: doses in days from day 0, events in the model's time unit.
    until : str, optional
        How long ("10 years"); to the end of the regimen by default, and at least one year.
    every : str
        Distance of the rows ("7 days"); each dose time has a row of its own.
    set : mapping of str to float or str, optional
        Parameters to be changed: numbers in their own unit, or texts with a unit ("30 mL/min"). A value outside the
        parameter's range is used, with a warning (`OutsideRange`), and so is a dose that the drug is not given in.
    rtol : float
        Relative tolerance of one step, 1e-12 to 0.1.
    after_dose : bool
        Whether a row at a dose time shows the person just after the dose, or just before it.

    Returns
    -------
    SimulationResult

    Raises
    ------
    InputError
        If a name, regimen, time span or number cannot be used.
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
    """
    known = load_model(model)
    if isinstance(regimen, Sequence) and not isinstance(regimen, str):
        given = _laid_out(known, regimen)
    else:
        given = _planned(known, parse_regimen(regimen))
    changed = known.parameter_values(set or {})
    notes = (*known.outside_range(changed), *given.notes)
    for note in notes:
        warnings.warn(note, OutsideRange, stacklevel=2)
    times_d = _row_times(given.days, given.end_d, until, every)
    person = Cohort(known, np.arange(1), {}).with_parameters(changed)
    at_dose = "after" if after_dose else "before"
    run = run_cohort(person, given.doses, times_d, at_dose=at_dose, rtol=rtol)
    if changed and not run.succeeded.all():
        settings = ", ".join(f"{name}={value:g}" for name, value in changed.items())
        cause = f"the equations cannot be followed with {settings}"
        raise InputError(f"model {known.name}", cause, "set values nearer to the model's own")
    run.require_success()
    values = np.stack([run[name][0] for name in run.outputs], axis=1)
    return SimulationResult(
        known.name, given.text, run.outputs, times_d, values, changed, rtol, after_dose, notes, known
    )


@dataclass(frozen=True)
class _Given:
    """What is given: canonical text (empty where it was laid out), doses or events, their days, and the end."""

    text: str
    doses: Sequence[Dose] | Sequence[Event]
    days: Sequence[float]
    end_d: float
    notes: tuple[str, ...] = ()


def _planned(model: Model, plan: Regimen) -> _Given:
    if plan.starts_after_last_dose_d is not None:
        raise InputError(
            "plan, character 1", "it begins after a last dose, which nobody gave here", "begin with a drug"
        )
    model.require(
        plan.drugs, {drug: models_supporting(drug) for drug in plan.drugs if drug not in model.drugs}
    )
    notes = tuple(f"unusual dose: {reason}" for reason in unusual_courses(plan))
    return _Given(str(plan), plan.doses, [dose.time_d for dose in plan.doses], plan.end_d, notes)


def _laid_out(model: Model, given: Sequence[Any]) -> _Given:
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


def _row_times(given_d: Sequence[float], given_end_d: float, until: str | None, every: str) -> np.ndarray:
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
