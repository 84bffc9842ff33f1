"""From rows of laboratory values to checked values in usual units and multiples; every fault is named.

The rows of one person, of a table of cases and of a cohort all pass here. Nothing is filled in: a value
without its limit, a limit of zero, or two values of one moment that disagree are refused.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from bonecast.core import FAULTS_KEPT, Faults
from bonecast.errors import InputError, printable
from bonecast.liver.analyte import analytes, find_analyte, needs_limit
from bonecast.records.units import find_unit, to_usual

DIGITS = 9  # significant: what a change of unit does to the last bits must not move a value over a limit
SPELT = ("test", "unit", "uln_unit")
Place = Callable[[int], str]

ROWS = {
    "row": pl.Int64,
    "person": pl.String,
    "at": pl.Datetime("us"),
    "test": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "uln": pl.Float64,
    "uln_unit": pl.String,
    "baseline": pl.Boolean,
}


def admit(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Which values do these rows give? Columns person, at, test, value (usual unit), x (multiple of ULN), baseline.

    `rows` has the columns of `ROWS`; `place(row)` is where a row stands, in words. A `baseline` that is not
    stated is null. Raises RecordError with every fault found (at most 100).
    """
    faults = Faults()
    known = rows.select(SPELT).unique(maintain_order=True)
    factors = _factors(known, rows, place, faults).cast({name: rows.schema[name] for name in SPELT})
    faults.raise_any()
    # An enumeration of a dozen names compares in a fraction of the time of text.
    names = pl.Enum([*analytes()])
    made = rows.join(factors, on=[*SPELT], how="left", nulls_equal=True).select(
        "row",
        "person",
        "at",
        pl.col("name").cast(names).alias("test"),
        (pl.col("value") * pl.col("factor")).round_sig_figs(DIGITS).alias("value"),
        (pl.col("uln") * pl.col("uln_factor")).round_sig_figs(DIGITS).alias("uln"),
        # One unit for both cancels out, and leaves the last digit of the quotient alone.
        pl.when(pl.col("factor") == pl.col("uln_factor"))
        .then(pl.col("value") / pl.col("uln"))
        .otherwise(pl.col("value") * pl.col("factor") / (pl.col("uln") * pl.col("uln_factor")))
        .round_sig_figs(DIGITS)
        .alias("x"),
        pl.col("baseline"),
    )
    _check_numbers(made, place, faults)
    faults.raise_any()
    made = _one_for_each_moment(made, place, faults)
    _check_direct(made, place, faults)
    faults.raise_any()
    return made


def _factors(known: pl.DataFrame, rows: pl.DataFrame, place: Place, faults: Faults) -> pl.DataFrame:
    """What each spelling of test and unit amounts to; those not understood are noted with their first row."""
    found = []
    for test, unit, uln_unit in known.iter_rows():
        where = pl.col("test").eq_missing(pl.lit(test)) & pl.col("unit").eq_missing(pl.lit(unit))
        at = place(rows.filter(where & pl.col("uln_unit").eq_missing(pl.lit(uln_unit)))["row"][0])
        with faults.noting():
            if test is None:
                raise InputError(f"{at}, test", "there is none", "name the test, such as ALT")
            one = find_analyte(test, f"{at}, test")
            # INR has no unit, however that is written.
            units = [
                "1" if one.units == ("1",) and text in (None, "", "1") else text for text in (unit, uln_unit)
            ]
            value_unit = find_unit(one, _percent(units[0] or ""), f"{at}, unit")
            limit_unit = value_unit if not units[1] else find_unit(one, _percent(units[1]), f"{at}, uln")
            row = {"test": test, "unit": unit, "uln_unit": uln_unit, "name": one.name}
            factors = {"factor": to_usual(one, 1.0, value_unit), "uln_factor": to_usual(one, 1.0, limit_unit)}
            found.append(row | factors)
    texts = dict.fromkeys(("test", "unit", "uln_unit", "name"), pl.String)
    return pl.DataFrame(found, schema={**texts, "factor": pl.Float64, "uln_factor": pl.Float64})


def _percent(unit: str) -> str:
    return "percent" if unit.strip() == "%" else unit


def _check_numbers(made: pl.DataFrame, place: Place, faults: Faults) -> None:
    """Each number by itself: finite, above zero, inside the guard, with its date and its limit."""
    limits = {name: (one.low, one.high, one.usual) for name, one in analytes().items()}
    low = pl.col("test").replace_strict({k: v[0] for k, v in limits.items()}, return_dtype=pl.Float64)
    high = pl.col("test").replace_strict({k: v[1] for k, v in limits.items()}, return_dtype=pl.Float64)
    needs = pl.col("test").is_in(pl.Series([*needs_limit()], dtype=made.schema["test"]).implode())
    value, uln = pl.col("value"), pl.col("uln")
    number = "give the measured number, or leave the row out"
    checks: list[tuple[pl.Expr, str, str]] = [
        (pl.col("person").is_null(), "the {test} belongs to no person", "name the person"),
        (pl.col("at").is_null(), "the {test} has no date", "give the day of the sample, such as 2026-03-04"),
        (value.is_null() | ~value.is_finite(), "the {test} is no finite number", number),
        (value <= 0, "the {test} is {value:g}, which no laboratory reports", number),
        (needs & uln.is_null(), "the {test} has no upper limit", "give the limit of the laboratory that measured it"),
        (uln.is_not_null() & ~(uln.is_finite() & (uln > 0)), "the upper limit of the {test} is {uln:g}",
         "give the laboratory's limit, a number above zero"),
        (((value < low) | (value > high)) & (value > 0), "{value:g}{usual} cannot be a value of {test}",
         "check number and unit"),
        (((uln < low) | (uln > high)) & (uln > 0), "{uln:g}{usual} cannot be an upper limit of {test}",
         "check number and unit"),
    ]  # fmt: skip
    for wrong, cause, hint in checks:
        for row in made.filter(wrong).head(FAULTS_KEPT).iter_rows(named=True):
            usual = limits[row["test"]][2]
            words = {**row, "usual": "" if usual == "1" else f" {usual}"}
            faults.note(InputError(place(row["row"]), cause.format(**words), hint))


def _one_for_each_moment(made: pl.DataFrame, place: Place, faults: Faults) -> pl.DataFrame:
    """One value for each person, moment and test: the same twice is one, two that disagree are refused."""
    by = ["person", "at", "test"]
    if made.select(by).n_unique() == made.height:
        return made
    once = made.unique(subset=[*by, "value", "uln", "baseline"], keep="first", maintain_order=True)
    twice = once.filter(pl.struct(by).is_duplicated())
    for _, of_one in twice.group_by(by, maintain_order=True):
        first, second = of_one.sort("row").head(2).iter_rows(named=True)
        cause = (
            f"the {first['test']} of {first['at']:%Y-%m-%d %H:%M} differs from that of {place(first['row'])}"
        )
        hint = "give the time of each sample, or correct one of the two"
        faults.note(InputError(place(second["row"]), cause, hint))
        if faults.full:
            break
    return once


def _check_direct(made: pl.DataFrame, place: Place, faults: Faults) -> None:
    """Direct bilirubin is a part of total bilirubin of the same sample."""
    direct, total = (made.filter(pl.col("test") == name) for name in ("direct bilirubin", "bilirubin"))
    both = direct.join(total, on=["person", "at"], suffix="_total").filter(
        pl.col("value") > pl.col("value_total")
    )
    for row in both.head(FAULTS_KEPT).iter_rows(named=True):
        cause = (
            f"direct bilirubin ({row['value']:g} mg/dL) exceeds total bilirubin"
            f" ({row['value_total']:g} mg/dL) of {printable(row['at'])}"
        )
        faults.note(InputError(place(row["row"]), cause, "correct one of the two"))
