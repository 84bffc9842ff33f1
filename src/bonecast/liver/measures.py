"""What the laboratory values of each person say: peaks, R, pattern, case, grades, severity, Hy's law, eDISH.

One person is a cohort of one: the same expressions (`criteria`) read a single panel and a million of them. What
cannot be known from the values given is null.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from bonecast.liver import criteria
from bonecast.liver.thresholds import limit

SHORT = {"ALT": "alt", "AST": "ast", "ALP": "alp", "GGT": "ggt", "bilirubin": "bili"}
NEAR = {"bili_x": "bili_near_x", "ggt_x": "ggt_near_x", "inr": "inr_near", "eosinophils": "eosinophils_near"}
FACTS = (
    "ascites",
    "encephalopathy",
    "other_organ_failure",
    "hospitalised",
    "death_or_transplant",
    "symptoms",
    "cirrhosis",
)
PEOPLE = {
    "person": pl.String,
    "start": pl.Datetime("us"),  # the first dose of the suspect drug
    "bone_alp": pl.Boolean,  # may a raised ALP be bone's?
    "alp_origin": pl.String,  # liver or bone, where the isoenzyme was measured
    **dict.fromkeys((*FACTS, "causes_excluded"), pl.Boolean),
}


def measure(values: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """One row for each person of `people`, in that order, from values that `check_values` has checked.

    `people` has a column person and any of `PEOPLE`; what is not stated is null and stays unknown. Multiples are of
    the upper limit of normal; dates are moments of the values.
    """
    persons = _with_all_columns(people).with_row_index("pid")
    days, baseline = _days(values, persons)
    for part in (baseline, _peaks(days), _onset(days), criteria.stop_lasting(days)):
        persons = persons.join(part, on="pid", how="left", maintain_order="left")
    return (
        persons.with_columns(
            upper_right=_when_measured("amt_peak_x", "upper_right", "bili_peak_x", "hy_bilirubin"),
            case_jaundice=_when_measured("alt_peak_x", "case_jaundice", "bili_peak_x", "case_bilirubin"),
            R=criteria.r_value("alt_initial_x", "alp_initial_x"),
            cholestasis=criteria.cholestasis(),
            values_before=pl.col("values_before").fill_null(0),
        )
        .with_columns(
            R_meaningful=(pl.col("alt_initial_x") > limit("raised"))
            | (pl.col("alp_initial_x") > limit("raised")),
            pattern_2016=criteria.pattern("R", "rucam-2016"),
            pattern_livertox=criteria.pattern("R", "livertox"),
            dili=pl.any_horizontal("case_alt", "case_alp", "case_jaundice"),
            hy_biochem=criteria.hy_biochem(),
            hy_by_r=criteria.hy_by_r(),
            edish=criteria.quadrant("alt_peak_x", "bili_edish_x"),
            alt_edish_base=criteria.over_baseline("alt_peak_x", "alt_base"),
            bili_edish_base=criteria.over_baseline("bili_edish_x", "bili_base"),
            **_severity(),
            **{
                f"ctcae_{short}": criteria.ctcae_grade(test, f"{short}_peak_x", f"{short}_base")
                for test, short in criteria.CTCAE_TESTS.items()
            },
            **criteria.stop_any(),
        )
        .with_columns(
            edish_base=criteria.quadrant("alt_edish_base", "bili_edish_base"), hy_law=criteria.hy_law()
        )
        .drop("pid")
    )


def _with_all_columns(people: pl.DataFrame) -> pl.DataFrame:
    """The table of persons with every column of `PEOPLE`; those that are absent are null."""
    return people.select(
        (pl.col(name) if name in people.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in PEOPLE.items()
    )


def _days(values: pl.DataFrame, persons: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The days under treatment, sorted by person and time, and the means before treatment.

    A value is of before treatment where its row says so or where it lies before the first dose (`start`).
    Multiples are of the upper limit (`alt_x`); `alt_ref` and its like are of the mean before treatment where
    that was raised; `bili_near_x` and its like are the highest within 30 days of the day.
    """
    known = persons.select("pid", "person", "start", "bone_alp", "alp_origin", "symptoms")
    ids = known.select(pl.col("person").cast(values.schema["person"]), "pid", "start")
    dated = values.join(ids, on="person", how="left").with_columns(
        before=(pl.col("at") < pl.col("start")).fill_null(False) | pl.col("baseline").fill_null(False)
    )
    baseline = _baseline(dated.filter("before"))
    days = _wide(dated.filter(~pl.col("before"))).sort("pid", "at")
    days = pl.concat([days, _near(days)], how="horizontal")
    days = days.join(baseline, on="pid", how="left").join(known, on="pid", how="left").sort("pid", "at")
    days = days.with_columns(
        amt_x=pl.max_horizontal("alt_x", "ast_x"),
        alt_ref=criteria.over_baseline("alt_x", "alt_base"),
        alp_ref=criteria.over_baseline("alp_x", "alp_base"),
        bili_near_ref=criteria.over_baseline("bili_near_x", "bili_base"),
        alp_of_liver=criteria.alp_of_liver("ggt_near_x"),
    )
    return days, baseline


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
    window = days.rolling("at", period=f"{2 * reach}d", offset=f"-{reach}d", closed="both", group_by="pid")
    return window.agg(pl.col(name).max().alias(near) for name, near in NEAR.items()).drop("pid", "at")


def _baseline(dated: pl.DataFrame) -> pl.DataFrame:
    """The mean multiple of each test before treatment, and how many values it rests on."""

    def mean(test: str) -> pl.Expr:
        return pl.col("x").filter(pl.col("test") == test).mean().round_sig_figs(9)

    means = {f"{short}_base": mean(test) for test, short in SHORT.items() if test != "GGT"}
    return dated.group_by("pid").agg(**means, values_before=pl.len())


def _peaks(days: pl.DataFrame) -> pl.DataFrame:
    """First and highest values under treatment, and which conditions any day fulfils."""
    tests = [*SHORT.values()]
    firsts = {f"{one}_first_x": pl.col(f"{one}_x").drop_nulls().first() for one in tests}
    highest = {f"{one}_peak_x": pl.col(f"{one}_x").max() for one in (*tests, "amt")}
    highest |= {f"{one}_peak_at": pl.col("at").get(pl.col(f"{one}_x").arg_max()) for one in tests}
    stops = criteria.stop_on_a_day().items()
    return days.group_by("pid").agg(
        **firsts,
        **highest,
        bili_peak_mg_dl=pl.col("bili_mg_dl").max(),
        inr_peak=pl.col("inr").max(),
        albumin_lowest_g_l=pl.col("albumin_g_l").min(),
        bili_edish_x=pl.col("bili_near_x").get(pl.col("alt_x").arg_max()),
        case_alt=criteria.case_by_alt().max(),  # null where ALT was never measured
        case_alp=_any_day(criteria.case_by_alp(), "alp_x"),
        case_jaundice=_any_day(criteria.case_by_jaundice(), "alt_x"),
        upper_right=_any_day(criteria.upper_right_on_a_day(), "amt_x"),
        **{name: _any_day(condition, "amt_x") for name, condition in stops},
        panels=pl.len(),
    )


def _any_day(condition: pl.Expr, measured: str) -> pl.Expr:
    """Whether it holds on any day with this value: unknown where none is true and one is unknown, or none counts."""
    condition = condition.filter(pl.col(measured).is_not_null())
    return pl.when(condition.len() > 0).then(condition.any(ignore_nulls=False))


def _when_measured(first: str, condition: str, second: str, bound: str) -> pl.Expr:
    """A condition on pairs: where the first of the pair was never measured, a low second still makes it false."""
    without = pl.lit(None, pl.Boolean) & (pl.col(second) > limit(bound))
    return pl.when(pl.col(first).is_null()).then(without).otherwise(pl.col(condition))


def _onset(days: pl.DataFrame) -> pl.DataFrame:
    """The first day of the injury with the ALT and ALP drawn on it, or not more than two days away.

    It is the first day that makes a case; without one, the first on which ALT or ALP is raised; without that,
    the first day. `onset_by` says which.
    """
    conditions = (criteria.case_by_alt(), criteria.case_by_alp(), criteria.case_by_jaundice())
    case = pl.any_horizontal(*conditions).fill_null(False)
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
    near = timedelta(days=limit("same_panel_d"))
    for one in ("alt", "alp"):
        drawn = days.filter(pl.col(f"{one}_x").is_not_null())
        drawn = drawn.select("pid", "at", pl.col(f"{one}_x").alias(f"{one}_initial_x")).sort("pid", "at")
        first = first.join_asof(
            drawn, on="at", by="pid", strategy="nearest", tolerance=near, check_sortedness=False
        )
    names = {0: "case", 1: "raised", 2: "first panel", 3: "first panel"}
    return first.select(
        "pid",
        pl.col("at").alias("onset"),
        pl.col("rank").replace_strict(names, return_dtype=pl.String).alias("onset_by"),
        "alt_initial_x",
        "alp_initial_x",
        pl.col("ggt_near_x").alias("ggt_initial_x"),
    )


def _severity() -> dict[str, pl.Expr]:
    scales = {"dilin": criteria.dilin_grades(), "international": criteria.international_grades()}
    return {
        f"{name}{suffix}": criteria.highest_grade(grades, unknown_counts)
        for name, grades in scales.items()
        for suffix, unknown_counts in (("", False), ("_possible", True))
    }
