"""Operating characteristics: how often trials of one design find what, in each truth, with the Monte Carlo error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from bonecast.core import Progress
from bonecast.trials.design import Design
from bonecast.trials.window import ALPHA, analyse, largest_change


@dataclass(frozen=True)
class Characteristic:
    """One operating characteristic: a result over all trials of one scenario.

    Parameters
    ----------
    name : str
        What it is.
    truth : str
        The data-generating scenario.
    kind : str
        "share" of trials, or "mean" over them.
    value : float
        The share or mean.
    error : float
        Monte Carlo standard error.
    trials : int
        How many trials had it.
    """

    name: str
    truth: str
    kind: str
    value: float
    error: float
    trials: int


def analyse_all(design: Design, outcomes: pl.DataFrame, progress: Progress | None = None) -> pl.DataFrame:
    """Analyse every trial of a window design in every scenario.

    Parameters
    ----------
    design : Design
        The design.
    outcomes : polars.DataFrame
        Outcomes of everybody.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    polars.DataFrame
        One row for each trial and scenario: the results of `analyse`, `trial` and `truth`.
    """
    report = progress or (lambda share, what: None)
    parts = outcomes.partition_by("trial", "truth", maintain_order=True)
    rows = []
    for i, part in enumerate(parts):
        if i % 50 == 0:
            report(
                i / len(parts), f"trial {i // len(design.truths) + 1} of {len(parts) // len(design.truths)}"
            )
        found = analyse(design, part)
        found["most_gain"] = largest_change(found, design.subtypes)
        rows.append({"trial": part["trial"][0], "truth": part["truth"][0], **found})
    return pl.DataFrame(rows, infer_schema_length=None)


def characteristics(design: Design, analysed: pl.DataFrame) -> tuple[Characteristic, ...]:
    """Compute the operating characteristics of a window design.

    Parameters
    ----------
    design : Design
        The design.
    analysed : polars.DataFrame
        From `analyse_all`.

    Returns
    -------
    tuple of Characteristic
        Every result in every scenario.

    Notes
    -----
    The Monte Carlo error of a share of n trials is sqrt(p (1 - p) / n), with one trial added to each side of p, so that
    it is not zero where all trials agree; of a mean it is SD / sqrt(n).
    """
    treated, control = (arm.name for arm in design.arms)
    found = []
    for name, kind, expression in _results(treated, control, design.subtypes):
        for truth in design.truths:
            values = analysed.filter(pl.col("truth") == truth.name).select(expression.alias("x"))["x"]
            values = values.cast(pl.Float64).fill_nan(None).drop_nulls()
            found.append(_of(name, truth.name, kind, values))
    return tuple(found)


def _of(name: str, truth: str, kind: str, values: pl.Series) -> Characteristic:
    n = len(values)
    if not n:
        return Characteristic(name, truth, kind, math.nan, math.nan, 0)
    mean = float(values.mean())  # type: ignore[arg-type]
    if kind == "share":
        near = (mean * n + 1) / (n + 2)
        return Characteristic(name, truth, kind, mean, math.sqrt(near * (1 - near) / n), n)
    sd = float(values.std()) if n > 1 else math.nan  # type: ignore[arg-type]
    return Characteristic(name, truth, kind, mean, sd / math.sqrt(n), n)


def _results(treated: str, control: str, kinds: tuple[str, ...]) -> list[tuple[str, str, pl.Expr]]:
    """Name, kind and expression of each result, in the order in which they are shown."""

    def below(column: str) -> pl.Expr:
        return pl.col(column) < ALPHA

    def rose(arm: int) -> pl.Expr:
        return below(f"TIL_{arm}_t_p") & (pl.col(f"TIL_{arm}_change") > 0)

    def rose_by_rank(arm: int) -> pl.Expr:
        return below(f"TIL_{arm}_wilcoxon_p") & (pl.col(f"TIL_{arm}_change") > 0)

    def mean(column: str) -> pl.Expr:
        return pl.col(column)

    return [
        (f"TIL: {treated} rises, paired t", "share", rose(0)),
        (f"TIL: {control} rises, paired t", "share", rose(1)),
        (f"TIL: {treated} rises and {control} does not", "share", rose(0) & ~rose(1)),
        (
            f"TIL: {treated} rises and {control} does not, signed rank",
            "share",
            rose_by_rank(0) & ~rose_by_rank(1),
        ),
        (
            f"TIL: {treated} rises, {control} does not, responders do not differ",
            "share",
            rose(0) & ~rose(1) & ~below("rise5_p") & ~below("rise10_p"),
        ),
        ("TIL: arms differ, analysis of covariance", "share", below("TIL_ratio_p")),
        ("TIL: 5-point responders differ, Fisher", "share", below("rise5_p")),
        ("TIL: 10-point responders differ, Fisher", "share", below("rise10_p")),
        ("TIL: effect differs by subtype, interaction", "share", below("interaction_p")),
        *((f"TIL: {kind} gains most", "share", pl.col("most_gain") == kind) for kind in kinds),
        (f"Ki67: {treated} changes, paired t", "share", below("Ki67_0_t_p")),
        (f"Ki67: {control} changes, paired t", "share", below("Ki67_1_t_p")),
        ("Ki67: arms differ, ratio of geometric means", "share", below("Ki67_ratio_p")),
        (f"TIL: change in {treated}, points", "mean", mean("TIL_0_change")),
        (f"TIL: change in {control}, points", "mean", mean("TIL_1_change")),
        (f"TIL: 10-point responders in {treated}, %", "mean", 100 * mean("rise10_0")),
        (f"TIL: 10-point responders in {control}, %", "mean", 100 * mean("rise10_1")),
        ("TIL: ratio of geometric means", "mean", mean("TIL_ratio")),
        (f"Ki67: change in {treated}, points", "mean", mean("Ki67_0_change")),
        (f"Ki67: change in {control}, points", "mean", mean("Ki67_1_change")),
        (f"Ki67: SD of change in {treated}, points", "mean", mean("Ki67_0_sd")),
        ("Ki67: ratio of geometric means", "mean", mean("Ki67_ratio")),
    ]
