"""Laboratory values: the tests of a liver panel, and rows of values checked into usual units and multiples of ULN.

The rows of one person, of a table of cases and of a cohort all pass `check_values`. Nothing is filled in: a value
without its limit, a limit of zero, or two values of one moment that disagree are refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from importlib.resources import files

import polars as pl
from pydantic import BaseModel, ConfigDict

from bonecast.core import FAULTS_KEPT, Faults, toml
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records import Number, Quantity, find_unit, folded, quantities, to_usual

DIGITS = 9  # significant: what a change of unit does to the last bits must not move a value over a limit
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
BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
SPELLING = ("test", "unit", "uln_unit")


class LabValue(BaseModel):
    """One value as the laboratory reported it, with its own upper limit.

    Parameters
    ----------
    at : dt.datetime
        Day and time of the sample.
    test : str
        Name of the test, any usual spelling.
    value : number
        The number, above zero.
    unit : str
        Its unit as written.
    uln : number, optional
        Upper limit of normal of the laboratory; None where the test needs none.
    uln_unit : str
        Unit of the limit; empty for the unit of the value.
    baseline : bool
        Whether the sample was taken before treatment.
    place : str
        Where the value stands, for error messages.
    lab : str
        Name of the laboratory.
    below_limit : bool
        Whether the value was reported as below the limit of the method (`value`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    at: dt.datetime
    test: str
    value: Number
    unit: str
    uln: Number | None = None
    uln_unit: str = ""
    baseline: bool = False
    place: str = "value"
    lab: str = ""
    below_limit: bool = False


@cache
def analytes() -> dict[str, Quantity]:
    """List the tests of a liver panel.

    Returns
    -------
    Each test by its name, with its units and limits of plausibility.

    Examples
    --------
    >>> analytes()["bilirubin"].units
    ('mg/dL', 'umol/L')
    """
    return {name: quantities()[name] for name in toml(files("bonecast.liver") / "analytes.toml")["tests"]}


@cache
def needs_limit() -> tuple[str, ...]:
    """The tests that are read in multiples of the laboratory's own upper limit, and mean nothing without it.

    >>> needs_limit()
    ('ALT', 'AST', 'ALP', 'GGT', 'bilirubin')
    """
    return tuple(toml(files("bonecast.liver") / "analytes.toml")["needs_limit"])


def find_analyte(name: str, place: str = "test") -> Quantity:
    """Find a liver test by name.

    Parameters
    ----------
    name : str
        The name in any case and any of its usual spellings.
    place : str
        Where the name stands, for the error message.

    Returns
    -------
    The test.

    Raises
    ------
    UnknownName
        No liver test has this name; the nearest names are given.

    Examples
    --------
    >>> find_analyte("sgpt").name
    'ALT'
    """
    test = _by_alias().get(folded(name))
    if test is None:
        raise UnknownName(place, "liver test", name, [*analytes()])
    return test


@cache
def _by_alias() -> dict[str, Quantity]:
    return {folded(alias): test for test in analytes().values() for alias in (test.name, *test.aliases)}


def check_values(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    """Check rows of values: columns row, person, at, test, value and uln (usual unit), x (xULN), baseline.

    `rows` has the columns of `ROWS`; `place(row)` is where a row stands, in words. A `baseline` that is not
    stated is null. Raises RecordError with every fault found (at most 100).
    """
    faults = Faults()
    spellings = rows.select(SPELLING).unique(maintain_order=True)
    factors = _factors(spellings, rows, place, faults).cast({name: rows.schema[name] for name in SPELLING})
    faults.raise_any()
    # An enumeration of a dozen names compares in a fraction of the time of text.
    names = pl.Enum([*analytes()])
    values = rows.join(factors, on=[*SPELLING], how="left", nulls_equal=True).select(
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
    _check_numbers(values, place, faults)
    faults.raise_any()
    values = _one_per_moment(values, place, faults)
    _check_direct_bilirubin(values, place, faults)
    faults.raise_any()
    return values


def _factors(spellings: pl.DataFrame, rows: pl.DataFrame, place: Place, faults: Faults) -> pl.DataFrame:
    """What each spelling of test and unit amounts to; those not understood are noted with their first row."""
    factors = []
    for spelling in spellings.iter_rows(named=True):
        same = [pl.col(name).eq_missing(pl.lit(text)) for name, text in spelling.items()]
        at = place(rows.filter(pl.all_horizontal(same))["row"][0])
        with faults.noting():
            if spelling["test"] is None:
                raise InputError(f"{at}, test", "there is none", "name the test, such as ALT")
            test = find_analyte(spelling["test"], f"{at}, test")
            unit = find_unit(test, _unit_text(test, spelling["unit"]), f"{at}, unit")
            uln_text = _unit_text(test, spelling["uln_unit"])
            uln_unit = find_unit(test, uln_text, f"{at}, uln") if uln_text else unit
            factor, uln_factor = to_usual(test, 1.0, unit), to_usual(test, 1.0, uln_unit)
            factors.append({**spelling, "name": test.name, "factor": factor, "uln_factor": uln_factor})
    texts = dict.fromkeys((*SPELLING, "name"), pl.String)
    return pl.DataFrame(factors, schema={**texts, "factor": pl.Float64, "uln_factor": pl.Float64})


def _unit_text(test: Quantity, text: str | None) -> str:
    """The unit as the catalogue spells it; INR has none, however that is written."""
    if test.units == ("1",) and text in (None, "", "1"):
        return "1"
    return "percent" if text is not None and text.strip() == "%" else text or ""


def _check_numbers(values: pl.DataFrame, place: Place, faults: Faults) -> None:
    """Each number by itself: finite, above zero, inside the guard, with its date and its limit."""
    limits = {name: (one.low, one.high, one.usual) for name, one in analytes().items()}
    low = pl.col("test").replace_strict({k: v[0] for k, v in limits.items()}, return_dtype=pl.Float64)
    high = pl.col("test").replace_strict({k: v[1] for k, v in limits.items()}, return_dtype=pl.Float64)
    needs = pl.col("test").is_in(pl.Series([*needs_limit()], dtype=values.schema["test"]).implode())
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
        for row in values.filter(wrong).head(FAULTS_KEPT).iter_rows(named=True):
            usual = limits[row["test"]][2]
            words = {**row, "usual": "" if usual == "1" else f" {usual}"}
            faults.note(InputError(place(row["row"]), cause.format(**words), hint))


def _one_per_moment(values: pl.DataFrame, place: Place, faults: Faults) -> pl.DataFrame:
    """One value for each person, moment and test: the same twice is one, two that disagree are refused."""
    by = ["person", "at", "test"]
    if values.select(by).n_unique() == values.height:
        return values
    once = values.unique(subset=[*by, "value", "uln", "baseline"], keep="first", maintain_order=True)
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


def _check_direct_bilirubin(values: pl.DataFrame, place: Place, faults: Faults) -> None:
    """Direct bilirubin is a part of total bilirubin of the same sample."""
    direct, total = (values.filter(pl.col("test") == name) for name in ("direct bilirubin", "bilirubin"))
    both = direct.join(total, on=["person", "at"], suffix="_total").filter(
        pl.col("value") > pl.col("value_total")
    )
    for row in both.head(FAULTS_KEPT).iter_rows(named=True):
        cause = (
            f"direct bilirubin ({row['value']:g} mg/dL) exceeds total bilirubin"
            f" ({row['value_total']:g} mg/dL) of {printable(row['at'])}"
        )
        faults.note(InputError(place(row["row"]), cause, "correct one of the two"))
