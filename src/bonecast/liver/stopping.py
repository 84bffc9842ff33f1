"""When would a trial stop the drug? The usual rules, all from memory: verify before use. [recalled]"""

from __future__ import annotations

import polars as pl

from bonecast.liver.threshold import limit

STOP_RULES = {
    "stop_high": "ALT or AST above 8 x ULN",
    "stop_lasting": "ALT or AST above 5 x ULN for more than two weeks",
    "stop_jaundice": "ALT or AST above 3 x ULN with bilirubin above 2 x ULN or INR above 1.5",
    "stop_symptoms": "ALT or AST above 3 x ULN with symptoms or eosinophils above 5 %",
}


def stop_on_a_day() -> dict[str, pl.Expr]:
    """The rules that one day with what is near it (30 days) can fulfil, as conditions in three values."""
    above = pl.col("amt_x") > limit("stop_with")
    jaundice = pl.col("bili_near_x") > limit("stop_bilirubin")
    clotting = pl.col("inr_near") > limit("stop_inr")
    allergy = pl.col("eosinophils_near") > limit("stop_eosinophils")
    return {
        "stop_jaundice": above & (jaundice | clotting),
        "stop_symptoms": above & (pl.col("symptoms") | allergy),
    }


def lasting(days: pl.DataFrame) -> pl.DataFrame:
    """Did ALT or AST stay above 5 x ULN for more than two weeks, with no value at or below it between?"""
    read = days.filter(pl.col("amt_x").is_not_null()).with_columns(
        high=pl.col("amt_x") > limit("stop_lasting")
    )
    runs = read.with_columns(run=pl.struct("pid", "high").rle_id()).group_by("pid", "run")
    spans = runs.agg(high=pl.col("high").first(), span=pl.col("at").last() - pl.col("at").first())
    long = pl.col("high") & (pl.col("span") > pl.duration(days=limit("stop_lasting_d")))
    return spans.group_by("pid").agg(stop_lasting=long.any())


def stop_rules() -> dict[str, pl.Expr]:
    """The rules on a person's peaks; with those of `stop_on_a_day` and `lasting` they make the whole."""
    high = pl.col("amt_peak_x") > limit("stop_high")
    return {"stop_high": high, "stop": high | pl.any_horizontal([*STOP_RULES][1:])}
