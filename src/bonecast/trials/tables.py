"""The tables of a window report: each as columns and rows of text for the page, and as data for a CSV beside it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import polars as pl

from bonecast.charts import Table, format_number, format_range
from bonecast.trials.characteristics import Characteristic
from bonecast.trials.design import Design
from bonecast.trials.flow import flow


@dataclass(frozen=True)
class Shown:
    """A table of the page: its file name, caption, text and data."""

    key: str
    caption: str
    text: Table
    data: pl.DataFrame


def flow_table(design: Design, outcomes: pl.DataFrame) -> Shown:
    """Who went where."""
    columns = ("arm", "plan", "randomised", "not evaluable", "analysed")
    rows = tuple((b.arm, b.plan, b.randomised, b.lost, b.analysed) for b in flow(design, outcomes))
    caption = (
        f"Flow: {design.people} women in each of {design.trials:,} trials; mean and range of 9 in 10 trials"
    )
    return Shown("flow", caption, Table(columns, rows), pl.DataFrame(rows, schema=columns, orient="row"))


def characteristic_table(design: Design, found: Iterable[Characteristic], kind: str) -> Shown:
    """Results by truth, with the Monte Carlo error; kind : "share" or "mean"."""
    kept = [one for one in found if one.kind == kind]
    truths = [truth.name for truth in design.truths]
    names = list(dict.fromkeys(one.name for one in kept))
    at = {(one.name, one.truth): one for one in kept}
    rows = tuple((name, *(_with_error(at[name, truth]) for truth in truths)) for name in names)
    caption = {
        "share": "How often trials find it, % of trials ± Monte Carlo standard error",
        "mean": "Means over trials ± Monte Carlo standard error",
    }[kind]
    data = pl.DataFrame([vars(one) for one in kept])
    key = {"share": "characteristics", "mean": "means"}[kind]
    return Shown(key, caption, Table(("result", *truths), rows), data)


def first_trial(design: Design, analysed: pl.DataFrame) -> Shown:
    """One trial as it might be published, in each truth: the same women, allocation and errors of reading."""
    first = {row["truth"]: row for row in analysed.filter(pl.col("trial") == 0).to_dicts()}
    truths = [truth.name for truth in design.truths]
    rows = []
    for name in ("TIL", "Ki67"):
        for i, arm in enumerate(design.arms):
            rows.append(
                (
                    f"{name}, {arm.name}, % before and after",
                    *(_paired(first[t], f"{name}_{i}") for t in truths),
                )
            )
        rows.append(
            (
                f"{name}, ratio of geometric means between arms",
                *(_ratio(first[t], f"{name}_ratio") for t in truths),
            )
        )
    rows.append(("TIL, women with a rise of 10 points or more, %", *(_rise(first[t]) for t in truths)))
    rows.append(("TIL, interaction of arm with subtype", *(_p(first[t]["interaction_p"]) for t in truths)))
    data = analysed.filter(pl.col("trial") == 0)
    caption = "The first of the trials, as it might be published in each truth"
    return Shown("first-trial", caption, Table(("result", *truths), tuple(rows)), data)


def subgroup_table(design: Design, analysed: pl.DataFrame) -> Shown:
    """By subtype: the treated women's change, and the ratio between arms, over all trials."""
    rows, data = [], []
    for kind in design.subtypes:
        cells = []
        for truth in design.truths:
            mine = analysed.filter(pl.col("truth") == truth.name)
            change, ratio = _quantiles(mine[f"change_{kind}"]), _quantiles(mine[f"ratio_{kind}"])
            cells.append(f"{_range(change, '+.1f')}; {_range(ratio, '.2f')}")
            data.append((kind, truth.name, *change, *ratio))
        rows.append((kind, *cells))
    columns = [
        "subtype",
        "truth",
        *(f"{what}_{q}" for what in ("change", "ratio") for q in ("p05", "p50", "p95")),
    ]
    caption = (
        f"TIL by subtype: change in points in {design.arms[0].name}; ratio between arms."
        " Median and range of 9 in 10 trials"
    )
    text = Table(("subtype", *(truth.name for truth in design.truths)), tuple(rows))
    return Shown("subgroups", caption, text, pl.DataFrame(data, schema=columns, orient="row"))


def published() -> list[dict[str, str]]:
    """What was published of the trial that the preset follows: statement, mark, source."""
    text = (files("bonecast.trials") / "window_published.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _with_error(one: Characteristic) -> str:
    if math.isnan(one.value):
        return "none"
    if one.kind == "share":
        return f"{100 * one.value:.1f} ± {100 * one.error:.1f}"
    return f"{format_number(one.value, '.2f')} ± {one.error:.2f}"


def _paired(row: Mapping[str, Any], key: str) -> str:
    return f"{row[f'{key}_before']:.1f} to {row[f'{key}_after']:.1f}, {_p(row[f'{key}_t_p'])}, n {row[f'{key}_n']}"


def _ratio(row: Mapping[str, Any], key: str) -> str:
    if math.isnan(row[key]):
        return "none"
    return f"{row[key]:.2f} ({format_range(row[f'{key}_low'], row[f'{key}_high'], '.2f')}), {_p(row[f'{key}_p'])}"


def _rise(row: Mapping[str, Any]) -> str:
    return f"{100 * row['rise10_0']:.0f} against {100 * row['rise10_1']:.0f}, {_p(row['rise10_p'])}"


def _p(p: float | None) -> str:
    """A p value in words.

    >>> _p(0.0004), _p(0.0312), _p(None)
    ('p < 0.001', 'p 0.031', 'no p')
    """
    if p is None or math.isnan(p):
        return "no p"
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"


def _quantiles(values: pl.Series) -> tuple[float, float, float]:
    kept = values.cast(pl.Float64).fill_nan(None).drop_nulls()
    low, mid, high = (kept.quantile(q, "linear") for q in (0.05, 0.5, 0.95))
    return tuple(math.nan if q is None else float(q) for q in (low, mid, high))  # type: ignore[return-value]


def _range(found: tuple[float, float, float], form: str) -> str:
    low, middle, high = found
    return (
        "none" if math.isnan(middle) else f"{format_number(middle, form)} ({format_range(low, high, form)})"
    )
