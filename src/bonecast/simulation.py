"""One typical person of one model under one plan: from words to curves."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bonecast.cohorts import Cohort
from bonecast.cohorts import simulate as run_cohort
from bonecast.core import atomic_write, check_file
from bonecast.engine import DEFAULT_RTOL
from bonecast.errors import InputError, UnknownName
from bonecast.models import load_model, models_supporting
from bonecast.regimens import DAYS_IN, Regimen, parse_regimen, parse_span

if TYPE_CHECKING:
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
    """

    model: str
    plan: str
    outputs: tuple[str, ...]
    times_d: np.ndarray
    values: np.ndarray
    changed: dict[str, float]
    rtol: float
    after_dose: bool

    def __getitem__(self, output: str) -> np.ndarray:
        """One output at `times_d`; `UnknownName` with the nearest names otherwise."""
        if output not in self.outputs:
            raise UnknownName(f"simulation of {self.model}", "output", output, self.outputs)
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

        return pl.DataFrame({"time_d": self.times_d, **{name: self[name] for name in self.outputs}})

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
    model_name: str,
    plan_text: str,
    until: str | None = None,
    every: str = "7 days",
    set: Mapping[str, float] | None = None,
    rtol: float = DEFAULT_RTOL,
    after_dose: bool = False,
) -> SimulationResult:
    """What becomes of one typical person of this model under this plan?

    Parameters
    ----------
    model_name : library name ("peterson-riggs-2010"). plan_text : in the plan grammar.
    until : how long ("10 years"); the end of the plan by default, and at least one year.
    every : the distance of the rows ("7 days"); each dose time has a row of its own.
    set : parameters to be changed, by name. rtol : relative tolerance of one step, 1e-12 to 0.1.
    after_dose : a row at a dose time shows the person just before the dose, or just after it.

    Raises InputError for a name, plan, span or number that cannot be used, NotCarried for a drug that the model
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
    changed = _changed(model.parameter_changes(set or {}))
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
    return SimulationResult(model.name, str(plan), run.outputs, times_d, values, changed, rtol, after_dose)


def _changed(changes: Mapping[str, float]) -> dict[str, float]:
    for name, value in changes.items():
        if not math.isfinite(value):
            raise InputError(f"parameter {name}", "the value is not a finite number", "give a finite number")
    return {name: float(value) for name, value in changes.items()}


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
