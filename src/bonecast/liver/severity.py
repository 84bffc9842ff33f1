"""How severe is the injury? The DILIN scale (1 to 5) and the international scale (1 to 4).

Each grade is a condition in three values: true, false, or unknown (null) where something was not stated. What is
certain is the highest grade that is true; what is possible is the highest that is not false.
"""

from __future__ import annotations

import polars as pl

from bonecast.liver.threshold import limit


def dilin_grades() -> dict[int, pl.Expr]:
    """The DILIN grades, highest first, as conditions on the columns of the persons' table.

    5 death or transplant; 4 bilirubin >= 2.5 mg/dL with liver failure (INR >= 1.5, ascites, encephalopathy) or
    other organ failure; 3 hospitalised or stay prolonged; 2 bilirubin >= 2.5 mg/dL or INR >= 1.5; 1 raised ALT
    or ALP. Some reviews print 5 and 10 mg/dL, or multiples: those are not this scale. [published]
    """
    jaundice = pl.col("bili_peak_mg_dl") >= limit("dilin_bilirubin")
    inr = pl.col("inr_peak") >= limit("severe_inr")
    failure = inr | pl.col("ascites") | pl.col("encephalopathy") | pl.col("other_organ_failure")
    ends = pl.col("death_or_transplant")
    return {
        5: _injured() & ends,
        4: _injured() & jaundice & failure,
        3: _injured() & pl.col("hospitalised"),
        2: _injured() & (jaundice | inr),
        1: _injured(),
    }


def international_grades() -> dict[int, pl.Expr]:
    """The international grades, highest first.

    4 death or transplant; 3 grade 2 with INR >= 1.5, ascites or encephalopathy (within 26 weeks and without
    cirrhosis), or other organ failure; 2 bilirubin >= 2 x ULN or symptoms; 1 less. [published]
    """
    two = (pl.col("bili_peak_x") >= limit("international_bilirubin")) | pl.col("symptoms")
    of_liver = (pl.col("ascites") | pl.col("encephalopathy")) & ~pl.col("cirrhosis")
    inr = pl.col("inr_peak") >= limit("severe_inr")
    return {
        4: _injured() & pl.col("death_or_transplant"),
        3: _injured() & two & (inr | of_liver | pl.col("other_organ_failure")),
        2: _injured() & two,
        1: _injured(),
    }


def certain(grades: dict[int, pl.Expr]) -> pl.Expr:
    """The highest grade that is true; null where none is."""
    return _first({grade: told.fill_null(False) for grade, told in grades.items()})


def possible(grades: dict[int, pl.Expr]) -> pl.Expr:
    """The highest grade that is true or unknown; null where all are false."""
    return _first({grade: told.fill_null(True) for grade, told in grades.items()})


def _injured() -> pl.Expr:
    """ALT or ALP above the upper limit: without that, raised bilirubin alone is graded on no scale."""
    return pl.any_horizontal(pl.col(one) > limit("raised") for one in ("alt_peak_x", "alp_peak_x"))


def _first(grades: dict[int, pl.Expr]) -> pl.Expr:
    return pl.coalesce(pl.when(told).then(pl.lit(grade, pl.Int8)) for grade, told in grades.items())
