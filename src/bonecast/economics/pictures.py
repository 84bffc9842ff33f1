"""The picture of an evaluation: how often each strategy is the best, by what a quality-adjusted year may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Panel, Series, style_of

if TYPE_CHECKING:
    from bonecast.economics.valuation import Valuation


def acceptability_curves(found: Valuation) -> Panel:
    """Acceptability curves, one for each strategy."""
    table, design = found.acceptability(), found.design
    series = []
    for i, name in enumerate(design.strategies):
        own = table.filter(strategy=name)
        share = tuple(100 * x for x in own["share"])
        series.append(Series(name, style_of(i), tuple(x / 1000 for x in own["threshold"]), (share,) * 5))
    at = design.thresholds[-1]
    ends = table.filter(threshold=at)
    said = "; ".join(f"{row['strategy']} {100 * row['share']:.0f} %" for row in ends.rows(named=True))
    return Panel(
        key="acceptability",
        title="Acceptability",
        description=f"At {at:,.0f} {design.inputs.currency} for a quality-adjusted year: {said}.",
        y_title="draws in which it is the best, %",
        x_title=f"thousand {design.inputs.currency} for a quality-adjusted year",
        x_domain=(0.0, series[0].x[-1]),
        y_domain=(0.0, 100.0),
        form=".0f",
        series=tuple(series),
        rows_at=tuple(x / 1000 for x in design.thresholds),
        note=f"{design.draws:,} draws of the inputs.",
    )
