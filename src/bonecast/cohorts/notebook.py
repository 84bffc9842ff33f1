"""What a notebook shows of a population and of people drawn from it: distributions, never a single person."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bonecast.charts import Card, Table, card_html, format_number, format_range
from bonecast.cohorts.column import columns
from bonecast.cohorts.describe import summary
from bonecast.core import grade_text

if TYPE_CHECKING:
    from bonecast.cohorts.cohort import Cohort
    from bonecast.cohorts.covariates import Covariates
    from bonecast.cohorts.margin import Margin
    from bonecast.cohorts.source import Population
    from bonecast.cohorts.trajectories import Trajectories

FORM = ".3g"


def population_html(population: Population) -> str:
    """The card of a population."""
    margins = [
        (m.name.replace("_", " "), _typical(m), _bounds(m), grade_text(m.mark))
        for m in population.margins.values()
    ]
    shares = [
        (s.name.replace("_", " "), f"{100 * s.value:.0f} %", "", grade_text(s.mark))
        for s in population.shares.values()
    ]
    rows = (*shares[:4], *margins, *shares[4:])
    return card_html(
        Card(
            population.title,
            (f"{len(margins)} margins, {len(shares)} shares; virtual people",),
            table=Table(("quantity", "typical", "bounds", "evidence"), rows),
            remarks=(f"Must not be taken for: {population.is_not}",) if population.is_not else (),
        )
    )


def covariates_html(people: Covariates) -> str:
    """The card of people drawn: mean and SD, or the share, of each covariate."""
    known = {name: people[name] for name in people if name in columns()}
    rows = []
    for row in summary(known) if people.count else ():
        if row["sd"] is None:
            of = f"{100 * row['mean']:.0f} %"
        else:
            of = f"{format_number(row['mean'], FORM)} ({row['sd']:{FORM}}) {row['unit']}"
        rows.append((row["label"], of))
    return card_html(
        Card(
            f"{people.count:,} virtual people",
            table=Table(("covariate", "mean (SD), or share"), tuple(rows)),
        )
    )


def cohort_html(cohort: Cohort) -> str:
    """The card of a cohort: of which model, how many, and in which parameters they differ."""
    rows = tuple(
        (
            name,
            format_number(float(np.median(values)), FORM),
            cohort.model.parameter_set.parameters[name].unit,
        )
        for name, values in cohort.parameters.items()
    )
    return card_html(
        Card(
            f"{cohort.count:,} virtual people of {cohort.model.name}",
            (
                f"{len(cohort.random_effects)} random effects; {len(cohort.parameters)} parameters of their own",
            ),
            table=Table(("parameter", "median", "unit"), rows),
        )
    )


def trajectories_html(run: Trajectories) -> str:
    """The card of trajectories: the median and the 90 % range of each output on the last day."""
    rows = []
    for name in run.outputs if run.succeeded.any() else ():
        low, middle, high = np.quantile(run.values[name][run.succeeded, -1], (0.05, 0.5, 0.95))
        rows.append((name, f"{format_number(middle, FORM)} ({format_range(low, high, FORM)})"))
    return card_html(
        Card(
            f"Trajectories of {len(run.succeeded):,} people to day {run.days[-1]:g}",
            (f"{int(run.succeeded.sum()):,} people could be followed",),
            table=Table(("output", f"median (90 % range) on day {run.days[-1]:g}"), tuple(rows)),
        )
    )


def _typical(margin: Margin) -> str:
    """The typical value, where it is one for all ages."""
    return (
        f"{format_number(margin.typical, 'g')} {margin.unit}" if math.isfinite(margin.typical) else "by age"
    )


def _bounds(margin: Margin) -> str:
    low, high = (format_number(end, "g") if math.isfinite(end) else "" for end in (margin.low, margin.high))
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"to {high}" if high else ""
