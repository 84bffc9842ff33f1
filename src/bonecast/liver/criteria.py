"""The criteria of drug-induced liver injury as expressions on columns: R value, case definition, grades, Hy's law.

Columns that end in `_x` hold multiples of the upper limit of normal (ULN). A condition has three values, true,
false and unknown (null), which combine by Kleene's logic: false and unknown is false, true and unknown is unknown.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import polars as pl

from bonecast.core import rows
from bonecast.liver.case import Convention
from bonecast.liver.thresholds import limit

CTCAE = "CTCAE v5"  # version 3 drew the first ALT line at 2.5: its grades are not these
CTCAE_TESTS = {"ALT": "alt", "AST": "ast", "ALP": "alp", "bilirubin": "bili"}
STOPPING_RULES = {
    "stop_high": "ALT or AST above 8 x ULN",
    "stop_lasting": "ALT or AST above 5 x ULN for more than two weeks",
    "stop_jaundice": "ALT or AST above 3 x ULN with bilirubin above 2 x ULN or INR above 1.5",
    "stop_symptoms": "ALT or AST above 3 x ULN with symptoms or eosinophils above 5 %",
}


def over_baseline(x: str, base_x: str) -> pl.Expr:
    """The multiple of ULN, or of the mean before treatment where that was raised (both columns in xULN).

    Source: consensus 2011 [recalled], CTCAE v5 [published].

    >>> two = pl.DataFrame({"x": [6.0, 6.0], "base": [0.8, 3.0]})
    >>> two.select(over_baseline("x", "base")).to_series().to_list()
    [6.0, 2.0]
    """
    raised = pl.col(base_x) > limit("raised")
    return pl.when(raised).then(pl.col(x) / pl.col(base_x)).otherwise(pl.col(x)).round_sig_figs(9)


# R value and pattern


def r_value(alt_x: str, alp_x: str) -> pl.Expr:
    """R = (ALT/ULN) / (ALP/ULN) of the first values of the injury; unknown where either is, never taken as 1.

    Source: RUCAM 2016, LiverTox.

    >>> pl.DataFrame({"alt": [20.0], "alp": [1.25]}).select(r_value("alt", "alp")).item()
    16.0
    """
    return (pl.col(alt_x) / pl.col(alp_x)).round_sig_figs(9)


def pattern(r: str, convention: Convention) -> pl.Expr:
    """Hepatocellular, mixed or cholestatic. The two conventions differ at R = 2 and R = 5 only.

    RUCAM 2016: hepatocellular R >= 5, cholestatic R <= 2. LiverTox and DILIN: R > 5, R < 2.

    >>> two = pl.DataFrame({"r": [5.0, 2.0]})
    >>> [two.select(pattern("r", one)).to_series().to_list() for one in ("rucam-2016", "livertox")]
    [['hepatocellular', 'cholestatic'], ['mixed', 'mixed']]
    """
    value, high, low = pl.col(r), limit("r_hepatocellular"), limit("r_cholestatic")
    inclusive = convention == "rucam-2016"
    return (
        pl.when(value >= high if inclusive else value > high)
        .then(pl.lit("hepatocellular"))
        .when(value <= low if inclusive else value < low)
        .then(pl.lit("cholestatic"))
        .when(value.is_not_null())
        .then(pl.lit("mixed"))
    )


# Case definition (consensus 2011)


def alp_of_liver(ggt_x: str) -> pl.Expr:
    """Whether a raised ALP counts as the liver's: true, false, or unknown.

    The isoenzyme decides where it was measured (`alp_origin`), then the GGT. With neither, ALP counts unless it
    may be bone's (`bone_alp`: denosumab, metastases, Paget's disease, high turnover); then it is unknown.
    Source: consensus 2011 (raised GGT, no bone source) [recalled]; the rule for denosumab is an assumption.

    >>> one = pl.DataFrame({"alp_origin": [None, None], "ggt": [0.8, None], "bone_alp": [True, True]})
    >>> one.cast({"alp_origin": pl.String}).select(alp_of_liver("ggt")).to_series().to_list()
    [False, None]
    """
    return (
        pl.when(pl.col("alp_origin").is_in(["liver", "bone"]))
        .then(pl.col("alp_origin") == "liver")
        .when(pl.col(ggt_x).is_not_null())
        .then(pl.col(ggt_x) > limit("ggt_raised"))
        .when(pl.col("bone_alp"))
        .then(pl.lit(None, pl.Boolean))
        .otherwise(pl.lit(True))
    )


def case_by_alt() -> pl.Expr:
    """ALT >= 5 x ULN (x the mean before treatment, where that was raised)."""
    return pl.col("alt_ref") >= limit("case_alt")


def case_by_alp() -> pl.Expr:
    """ALP >= 2 x ULN, and of the liver."""
    return (pl.col("alp_ref") >= limit("case_alp")) & pl.col("alp_of_liver")


def case_by_jaundice() -> pl.Expr:
    """ALT >= 3 x ULN with bilirubin > 2 x ULN. [recalled]"""
    alt = pl.col("alt_ref") >= limit("case_alt_jaundice")
    return alt & (pl.col("bili_near_ref") > limit("case_bilirubin"))


# Hy's law and eDISH


def upper_right_on_a_day() -> pl.Expr:
    """Hy's law, step 1: ALT or AST >= 3 x ULN with bilirubin > 2 x ULN within 30 days of it.

    Source: FDA 2009 [published]; days: assumption.
    """
    raised = pl.col("amt_x") >= limit("hy_aminotransferase")
    return raised & (pl.col("bili_near_x") > limit("hy_bilirubin"))


def cholestasis() -> pl.Expr:
    """Initial cholestasis: ALP of the liver at or above 2 x ULN at the onset; unknown without an ALP."""
    return (pl.col("alp_initial_x") >= limit("hy_alp")) & alp_of_liver("ggt_initial_x")


def hy_biochem() -> pl.Expr:
    """Hy's law, step 2: the upper right without initial cholestasis.

    An ALP of bone says nothing of bile: a high one with normal GGT does not take a person out of Hy's law.

    >>> rows = pl.DataFrame({"upper_right": [True, True, False], "cholestasis": [False, None, None]})
    >>> rows.select(hy_biochem()).to_series().to_list()
    [True, None, False]
    """
    return pl.col("upper_right") & ~pl.col("cholestasis")


def hy_law() -> pl.Expr:
    """Hy's law, step 3: step 2, and no other cause (`causes_excluded`). FDA 2009. [published]"""
    return pl.col("hy_biochem") & pl.col("causes_excluded")


def hy_by_r() -> pl.Expr:
    """Hy's law by R: the upper right with an initial R >= 5 in place of the limit on ALP.

    Deaths among people with jaundice were 11.1 % with an initial R >= 5 against 2.0 % below, and 7.9 % against
    3.9 % by the definition of the FDA (DILIN 2024). [published]
    """
    return pl.col("upper_right") & (pl.col("R") >= limit("hy_r"))


def quadrant(alt_x: str, bili_x: str) -> pl.Expr:
    """The quadrant of the eDISH plot: hy, temple, cholestasis or normal; unknown where either value is.

    x is the peak ALT with its line at 3 (on it counts as right), y the bilirubin with its line at 2 (on it
    counts as below), both in multiples. [names published; lines recalled]

    >>> pl.DataFrame({"alt": [3.0], "bili": [2.0]}).select(quadrant("alt", "bili")).item()
    'temple'
    """
    right = pl.col(alt_x) >= limit("edish_alt")
    upper = pl.col(bili_x) > limit("edish_bilirubin")
    names = {
        "hy": right & upper,
        "temple": right & ~upper,
        "cholestasis": ~right & upper,
        "normal": ~right & ~upper,
    }
    return pl.coalesce(pl.when(inside).then(pl.lit(name)) for name, inside in names.items())


# CTCAE grades


def ctcae_grade(test: str, peak_x: str, base_x: str) -> pl.Expr:
    """The CTCAE grade, 0 to 4, of the peak of this test; an upper limit belongs to the lower grade.

    Where the value before treatment was raised, the peak is read in multiples of that value and by the limits
    for a raised baseline. Source: CTCAE v5 (`ctcae.csv`).

    >>> alt = pl.DataFrame({"peak": [20.0, 6.0], "base": [None, 3.0]})
    >>> alt.select(ctcae_grade("ALT", "peak", "base")).to_series().to_list()
    [3, 1]
    """
    multiple = over_baseline(peak_x, base_x)
    of_raised, of_normal = (_grade(multiple, _ctcae_rows()[test, base]) for base in ("raised", "normal"))
    return pl.when(pl.col(base_x) > limit("raised")).then(of_raised).otherwise(of_normal).cast(pl.Int8)


def _grade(multiple: pl.Expr, row: dict[str, str]) -> pl.Expr:
    """How many of the four lower limits the multiple passes."""
    first = float(row["from"])
    passed = [multiple >= first if row["from_included"] == "yes" else multiple > first]
    passed += [passed[0] & (multiple > float(row[f"grade_{grade}_to"])) for grade in (1, 2, 3)]
    return pl.sum_horizontal(*passed, ignore_nulls=False)


@cache
def _ctcae_rows() -> dict[tuple[str, str], dict[str, str]]:
    """The printed limits, by test and by baseline (normal, raised)."""
    return {(row["test"], row["baseline"]): row for row in rows(files("bonecast.liver") / "ctcae.csv", dict)}


# Severity


def dilin_grades() -> dict[int, pl.Expr]:
    """The DILIN severity grades, highest first, as conditions on the table of persons.

    5 death or transplant; 4 bilirubin >= 2.5 mg/dL with liver failure (INR >= 1.5, ascites, encephalopathy) or
    other organ failure; 3 hospitalised or stay prolonged; 2 bilirubin >= 2.5 mg/dL or INR >= 1.5; 1 raised ALT
    or ALP. Some reviews print 5 and 10 mg/dL, or multiples: those are not this scale. [published]
    """
    jaundice = pl.col("bili_peak_mg_dl") >= limit("dilin_bilirubin")
    inr = pl.col("inr_peak") >= limit("severe_inr")
    failure = inr | pl.col("ascites") | pl.col("encephalopathy") | pl.col("other_organ_failure")
    return {
        5: _injured() & pl.col("death_or_transplant"),
        4: _injured() & jaundice & failure,
        3: _injured() & pl.col("hospitalised"),
        2: _injured() & (jaundice | inr),
        1: _injured(),
    }


def international_grades() -> dict[int, pl.Expr]:
    """The international severity grades, highest first.

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


def highest_grade(grades: dict[int, pl.Expr], unknown_counts: bool) -> pl.Expr:
    """The highest grade that is true (certain) or, with `unknown_counts`, not false (possible); else null."""
    return pl.coalesce(
        pl.when(condition.fill_null(unknown_counts)).then(pl.lit(grade, pl.Int8))
        for grade, condition in grades.items()
    )


def _injured() -> pl.Expr:
    """ALT or ALP above the upper limit: without that, raised bilirubin alone is graded on no scale."""
    return pl.any_horizontal(pl.col(one) > limit("raised") for one in ("alt_peak_x", "alp_peak_x"))


# Stopping rules of trials, all from memory: verify before use. [recalled]


def stop_on_a_day() -> dict[str, pl.Expr]:
    """The stopping rules that one day can meet with what is near it (30 days)."""
    above = pl.col("amt_x") > limit("stop_with")
    jaundice = pl.col("bili_near_x") > limit("stop_bilirubin")
    clotting = pl.col("inr_near") > limit("stop_inr")
    allergy = pl.col("eosinophils_near") > limit("stop_eosinophils")
    return {
        "stop_jaundice": above & (jaundice | clotting),
        "stop_symptoms": above & (pl.col("symptoms") | allergy),
    }


def stop_lasting(days: pl.DataFrame) -> pl.DataFrame:
    """Whether ALT or AST stayed above 5 x ULN for more than two weeks, with no value at or below it between."""
    high = pl.col("amt_x") > limit("stop_lasting")
    read = days.filter(pl.col("amt_x").is_not_null()).with_columns(high=high)
    runs = read.with_columns(run=pl.struct("pid", "high").rle_id()).group_by("pid", "run")
    spans = runs.agg(high=pl.col("high").first(), span=pl.col("at").last() - pl.col("at").first())
    long = pl.col("high") & (pl.col("span") > pl.duration(days=limit("stop_lasting_d")))
    return spans.group_by("pid").agg(stop_lasting=long.any())


def stop_any() -> dict[str, pl.Expr]:
    """The rule on the peak, and whether any of the four is met."""
    high = pl.col("amt_peak_x") > limit("stop_high")
    return {"stop_high": high, "stop": high | pl.any_horizontal([*STOPPING_RULES][1:])}
