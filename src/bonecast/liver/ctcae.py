"""Grades of one value by the Common Terminology Criteria for Adverse Events, version 5."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import polars as pl

from bonecast.liver.baseline import in_baseline
from bonecast.liver.threshold import limit

VERSION = "CTCAE v5"  # version 3 drew the first ALT line at 2.5: its grades are not these
GRADED = {"ALT": "alt", "AST": "ast", "ALP": "alp", "bilirubin": "bili"}


def ctcae_grade(test: str, peak_x: str, base_x: str) -> pl.Expr:
    """Which grade, 0 to 4, has the peak of this test? An upper limit belongs to the lower grade.

    `peak_x` and `base_x` are columns in multiples of the upper limit; where the value before treatment was
    raised, the peak is read in multiples of that value and by the limits for a raised baseline.
    Source: CTCAE v5 (`ctcae.csv`).

    >>> alt = pl.DataFrame({"peak": [20.0, 6.0], "base": [None, 3.0]})
    >>> alt.select(ctcae_grade("ALT", "peak", "base")).to_series().to_list()
    [3, 1]
    """
    multiple = in_baseline(peak_x, base_x)
    of_raised = _graded(multiple, "raised", test)
    return (
        pl.when(pl.col(base_x) > limit("raised"))
        .then(of_raised)
        .otherwise(_graded(multiple, "normal", test))
        .cast(pl.Int8)
    )


def _graded(multiple: pl.Expr, baseline: str, test: str) -> pl.Expr:
    row = ctcae_rows()[test, baseline]
    first = float(row["from"])
    below = multiple < first if row["from_included"] == "yes" else multiple <= first
    steps = [multiple <= float(row[f"grade_{grade}_to"]) for grade in (1, 2, 3)]
    return (
        pl.when(multiple.is_null())
        .then(None)
        .when(below)
        .then(0)
        .when(steps[0])
        .then(1)
        .when(steps[1])
        .then(2)
        .when(steps[2])
        .then(3)
        .otherwise(4)
    )


@cache
def ctcae_rows() -> dict[tuple[str, str], dict[str, str]]:
    """The printed limits, by test and by baseline (normal, raised)."""
    text = (files("bonecast.liver") / "ctcae.csv").read_text("utf-8")
    return {(row["test"], row["baseline"]): row for row in csv.DictReader(text.splitlines())}
