"""The report of a bone trial's run: flow, baseline, curves, endpoints, events and groups, and a CSV beside each."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from bonecast.charts import Picture, svg, table
from bonecast.core import DISCLAIMER, Progress, atomic_write, check_folder
from bonecast.reports import report_style, report_template
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import EVENT_KINDS, EffectRow, TrialEndpoint, analyse, columns_of, forest
from bonecast.trials.power_looks import Look, looks
from bonecast.trials.report_baseline import baseline_table
from bonecast.trials.report_curves import curves
from bonecast.trials.report_events import grove, stairs
from bonecast.trials.report_flow import FlowBranch, flow, flow_data, screened
from bonecast.trials.report_source import RunOutcomes
from bonecast.trials.report_tables import (
    described,
    endpoint_table,
    many_table,
    shared_table,
    summary_table,
    tipping_table,
)
from bonecast.trials.tables import Shown


@dataclass(frozen=True)
class Figure:
    """A picture and its data."""

    picture: Picture
    data: pl.DataFrame


@dataclass(frozen=True)
class Findings:
    """Everything that the page of a bone trial shows. rows : of the first trial, by endpoint. screened : candidates."""

    rows: dict[str, list[EffectRow]]
    screened: int | None
    branches: tuple[FlowBranch, ...]
    curves: tuple[Figure, ...]
    stairs: tuple[Figure, ...]
    groves: tuple[Figure, ...]
    tables: tuple[Shown, ...]
    details: tuple[Shown, ...]
    looks: dict[str, tuple[Look, ...]]


def report_bone(
    design: BoneDesign, source: RunOutcomes, folder: str | os.PathLike[str], progress: Progress | None = None
) -> tuple[tuple[EffectRow, ...], dict[str, Path]]:
    """Analyse a finished run of a bone trial and write its report into the folder; nothing is run again.

    One endpoint's columns are in memory at a time. Returns the decisive rows of the first trial, and the files by name.
    """
    home = check_folder(folder)
    found = findings(design, source, progress)
    texts = {"report.html": _page(design, found), "flow.csv": _csv(flow_data(found.branches, found.screened))}
    texts |= {f"{one.key}.csv": _csv(one.data) for one in (*found.tables, *found.details)}
    drawn = (*found.curves, *found.stairs, *found.groves)
    texts |= {f"figure-{one.picture.key}.csv": _csv(one.data) for one in drawn}
    with ExitStack() as waiting:
        for name, text in texts.items():
            beside = waiting.enter_context(atomic_write(home / name))
            beside.write_text(text, encoding="utf-8", newline="\n")
    decisive = tuple(row for rows in found.rows.values() for row in rows if row.decisive)
    return decisive, {name: home / name for name in texts}


def findings(design: BoneDesign, source: RunOutcomes, progress: Progress | None = None) -> Findings:
    """All analyses and pictures of a run."""
    report = progress or (lambda share, what: None)
    ordered = sorted(design.endpoints, key=lambda one: not one.primary)
    rows: dict[str, list[EffectRow]] = {}
    climbs, groves, planned, many = [], [], {}, []
    for i, endpoint in enumerate(ordered):
        report(i / (len(ordered) + 2), endpoint.name)
        frame = source.take(columns_of(endpoint, design.strata, source.columns), 0)
        rows[endpoint.name] = analyse(endpoint, frame, design)
        if endpoint.kind in EVENT_KINDS:
            climbs.append(Figure(*stairs(design, endpoint, frame)))
        if endpoint.subgroups:
            groves.append(Figure(*grove(design, endpoint, forest(endpoint, frame, design))))
        if design.interims and endpoint.primary:
            planned[endpoint.name] = looks(design, endpoint, frame)
        del frame
        if design.trials > 1:
            many += _over_trials(design, source, endpoint)
    report(len(ordered) / (len(ordered) + 2), "curves")
    first = ordered[0] if ordered else None
    pictures = tuple(Figure(*one) for one in curves(design, source))
    tables = [baseline_table(design, source)]
    if ordered:
        tables.append(summary_table(design, rows))
        if design.trials > 1:
            tables.append(many_table(design, pl.DataFrame(many, infer_schema_length=None)))
        if (shared := shared_table(design, rows)) is not None:
            tables.append(shared)
        if (tips := tipping_table(design, ordered, source)) is not None:
            tables.append(tips)
    details = tuple(endpoint_table(one, rows[one.name], f"endpoint-{i}") for i, one in enumerate(ordered, 1))
    return Findings(
        rows,
        screened(design, source),
        flow(design, source, first, _analysed(rows[first.name]) if first and design.trials == 1 else {}),
        pictures,
        tuple(climbs),
        tuple(groves),
        tuple(one for one in tables if one is not None),
        details,
        planned,
    )


def _over_trials(design: BoneDesign, source: RunOutcomes, endpoint: TrialEndpoint) -> list[dict[str, Any]]:
    """The decisive rows of every trial."""
    whole = source.take(columns_of(endpoint, design.strata, source.columns))
    found = []
    for part in whole.partition_by("trial", maintain_order=True):
        kept = [row for row in analyse(endpoint, part, design, True) if row.decisive]
        found += [{"trial": part["trial"][0], **vars(row)} for row in kept]
    return found


def _analysed(rows: list[EffectRow]) -> dict[str, int]:
    """People in the decisive analysis, by arm."""
    counts: dict[str, int] = {}
    for row in rows:
        if row.decisive:
            counts |= {row.arm: row.n, row.reference: row.n_reference}
    return counts


def _csv(data: pl.DataFrame) -> str:
    return data.write_csv(float_precision=6)


def _page(design: BoneDesign, found: Findings) -> str:
    import bonecast

    room = files("bonecast")
    page = report_template(room / "trials" / "bone_trial.html.jinja")

    def shown(figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
        return [{"picture": f.picture, "svg": svg(f.picture), "table": table(f.picture)} for f in figures]

    ordered = sorted(design.endpoints, key=lambda one: not one.primary)
    return page.render(
        design=design,
        model=design.model,
        standing=DISCLAIMER,
        style=report_style() + (room / "trials" / "bone_trial.css").read_text("utf-8"),
        version=bonecast.__version__,
        people=design.people * design.trials,
        screened=found.screened,
        branches=found.branches,
        tables={one.key: one for one in found.tables},
        details=[
            {"table": one, "words": described(e)} for one, e in zip(found.details, ordered, strict=True)
        ],
        curves=shown(found.curves),
        stairs=shown(found.stairs),
        groves=shown(found.groves),
        looks=found.looks,
    )
