"""Is it a case of liver injury? The consensus thresholds, with the trap of ALP that comes from bone."""

from __future__ import annotations

import polars as pl

from bonecast.liver.threshold import limit


def alp_of_liver(ggt_x: str) -> pl.Expr:
    """May a raised ALP count as the liver's? True, false, or unknown.

    The isoenzyme decides where it was measured (`alp_origin`), then the GGT. With neither, ALP counts unless it
    may be bone's (`bone_alp`: denosumab, metastases, Paget's disease, high turnover); then it is unknown.
    Source: consensus 2011 (raised GGT, no bone source) [recalled]; the rule for denosumab is an assumption.

    >>> one = pl.DataFrame({"alp_origin": [None, None], "ggt": [0.8, None], "bone_alp": [True, True]})
    >>> one.cast({"alp_origin": pl.String}).select(alp_of_liver("ggt")).to_series().to_list()
    [False, None]
    """
    return (
        pl.when(pl.col("alp_origin") == "liver")
        .then(pl.lit(True))
        .when(pl.col("alp_origin") == "bone")
        .then(pl.lit(False))
        .when(pl.col(ggt_x).is_not_null())
        .then(pl.col(ggt_x) > limit("ggt_raised"))
        .when(pl.col("bone_alp"))
        .then(pl.lit(None, pl.Boolean))
        .otherwise(pl.lit(True))
    )


def case_by_alt(alt: str = "alt_ref") -> pl.Expr:
    """ALT >= 5 x ULN (x the mean before treatment, where that was raised)."""
    return pl.col(alt) >= limit("case_alt")


def case_by_alp(alp: str = "alp_ref") -> pl.Expr:
    """ALP >= 2 x ULN, and of the liver."""
    return (pl.col(alp) >= limit("case_alp")) & pl.col("alp_of_liver")


def case_by_jaundice(alt: str = "alt_ref", bili: str = "bili_near_ref") -> pl.Expr:
    """ALT >= 3 x ULN with bilirubin > 2 x ULN. [recalled]"""
    return (pl.col(alt) >= limit("case_alt_jaundice")) & (pl.col(bili) > limit("case_bilirubin"))
