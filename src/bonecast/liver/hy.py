"""Hy's law in its three steps, its R-based variant, and the place on the eDISH plot.

Conditions have three values, true, false and unknown (null), and combine as Kleene's logic has it: false and
unknown is false, true and unknown is unknown.
"""

from __future__ import annotations

import polars as pl

from bonecast.liver.threshold import limit


def aminotransferase_raised(x: str = "amt_x") -> pl.Expr:
    """Step 1: ALT or AST >= 3 x ULN. FDA 2009. [published]"""
    return pl.col(x) >= limit("hy_aminotransferase")


def upper_right_on_a_day() -> pl.Expr:
    """Step 1 with bilirubin > 2 x ULN within 30 days of it, for one day. FDA 2009 [published]; days: assumption."""
    return aminotransferase_raised() & (pl.col("bili_near_x") > limit("hy_bilirubin"))


def hy_biochem() -> pl.Expr:
    """Step 2: the upper right without initial cholestasis (ALP of the liver at or above 2 x ULN at the onset).

    An ALP of bone says nothing of bile: a high one with normal GGT does not take a person out of Hy's law.

    >>> seen = pl.DataFrame({"upper_right": [True, True, False], "cholestasis": [False, None, None]})
    >>> seen.select(hy_biochem()).to_series().to_list()
    [True, None, False]
    """
    return pl.col("upper_right") & ~pl.col("cholestasis")


def hy_law() -> pl.Expr:
    """Step 3: step 2, and no other cause (`causes_excluded`: true, false or unknown). FDA 2009. [published]"""
    return pl.col("hy_biochem") & pl.col("causes_excluded")


def hy_by_r() -> pl.Expr:
    """The variant by R: the upper right with an initial R >= 5 in place of the limit on ALP.

    Deaths among people with jaundice were 11.1 % with an initial R >= 5 against 2.0 % below, and 7.9 % against
    3.9 % by the definition of the FDA (DILIN 2024). [published]
    """
    return pl.col("upper_right") & (pl.col("R") >= limit("hy_r"))


def quadrant(alt_x: str, bili_x: str) -> pl.Expr:
    """Which quarter of the eDISH plot: hy, temple, cholestasis or normal? Unknown where either value is.

    x is the peak ALT with its line at 3 (on it counts as right), y the bilirubin with its line at 2 (on it
    counts as below), both in multiples. [names published; lines recalled]

    >>> pl.DataFrame({"alt": [3.0], "bili": [2.0]}).select(quadrant("alt", "bili")).item()
    'temple'
    """
    right = pl.col(alt_x) >= limit("edish_alt")
    upper = pl.col(bili_x) > limit("edish_bilirubin")
    return (
        pl.when(right & upper)
        .then(pl.lit("hy"))
        .when(right & ~upper)
        .then(pl.lit("temple"))
        .when(~right & upper)
        .then(pl.lit("cholestasis"))
        .when(~right & ~upper)
        .then(pl.lit("normal"))
    )
