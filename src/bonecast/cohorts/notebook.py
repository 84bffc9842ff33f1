"""What a notebook shows of a population and of people drawn from it: distributions, never a single person."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html, format_number
from bonecast.cohorts.column import columns
from bonecast.cohorts.describe import summary
from bonecast.core import grade_text

if TYPE_CHECKING:
    from bonecast.cohorts.covariates import Covariates
    from bonecast.cohorts.margin import Margin
    from bonecast.cohorts.source import Population

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
