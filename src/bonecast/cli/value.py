"""`bonecast value`: costs and quality-adjusted years of strategies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bonecast.cli.output import AsJson, echo, echo_json, heading, table
from bonecast.cli.progress import hear_notices, progress
from bonecast.core import DISCLAIMER


def value(
    design: Annotated[str, typer.Argument(help="DESIGN.toml, which names its tables of inputs.")],
    out: Annotated[str, typer.Option(help="Folder for report.html, value.json and CSV tables.")],
    losses: Annotated[bool, typer.Option(help="Also say what rebound, lateness and exits cost.")] = True,
    as_json: AsJson = False,
) -> None:
    """Costs and quality-adjusted years of strategies, their uncertainty, and what lateness costs."""
    from bonecast.economics import evaluate, read_value_design, report_value

    hear_notices()
    asked = read_value_design(design)
    with progress("value") as step:
        found = evaluate(asked, losses, step)
    paths = report_value(found, out, (design, *Path(design).parent.glob("*.csv")))
    rows = found.table().rows(named=True)
    if as_json:
        return echo_json(
            {
                "strategies": rows,
                "losses": found.losses().rows(named=True),
                "files": [str(p) for p in paths.values()],
            }
        )
    echo(
        f"{asked.title}: {asked.country}, {asked.years:g} years, {asked.inputs.currency} of {asked.price_year}\n"
    )
    table(
        ["strategy", "cost", "QALYs", "difference in cost", "in QALYs", "cost of a QALY gained"],
        [
            [
                row["strategy"],
                f"{row['cost']:,.0f}",
                f"{row['qalys']:.3f}",
                f"{row['cost_difference']:+,.0f}",
                f"{row['qaly_difference']:+.4f}",
                row["verdict"] if row["icer"] is None else f"{row['icer']:,.0f}",
            ]
            for row in rows
        ],
    )
    if found.left_out:
        heading("What 1,000 people lose by it")
        table(
            ["strategy", "by", "cost", "QALYs"],
            [
                [r["strategy"], r["of"], f"{r['cost_per_1000']:+,.0f}", f"{r['qalys_lost_per_1000']:.2f}"]
                for r in found.losses().rows(named=True)
            ],
        )
    echo(f"\nreport: {paths['report.html']}\nNobody in it is real.\n{DISCLAIMER}")
