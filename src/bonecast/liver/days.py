"""One row for each person and moment: the multiples of that day, and what was measured near it."""

from __future__ import annotations

import polars as pl

from bonecast.liver.baseline import in_baseline
from bonecast.liver.definition import alp_of_liver
from bonecast.liver.threshold import limit

SHORT = {"ALT": "alt", "AST": "ast", "ALP": "alp", "GGT": "ggt", "bilirubin": "bili"}
NEAR = ("bili_x", "inr", "eosinophils", "ggt_x")


def days_of(values: pl.DataFrame, people: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The days under treatment, sorted by person and time, and the means before treatment.

    A value is of before treatment where its row says so or where it lies before the first dose (`start`).
    Multiples are of the upper limit (`alt_x`); `alt_ref` and its like are of the mean before treatment where
    that was raised; `bili_near_x` and its like are the highest within 30 days of the day.
    """
    known = people.select("person", "start", "bone_alp", "alp_origin", "symptoms").with_row_index("pid")
    ids = known.select(pl.col("person").cast(values.schema["person"]), "pid", "start")
    dated = values.join(ids, on="person", how="left").with_columns(
        before=(pl.col("at") < pl.col("start")).fill_null(False) | pl.col("baseline").fill_null(False)
    )
    base = _before(dated.filter("before"))
    days = _wide(dated.filter(~pl.col("before"))).sort("pid", "at")
    days = pl.concat([days, _near(days)], how="horizontal")
    days = days.join(base, on="pid", how="left").join(known, on="pid", how="left").sort("pid", "at")
    refs = {f"{one}_ref": in_baseline(f"{one}_x", f"{one}_base") for one in ("alt", "alp")}
    days = days.with_columns(
        amt_x=pl.max_horizontal("alt_x", "ast_x"),
        bili_near_ref=in_baseline("bili_near_x", "bili_base"),
        alp_of_liver=alp_of_liver("ggt_near_x"),
        **refs,
    )
    return days, base


def _wide(dated: pl.DataFrame) -> pl.DataFrame:
    """A column for each test. There is one value for each moment, so the highest is that value."""

    def only(test: str, column: str) -> pl.Expr:
        return pl.when(pl.col("test") == test).then(pl.col(column)).max()

    return dated.group_by("pid", "at").agg(
        *(only(test, "x").alias(f"{short}_x") for test, short in SHORT.items()),
        only("bilirubin", "value").alias("bili_mg_dl"),
        only("INR", "value").alias("inr"),
        only("eosinophils", "value").alias("eosinophils"),
        only("albumin", "value").alias("albumin_g_l"),
    )


def _near(days: pl.DataFrame) -> pl.DataFrame:
    """The highest of each of `NEAR` within so many days before or after, for each day."""
    reach = round(limit("near_d"))
    names = [
        pl.col(name).max().alias(name.replace("_x", "") + "_near" + "_x" * name.endswith("_x"))
        for name in NEAR
    ]
    window = days.rolling("at", period=f"{2 * reach}d", offset=f"-{reach}d", closed="both", group_by="pid")
    return window.agg(names).drop("pid", "at")


def _before(dated: pl.DataFrame) -> pl.DataFrame:
    """The mean multiple of each test before treatment, and how many values it rests on."""

    def mean(test: str) -> pl.Expr:
        return pl.col("x").filter(pl.col("test") == test).mean().round_sig_figs(9)

    means = {f"{short}_base": mean(test) for test, short in SHORT.items() if test != "GGT"}
    return dated.group_by("pid").agg(**means, values_before=pl.len())
