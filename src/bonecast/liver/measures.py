"""What the laboratory values of each person say: peaks, R, pattern, case, grades, severity, Hy's law, eDISH.

One person is a cohort of one: the same expressions read a single panel and a million of them. Conditions have
three values; what cannot be known from the values given is null.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from bonecast.liver import hy
from bonecast.liver.baseline import in_baseline
from bonecast.liver.ctcae import GRADED, ctcae_grade
from bonecast.liver.days import days_of
from bonecast.liver.definition import alp_of_liver, case_by_alp, case_by_alt, case_by_jaundice
from bonecast.liver.people import people_of
from bonecast.liver.ratio import pattern, r_value
from bonecast.liver.severity import certain, dilin_grades, international_grades, possible
from bonecast.liver.stopping import lasting, stop_on_a_day, stop_rules
from bonecast.liver.threshold import limit

UNKNOWN = pl.lit(None, pl.Boolean)


def measure(values: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """One row for each person of `people`, in that order, from values that `admit` has checked.

    `people` has a column person and any of `people.COLUMNS`. Multiples are of the upper limit of normal; dates
    are moments of the values. Columns of unknown content are null.
    """
    people = people_of(people)
    days, base = days_of(values, people)
    persons = people.with_row_index("pid")
    for part in (base, _peaks(days), _initial(days, persons), lasting(days)):
        persons = persons.join(part, on="pid", how="left", maintain_order="left")
    persons = persons.with_columns(
        upper_right=_when_measured("amt_peak_x", "upper_right", "bili_peak_x", "hy_bilirubin"),
        case_jaundice=_when_measured("alt_peak_x", "case_jaundice", "bili_peak_x", "case_bilirubin"),
        R=r_value("alt_initial_x", "alp_initial_x"),
        cholestasis=_cholestasis(),
        values_before=pl.col("values_before").fill_null(0),
    ).with_columns(
        R_meaningful=(pl.col("alt_initial_x") > limit("raised"))
        | (pl.col("alp_initial_x") > limit("raised")),
        pattern_2016=pattern("R", "rucam-2016"),
        pattern_livertox=pattern("R", "livertox"),
        dili=pl.any_horizontal("case_alt", "case_alp", "case_jaundice"),
        hy_biochem=hy.hy_biochem(),
        hy_by_r=hy.hy_by_r(),
        edish=hy.quadrant("alt_peak_x", "bili_edish_x"),
        alt_edish_base=in_baseline("alt_peak_x", "alt_base"),
        bili_edish_base=in_baseline("bili_edish_x", "bili_base"),
        dilin=certain(dilin_grades()),
        dilin_possible=possible(dilin_grades()),
        international=certain(international_grades()),
        international_possible=possible(international_grades()),
        **{f"ctcae_{s}": ctcae_grade(test, f"{s}_peak_x", f"{s}_base") for test, s in GRADED.items()},
        **stop_rules(),
    )
    return persons.with_columns(
        edish_base=hy.quadrant("alt_edish_base", "bili_edish_base"), hy_law=hy.hy_law()
    ).drop("pid")


def _peaks(days: pl.DataFrame) -> pl.DataFrame:
    """First and highest values under treatment, and which conditions any day fulfils."""
    tests = ("alt", "ast", "alp", "ggt", "bili")
    firsts = {f"{one}_first_x": pl.col(f"{one}_x").drop_nulls().first() for one in tests}
    highest = {f"{one}_peak_x": pl.col(f"{one}_x").max() for one in (*tests, "amt")}
    highest |= {f"{one}_peak_at": pl.col("at").get(pl.col(f"{one}_x").arg_max()) for one in tests}
    with_alp = pl.col("alp_x").is_not_null()
    return days.group_by("pid").agg(
        **firsts,
        **highest,
        bili_peak_mg_dl=pl.col("bili_mg_dl").max(),
        inr_peak=pl.col("inr").max(),
        albumin_lowest_g_l=pl.col("albumin_g_l").min(),
        bili_edish_x=pl.col("bili_near_x").get(pl.col("alt_x").arg_max()),
        case_alt=case_by_alt().max(),  # null where ALT was never measured
        case_alp=_any(case_by_alp(), with_alp),
        case_jaundice=_any(case_by_jaundice(), pl.col("alt_x").is_not_null()),
        upper_right=_any(hy.upper_right_on_a_day(), pl.col("amt_x").is_not_null()),
        **{name: _any(told, pl.col("amt_x").is_not_null()) for name, told in stop_on_a_day().items()},
        panels=pl.len(),
    )


def _any(told: pl.Expr, counts: pl.Expr) -> pl.Expr:
    """Is it so on any of the days that count? Unknown where none is true and one is unknown, or none counts."""
    told = told.filter(counts)
    return pl.when(told.len() > 0).then(told.any(ignore_nulls=False))


def _when_measured(first: str, told: str, second: str, bound: str) -> pl.Expr:
    """A condition on pairs: where the first of the pair was never measured, a low second still makes it false."""
    without = UNKNOWN & (pl.col(second) > limit(bound))
    return pl.when(pl.col(first).is_null()).then(without).otherwise(pl.col(told))


def _initial(days: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """The first day of the injury with the ALT and ALP drawn on it, or not more than two days away.

    It is the first day that makes a case; without one, the first on which ALT or ALP is raised; without that,
    the first day. `onset_by` says which.
    """
    case = pl.any_horizontal(case_by_alt(), case_by_alp(), case_by_jaundice()).fill_null(False)
    raised = pl.any_horizontal(pl.col(x) > limit("raised") for x in ("alt_x", "alp_x")).fill_null(False)
    read = pl.any_horizontal(pl.col(x).is_not_null() for x in ("alt_x", "alp_x"))
    rank = pl.when(case).then(0).when(raised).then(1).when(read).then(2).otherwise(3)
    first = (
        days.with_columns(rank=rank)
        .sort("pid", "rank", "at")
        .group_by("pid", maintain_order=True)
        .first()
        .select("pid", "at", "rank", "ggt_near_x")
        .sort("pid", "at")
    )
    words = {0: "case", 1: "raised", 2: "first panel", 3: "first panel"}
    for one in ("alt", "alp"):
        drawn = days.filter(pl.col(f"{one}_x").is_not_null())
        drawn = drawn.select("pid", "at", pl.col(f"{one}_x").alias(f"{one}_initial_x")).sort("pid", "at")
        near = timedelta(days=limit("same_panel_d"))
        first = first.join_asof(
            drawn, on="at", by="pid", strategy="nearest", tolerance=near, check_sortedness=False
        )
    return first.with_columns(onset_by=pl.col("rank").replace_strict(words, return_dtype=pl.String)).select(
        "pid",
        pl.col("at").alias("onset"),
        "onset_by",
        "alt_initial_x",
        "alp_initial_x",
        pl.col("ggt_near_x").alias("ggt_initial_x"),
    )


def _cholestasis() -> pl.Expr:
    """Was ALP of the liver at or above 2 x ULN at the onset? Unknown without an ALP."""
    return (pl.col("alp_initial_x") >= limit("hy_alp")) & alp_of_liver("ggt_initial_x")
