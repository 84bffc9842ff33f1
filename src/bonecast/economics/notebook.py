"""What a notebook shows of an economic evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html

if TYPE_CHECKING:
    from bonecast.economics.valuation import Valuation


def valuation_html(found: Valuation) -> str:
    """The card of an evaluation: each strategy with its costs, quality-adjusted years and ratio."""
    design, rows = found.design, found.table().rows(named=True)
    columns = ("strategy", f"cost, {design.inputs.currency}", "QALYs", "cost of a QALY gained")
    cells = tuple(
        (
            row["strategy"],
            f"{row['cost']:,.0f}",
            f"{row['qalys']:.3f}",
            row["verdict"] if row["icer"] is None else f"{row['icer']:,.0f}",
        )
        for row in rows
    )
    line = f"{design.country}, {design.years:g} years, against {design.reference}; {design.draws:,} draws"
    return card_html(Card(design.title, (line,), table=Table(columns, cells)))
