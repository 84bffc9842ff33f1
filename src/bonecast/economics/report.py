"""The report of an evaluation: one HTML page, a CSV beside it for every table, and the numbers as JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from bonecast.charts import Table, svg
from bonecast.charts import table as picture_table
from bonecast.core import DISCLAIMER, check_folder, grade_text, json_text, write_texts
from bonecast.economics.pictures import acceptability_curves
from bonecast.economics.valuation import Valuation
from bonecast.reports import report_style, report_template

FILES = ("report.html", "value.json", "strategies.csv", "frontier.csv", "draws.csv", "acceptability.csv",
         "losses.csv", "budget.csv", "inputs.csv", "figure-acceptability.csv")  # fmt: skip
WORDS = {"rebound": "rebound", "lateness": "late injections", "exits": "stopping"}


@dataclass(frozen=True)
class ValueTable:
    """A table of the page: its file, caption and text, and its name where that is not the file's."""

    key: str
    caption: str
    text: Table
    name: str = ""


def report_value(
    found: Valuation, folder: str | os.PathLike[str], inputs: tuple[str | os.PathLike[str], ...] = ()
) -> dict[str, Path]:
    """Write the report of an evaluation into a folder.

    Parameters
    ----------
    found : Valuation
        The evaluation.
    folder : str or path
        Folder, which need not exist.
    inputs : tuple of path
        Files that were read, which are not written over.

    Returns
    -------
    dict of str to Path
        Files by name: report.html, value.json and CSV tables.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    check_folder(folder, inputs=inputs, writes=FILES)
    frames = {
        "strategies.csv": found.table(),
        "frontier.csv": found.frontier(),
        "draws.csv": found.draws(),
        "acceptability.csv": found.acceptability(),
        "losses.csv": found.losses(),
        "budget.csv": found.budget(),
        "inputs.csv": found.design.inputs.table(),
    }
    texts = {name: frame.write_csv(float_precision=6) for name, frame in frames.items() if frame.width}
    texts["figure-acceptability.csv"] = texts["acceptability.csv"]
    texts["value.json"] = json_text(content(found, frames))
    texts["report.html"] = _page(found, frames)
    return write_texts(folder, texts)


def content(found: Valuation, frames: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The evaluation as plain data."""
    design = found.design
    return {
        "name": design.name,
        "country": design.country,
        "currency": design.inputs.currency,
        "price_year": design.price_year,
        "reference": design.reference,
        "years": design.years,
        "age": round(found.age, 2),
        "without": list(design.without),
        "draws": design.draws,
        "seed": design.seed,
        "strategies": frames["strategies.csv"].rows(named=True),
        "frontier": frames["frontier.csv"].rows(named=True),
        "acceptable": [
            row
            for row in frames["acceptability.csv"].rows(named=True)
            if row["threshold"] in design.thresholds
        ],
        "losses": frames["losses.csv"].rows(named=True),
        "budget": frames["budget.csv"].rows(named=True),
        "standing": DISCLAIMER,
    }


def _page(found: Valuation, frames: Mapping[str, pl.DataFrame]) -> str:
    import bonecast

    design, picture = found.design, acceptability_curves(found)
    unverified = [row for row in design.inputs.rows if row.mark in ("recalled", "assumption")]
    page = report_template(files("bonecast.economics") / "value.html.jinja")
    return page.render(
        design=design,
        age=found.age,
        standing=DISCLAIMER,
        style=report_style(),
        version=bonecast.__version__,
        unverified=len(unverified),
        tables=_tables(found, frames),
        drawn=[{"picture": picture, "svg": svg(picture), "table": picture_table(picture)}],
    )


def _tables(found: Valuation, frames: Mapping[str, pl.DataFrame]) -> dict[str, ValueTable]:
    design, money = found.design, found.design.inputs.currency
    rows = frames["strategies.csv"].rows(named=True)
    kinds = design.fractures
    made = [
        ValueTable(
            "strategies",
            f"Each person over {design.years:g} years; differences from {design.reference}, 95 % range",
            Table(
                (
                    "strategy",
                    f"cost, {money}",
                    "QALYs",
                    "difference in cost",
                    "difference in QALYs",
                    "cost of a QALY gained",
                ),
                tuple(_strategy(row) for row in rows),
            ),
        ),
        ValueTable(
            "strategies",
            f"Where costs come from, {money} discounted, and fractures of 1,000 people",
            Table(
                (
                    "strategy",
                    "drug",
                    "administration",
                    "monitoring",
                    "fractures",
                    *(f"{k}, of 1,000" for k in kinds),
                ),
                tuple(
                    (
                        row["strategy"],
                        *(
                            f"{row[f'cost_{part}']:,.0f}"
                            for part in ("drug", "administration", "monitoring", "fractures")
                        ),
                        *(f"{row[f'{kind}_fractures_per_1000']:,.1f}" for kind in kinds),
                    )
                    for row in rows
                ),
            ),
            "parts",
        ),
        ValueTable(
            "frontier",
            "From the cheapest on: each against the next that is not dominated",
            Table(
                ("strategy", f"cost, {money}", "QALYs", "cost of a QALY gained", "status"),
                tuple(
                    (r["strategy"], f"{r['cost']:,.0f}", f"{r['qalys']:.3f}", _number(r["icer"]), r["status"])
                    for r in frames["frontier.csv"].rows(named=True)
                ),
            ),
        ),
        ValueTable(
            "inputs",
            "Inputs, each with its source",
            Table(
                ("item", "of", "at", "value (95 % range)", "unit", "mark", "source"),
                tuple(_input(row) for row in design.inputs.table().rows(named=True)),
            ),
        ),
    ]
    if frames["losses.csv"].height:
        made.append(
            ValueTable(
                "losses",
                f"What 1,000 people lose, against the same evaluation without it; costs in {money}",
                Table(
                    ("strategy", "by", "cost", "QALYs lost", *(f"{k} fractures" for k in kinds)),
                    tuple(
                        (
                            r["strategy"],
                            WORDS[r["of"]],
                            f"{r['cost_per_1000']:+,.0f}",
                            f"{r['qalys_lost_per_1000']:.2f}",
                            *(f"{r[f'{kind}_fractures_per_1000']:+.2f}" for kind in kinds),
                        )
                        for r in frames["losses.csv"].rows(named=True)
                    ),
                ),
            )
        )
    if frames["budget.csv"].height:
        made.append(
            ValueTable(
                "budget",
                f"Budget by year, {money}, not discounted",
                Table(
                    ("year", "as things are", "as they would be", "difference"),
                    tuple(
                        (f"{r['year']}", *(f"{r[key]:,.0f}" for key in ("now", "then", "difference")))
                        for r in frames["budget.csv"].rows(named=True)
                    ),
                ),
            )
        )
    return {one.name or one.key: one for one in made}


def _strategy(row: Mapping[str, Any]) -> tuple[str, ...]:
    head = (row["strategy"], f"{row['cost']:,.0f}", f"{row['qalys']:.3f}")
    if row["verdict"] == "reference":
        return (*head, "", "", "reference")
    cost = f"{row['cost_difference']:+,.0f} ({row['cost_difference_low']:,.0f} to {row['cost_difference_high']:,.0f})"
    gain = f"{row['qaly_difference']:+.4f} ({row['qaly_difference_low']:.4f} to {row['qaly_difference_high']:.4f})"
    return (*head, cost, gain, _number(row["icer"]) or row["verdict"])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _input(row: Mapping[str, Any]) -> tuple[str, ...]:
    spread = "" if row["law"] == "fixed" else f" ({row['low']:g} to {row['high']:g}, {row['law']})"
    named = ", ".join(word for word in (row["of"], row["fracture"]) if word)
    at = "" if row["at"] != row["at"] else f"{row['at']:g}"
    return (
        row["item"],
        named,
        at,
        f"{row['value']:g}{spread}",
        row["unit"],
        grade_text(row["mark"]),
        row["source"],
    )
