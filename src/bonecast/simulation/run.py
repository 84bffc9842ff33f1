"""One typical person of one model under one plan, and the table of what became of them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.cohorts import simulate as run_cohort
from bonecast.core import atomic_write, check_file, to_pandas
from bonecast.engine import DEFAULT_RTOL
from bonecast.errors import InputError, OutsideRange, UnknownName
from bonecast.models import Model, load_model, models_supporting
from bonecast.regimens import DAYS_IN, Regimen, parse_regimen, parse_span

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

SUFFIXES = (".csv", ".parquet")
MOST_ROWS = 1_000_000
SAME_TIME_D = 1e-7  # days: a dose time and a row time that differ by rounding are one row


@dataclass(frozen=True)
class SimulationResult:
    """What became of one typical person. Times in days from the start of the plan; `result["CTX_pct_of_baseline"]`
    is one output, with its unit in the name.

    model : library name. plan : canonical text. outputs : names in the model's order.
    times_d : the rows. values[time, output]. changed : parameters that differ from the model's.
    after_dose : whether a row at a dose time shows the person after the dose (before it, by default).
    notes : what to bear in mind: a parameter outside the range of its card.
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

    def rows(self) -> list[list[float]]:
        """The table as plain numbers, one list for each time."""
        return np.column_stack([self.times_d, self.values]).tolist()

    def table(self) -> pl.DataFrame:
        """The table as a polars frame."""
        import polars as pl

        return pl.DataFrame({name: self[name] for name in self.columns})

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas frame; `InputError` where pandas is not installed."""
        return to_pandas(self.table())

    def plot(self, outputs: Iterable[str] | None = None) -> Any:
        """The curves of these outputs (all of them by default) as one Altair chart, which is shown offline.

        >>> run = simulate("choi-2025", "denosumab 60 mg every 6 months x 2")
        >>> run.plot(["LS_BMD_pct_change"]).save("spine.svg")  # doctest: +SKIP
        """
        from bonecast.simulation.pictures import plot

        return plot(self, outputs)

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the table as CSV (numbers with ten digits) and give the path back."""
        import csv

        target = check_file(path, (".csv",))
        with atomic_write(target) as beside, open(beside, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows([f"{value:.10g}" for value in row] for row in self.rows())
        return target

    def to_parquet(self, path: str | os.PathLike[str]) -> Path:
        """Write the table as Parquet and give the path back."""
        target = check_file(path, (".parquet",))
        with atomic_write(target) as beside:
            self.table().write_parquet(beside)
        return target


def simulate(
    model_name: str | Model,
    plan_text: str | Regimen,
    until: str | None = None,
    every: str = "7 days",
    set: Mapping[str, float | str] | None = None,
    rtol: float = DEFAULT_RTOL,
    after_dose: bool = False,
) -> SimulationResult:
    """What becomes of one typical person of this model under this plan?

    Parameters
    ----------
    model_name : library name ("peterson-riggs-2010"), or a `Model`. plan_text : in the plan grammar, or a `Regimen`.
    until : how long ("10 years"); the end of the plan by default, and at least one year.
    every : the distance of the rows ("7 days"); each dose time has a row of its own.
    set : parameters to be changed, by name: numbers in the unit of their card, or texts with a unit ("30 mL/min"). A
        value outside the range of its card is used, with a warning (`OutsideRange`).
    rtol : relative tolerance of one step, 1e-12 to 0.1.
    after_dose : a row at a dose time shows the person just before the dose, or just after it.

    Raises InputError for a name, plan, span or number that cannot be used, UnsupportedDrug for a drug that the model
    does not carry, ComputeError where the equations could not be followed. No spread between people is in it:
    ask `bonecast.forecast` for ranges.

    >>> run = simulate("choi-2025", "denosumab 60 mg every 6 months x 2")
    >>> float(run.times_d[-1]), round(float(run["LS_BMD_pct_change"][0]), 9)
    (365.25, 0.0)
    """
    model = load_model(model_name)
    plan = parse_regimen(plan_text)
    if plan.starts_after_last_dose_d is not None:
        raise InputError(
            "plan, character 1", "it begins after a last dose, which nobody gave here", "begin with a drug"
        )
    model.require(
        plan.drugs, {drug: models_supporting(drug) for drug in plan.drugs if drug not in model.drugs}
    )
    changed = model.parameter_values(set or {})
    notes = tuple(model.outside_range(changed))
    for note in notes:
        warnings.warn(note, OutsideRange, stacklevel=2)
    times_d = _row_times(plan, until, every)
    person = Cohort(model, np.arange(1), {}).with_parameters(changed)
    at_dose = "after" if after_dose else "before"
    run = run_cohort(person, plan.doses, times_d, at_dose=at_dose, rtol=rtol)
    if changed and not run.succeeded.all():
        settings = ", ".join(f"{name}={value:g}" for name, value in changed.items())
        cause = f"the equations cannot be followed with {settings}"
        raise InputError(f"model {model.name}", cause, "set values nearer to the model's own")
    run.require_success()
    values = np.stack([run[name][0] for name in run.outputs], axis=1)
    return SimulationResult(
        model.name, str(plan), run.outputs, times_d, values, changed, rtol, after_dose, notes
    )


def _row_times(plan: Regimen, until: str | None, every: str) -> np.ndarray:
    """Days of the rows: zero, every so often, each dose, and the end."""
    end_d = parse_span(until, "until") if until is not None else max(plan.end_d, DAYS_IN["years"])
    step_d = parse_span(every, "every")
    count = int(end_d / step_d + SAME_TIME_D)
    if count > MOST_ROWS:
        cause = f"'{every}' gives {count:,} rows"
        raise InputError("every", cause, f"{MOST_ROWS:,} are the limit; take longer steps")
    doses = [dose.time_d for dose in plan.doses if dose.time_d <= end_d]
    times = np.unique(np.concatenate([np.arange(count + 1) * step_d, doses, [end_d]]))
    return times[np.append(True, np.diff(times) > SAME_TIME_D)]
