"""What a notebook shows of a population and of people drawn from it: distributions, never a single person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html
from bonecast.populations.columns import columns
from bonecast.populations.summary import summary
from bonecast.words import mark_said

if TYPE_CHECKING:
    from bonecast.populations.covariates import Covariates
    from bonecast.populations.population import Population


def population_html(population: Population) -> str:
    """The card of a population."""
    margins = [
        (m.name.replace("_", " "), f"{m.typical:g} {m.unit}", f"{m.low:g} to {m.high:g}", mark_said(m.mark))
        for m in population.margins.values()
    ]
    shares = [
        (s.name.replace("_", " "), f"{100 * s.value:.0f} %", "", mark_said(s.mark))
        for s in population.shares.values()
    ]
    rows = tuple([*shares[:4], *margins, *shares[4:]])
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
        of = f"{row['mean']:.3g} ({row['sd']:.2g}) {row['unit']}" if row["unit"] else f"{100 * row['mean']:.0f} %"
        rows.append((row["label"], of))
    return card_html(
        Card(
            f"{people.count} virtual people",
            table=Table(("covariate", "mean (SD), or share"), tuple(rows)),
        )
    )
