"""A visual predictive check: quantiles of observed values against those of many simulated studies of the same size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bonecast.core import TableResult, read_columns
from bonecast.errors import InputError, UnknownName
from bonecast.outcomes import MeasuredOutput, measured_outputs

if TYPE_CHECKING:
    import polars as pl

    from bonecast.charts import Panel
    from bonecast.cohorts.trajectories import Trajectories
    from bonecast.models import Output

LEVELS = (0.1, 0.5, 0.9)
FEWEST_STUDIES = 20  # fewer give no 95 % range
MOST_BINS = 12  # of times, where people were observed at times of their own
COLUMNS = ("id", "time_d", "output", "value")


@dataclass(frozen=True)
class VisualPredictiveCheck(TableResult):
    """Observed quantiles and the ranges in which simulated studies have theirs.

    Parameters
    ----------
    rows : polars.DataFrame
        What `table` returns.
    studies : int
        How many studies were simulated.
    people : int
        How many people each has: as many as were observed.
    panels : tuple of Panel
        One picture for each output.
    """

    rows: pl.DataFrame
    studies: int
    people: int
    panels: tuple[Panel, ...]

    def __repr__(self) -> str:
        inside = f"{100 * self.share_inside:.0f} % of {self.rows.height} quantiles inside"
        return f"<VisualPredictiveCheck: {self.studies} studies of {self.people} people, {inside}>"

    def _repr_html_(self) -> str:
        from bonecast.charts import Card, card_html

        lines = (
            f"{self.studies} simulated studies of {self.people} people",
            f"{100 * self.share_inside:.0f} % of {self.rows.height} observed quantiles lie in their 95 % range",
        )
        return card_html(Card("Visual predictive check", lines))

    @property
    def share_inside(self) -> float:
        """Share of the observed quantiles that lie inside the 95 % range of the simulated ones."""
        return float(self.rows["inside"].mean() or 0.0)  # type: ignore[arg-type]

    def table(self) -> pl.DataFrame:
        """The comparison.

        Returns
        -------
        polars.DataFrame
            A row for each output, time and level: `output`, `time_d`, `values` (how many were observed), `level`,
            `observed`, the median and 95 % range of the simulated quantiles (`low95`, `median`, `high95`), and
            `inside`. A quantile that lies below the limit of quantification is the limit.
        """
        return self.rows

    def plot(self) -> Any:
        """Draw the simulated 50 and 90 % range with the observed values, one picture for each output.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.
        """
        from bonecast.charts import stack

        return stack(self.panels)


def check_visually(
    run: Trajectories,
    data: Any,
    residual: bool | Mapping[str, MeasuredOutput] = True,
    levels: Sequence[float] = LEVELS,
    seed: int = 1,
) -> VisualPredictiveCheck:
    """Compare observed values with simulated studies; see `Trajectories.vpc`."""
    levels = tuple(levels)
    if not levels or not all(0 < level < 1 for level in levels):
        raise InputError(
            "vpc, levels", "a level does not lie between 0 and 1", "give levels such as 0.1, 0.5, 0.9"
        )
    seen = _observations(data)
    for name in dict.fromkeys(seen.output):
        if name not in run.outputs:
            raise UnknownName("vpc, column output", "output", name, run.outputs)
    outside = (seen.day < run.days[0]) | (seen.day > run.days[-1])
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        cause = f"day {seen.day[row]:g} was not simulated"
        raise InputError(
            f"vpc, row {row + 1}, column time_d", cause, f"simulate to that day; it ends at {run.days[-1]:g}"
        )
    people = len(set(seen.who))
    usable = run.select(run.succeeded)
    studies = usable.cohort.count // people
    if studies < FEWEST_STUDIES:
        cause = f"{usable.cohort.count:,} people make {studies} studies of the {people} who were observed"
        raise InputError("vpc", cause, f"simulate at least {FEWEST_STUDIES * people:,} people")
    number = {name: i for i, name in enumerate(dict.fromkeys(seen.who))}
    person = np.array([number[name] for name in seen.who])
    known = measured_outputs(run.cohort.model) if residual is True else dict(residual or {})
    parts = []
    for name in dict.fromkeys(seen.output):
        own = np.flatnonzero(np.array(seen.output) == name)
        simulated = _simulated(usable, name, person[own], seen.day[own], studies, people)
        error = known.get(name)
        if error is not None:
            simulated = error.measured(simulated, seed)
        output = run.cohort.model.output(name)
        parts.append(
            ComparedOutput(output, seen.day[own], seen.value[own], seen.lloq[own], seen.below[own], simulated)
        )
    return compare_quantiles(parts, people, levels)


@dataclass(frozen=True)
class ComparedOutput:
    """Observed values of one output, and the same rows of simulated studies.

    Parameters
    ----------
    output : Output
        What was observed.
    day : ndarray, shape (row,)
        Days.
    value : ndarray, shape (row,)
        Observed values.
    lloq : ndarray, shape (row,)
        Limit of quantification; minus infinity where there is none.
    below : ndarray of bool, shape (row,)
        Whether the value lies below it.
    simulated : ndarray, shape (study, row)
        Simulated values.
    """

    output: Output
    day: np.ndarray
    value: np.ndarray
    lloq: np.ndarray
    below: np.ndarray
    simulated: np.ndarray


def compare_quantiles(
    parts: Sequence[ComparedOutput], people: int, levels: Sequence[float] = LEVELS
) -> VisualPredictiveCheck:
    """Compare quantiles of observed values with those of simulated studies.

    Parameters
    ----------
    parts : sequence of ComparedOutput
        One for each output.
    people : int
        How many people were observed.
    levels : sequence of float
        Levels of the quantiles.

    Returns
    -------
    VisualPredictiveCheck
    """
    import polars as pl

    rows, panels = [], []
    for part in parts:
        value = np.where(part.below, -math.inf, part.value)
        simulated = np.where(part.simulated < part.lloq, -math.inf, part.simulated)
        bins = _bins(part.day)
        middles = [float(np.median(part.day[rows_])) for rows_ in bins]
        for day, here in zip(middles, bins, strict=True):
            limits = part.lloq[here]
            limit = float(np.nanmax(limits)) if np.isfinite(limits).any() else -math.inf
            at = np.maximum(np.quantile(value[here], levels, method="inverted_cdf"), limit)
            of = np.maximum(np.quantile(simulated[:, here], levels, axis=1, method="inverted_cdf"), limit)
            low, middle, high = np.quantile(of, (0.025, 0.5, 0.975), axis=1)
            for k, level in enumerate(levels):
                inside = bool(low[k] <= at[k] <= high[k])
                name = part.output.name
                rows.append((name, day, len(here), level, at[k], low[k], middle[k], high[k], inside))
        panels.append(_panel(part, middles, [simulated[:, here] for here in bins]))
    schema = ["output", "time_d", "values", "level", "observed", "low95", "median", "high95", "inside"]
    return VisualPredictiveCheck(
        pl.DataFrame(rows, schema=schema, orient="row"), len(parts[0].simulated), people, tuple(panels)
    )


@dataclass(frozen=True)
class _Seen:
    """What was observed, row by row; lloq : minus infinity where there is none."""

    who: tuple[str, ...]
    day: np.ndarray
    output: tuple[str, ...]
    value: np.ndarray
    lloq: np.ndarray
    below: np.ndarray


def _observations(data: Any) -> _Seen:
    table = read_columns(data, "vpc").cells
    for name in COLUMNS:
        if name not in table:
            raise InputError(
                "vpc", f"there is no column '{name}'", f"give {', '.join(COLUMNS)}, and lloq if you like"
            )
    lloq = _floats(table.get("lloq", [None] * len(table["id"])), "lloq", -math.inf)
    value = _floats(table["value"], "value")
    return _Seen(
        tuple(str(cell) for cell in table["id"]),
        _floats(table["time_d"], "time_d"),
        tuple(str(cell).strip() for cell in table["output"]),
        value,
        lloq,
        value < lloq,
    )


def _floats(cells: Sequence[Any], column: str, missing: float = math.nan) -> np.ndarray:
    values = []
    for row, cell in enumerate(cells, start=1):
        text = "" if cell is None else str(cell).strip()
        try:
            value = float(text) if text not in ("", "nan") else missing
        except (TypeError, ValueError):
            value = math.nan
        if math.isnan(value):
            raise InputError(
                f"vpc, row {row}, column {column}", "it is no number", "give one, or leave out the row"
            )
        values.append(value)
    return np.array(values, np.float64)


def _simulated(
    run: Trajectories, name: str, person: np.ndarray, day: np.ndarray, studies: int, people: int
) -> np.ndarray:
    """values[study, row]: those of the same person of each study, on the day of the row."""
    after = np.clip(np.searchsorted(run.days, day), 1, max(len(run.days) - 1, 1))
    if len(run.days) == 1:
        before, after, share = np.zeros_like(after), np.zeros_like(after), np.zeros(len(day))
    else:
        before = after - 1
        share = (day - run.days[before]) / (run.days[after] - run.days[before])
    who = np.arange(studies)[:, None] * people + person
    curve = run[name]
    return (1 - share) * curve[who, before] + share * curve[who, after]


def _bins(days: np.ndarray) -> list[np.ndarray]:
    """Rows of each time; of neighbouring times together where there are many."""
    once = np.unique(days)
    if len(once) <= MOST_BINS:
        return [np.flatnonzero(days == day) for day in once]
    edges = np.unique(np.quantile(days, np.linspace(0, 1, MOST_BINS + 1)))
    which = np.clip(np.searchsorted(edges, days, "right") - 1, 0, len(edges) - 2)
    return [np.flatnonzero(which == k) for k in np.unique(which)]


def _panel(part: ComparedOutput, days: list[float], simulated: list[np.ndarray]) -> Panel:
    from bonecast.charts import Panel, Point, Series, linear_domain, number_form, style_of, time_axis, y_span
    from bonecast.core import DAYS_IN

    output = part.output
    axis = time_axis(days if len(days) > 1 else [0.0, max(days[0], 1.0)])
    unit = DAYS_IN[axis.unit]
    finite = [np.where(np.isfinite(drawn), drawn, 0.0) for drawn in simulated]
    ranges = np.array([np.quantile(drawn, (0.05, 0.25, 0.5, 0.75, 0.95)) for drawn in finite]).T
    series = Series(
        "simulated", style_of(0), tuple(day / unit for day in days), tuple(map(tuple, ranges.tolist()))
    )
    points = tuple(
        Point(float(day / unit), float(max(value, lloq)), below=bool(below))
        for day, value, lloq, below in zip(part.day, part.value, part.lloq, part.below, strict=True)
    )
    return Panel(
        key=f"vpc-{output.name}",
        title=output.quantity[:1].upper() + output.quantity[1:],
        description=f"{output.quantity}: simulated ranges and {len(points)} observed values.",
        y_title=output.unit,
        x_title=axis.unit,
        x_domain=(0.0, max(days[-1] / unit, axis.ticks[-1])),
        y_domain=linear_domain(*y_span((series,), points)),
        form=number_form(series.median),
        series=(series,),
        rows_at=(),
        points=points,
        x_word=f"{axis.unit.removesuffix('s')} ",
        x_at=axis.ticks,
        height=150,
        note="Ranges: median, 50 and 90 % of simulated values. Points: observed values.",
    )
