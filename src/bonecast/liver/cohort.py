"""A cohort in a file: one laboratory value in each row, one result for each person; 100,000 people in seconds."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from bonecast.core import write_table
from bonecast.errors import InputError, UnknownName, printable
from bonecast.liver.case_file import check_header
from bonecast.liver.laboratory import BOOLEANS, ROWS, check_values
from bonecast.liver.measures import PEOPLE, measure

NEEDED = ("person", "date", "test", "value", "unit", "uln")
# Optional columns: a baseline mark for the row; the rest is of the person and the same in all rows of that person.
OF_PERSON = tuple(name for name in PEOPLE if name not in ("person", "causes_excluded"))
OPTIONAL = ("uln_unit", "baseline", *OF_PERSON)
SUFFIXES = (".csv", ".parquet")
CLINICIAN = ("causes_excluded", "hy_law")  # step 3 of Hy's law takes a clinician: no column of the results


def assess_cohort(path: str | os.PathLike[str], bone_alp: bool = True) -> pl.DataFrame:
    r"""Assess everyone of a cohort.

    Parameters
    ----------
    path : str or path
        A CSV or Parquet file with one row for each value: person, date, test, value, unit, uln; where wanted uln_unit,
        baseline, start (first dose) and the facts of a case. Values before `start` are the baseline.
    bone_alp : bool
        For people of whom no row says whether ALP may be of bone; true means that ALP counts with a raised GGT only.

    Returns
    -------
    One row of results for each person, by person.

    Raises
    ------
    RecordError
        Rows cannot be used; each fault is named by its row.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "labs.csv"
    ...     _ = file.write_text("person,date,test,value,unit,uln\nA,2026-02-10,ALT,400,U/L,40\n")
    ...     assess_cohort(file).select("person", "alt_peak_x", "dili").row(0)
    ('A', 10.0, True)
    """
    place = printable(os.fspath(path), 120)
    table = _read(Path(path), place)
    values = check_values(_rows(table, place), lambda row: f"{place}, row {row}")
    people = _people(table, place)
    if "bone_alp" not in people.columns:
        people = people.with_columns(bone_alp=pl.lit(None, pl.Boolean))
    return measure(values, people.with_columns(pl.col("bone_alp").fill_null(bone_alp))).drop(CLINICIAN)


def write_cohort(results: pl.DataFrame, target: Path) -> None:
    """Write the results of a cohort as CSV or Parquet, by the suffix of the name.

    Parameters
    ----------
    results : polars.DataFrame
        What `assess_cohort` gave.
    target : Path
        The file.

    Raises
    ------
    InputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_cohort(pl.DataFrame({"person": ["A"]}), Path(folder) / "results.csv")
    """
    write_table(results, target)


def _read(path: Path, place: str) -> pl.DataFrame:
    """The table of the file, its columns checked; a CSV file is read as text and turned into numbers later."""
    suffix = path.suffix.casefold()
    if suffix not in SUFFIXES:
        raise InputError(place, "the kind of file is not known", f"end its name with {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise InputError(place, "there is no such file", "check the path")
    try:
        table = pl.read_parquet(path) if suffix == ".parquet" else _csv(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, UnicodeDecodeError) as error:
        cause = f"it cannot be read ({printable(error, 120)})"
        raise InputError(place, cause, "save the table again as CSV (UTF-8) or Parquet") from None
    check_header(table.columns, NEEDED, OPTIONAL, place)
    if table.is_empty():
        raise InputError(place, "there is no row", "give one row for each value")
    return table.with_row_index("row", offset=1)


def _csv(path: Path) -> pl.DataFrame:
    """A clean file in its types at once; one with a cell that does not fit as text, so that the cell can be named."""
    text, numbers = dict.fromkeys(NEEDED + OPTIONAL, pl.String), dict.fromkeys(("value", "uln"), pl.Float64)
    try:
        return pl.read_csv(path, schema_overrides={**text, **numbers, "date": pl.Date})
    except (
        pl.exceptions.ComputeError,
        pl.exceptions.PanicException,
    ):  # the second: a last cell that is one quote
        return pl.read_csv(path, infer_schema=False)


def _rows(table: pl.DataFrame, place: str) -> pl.DataFrame:
    """The rows as `check_values` takes them."""
    moments = {"at": "date"}
    rows = table.select(
        _as(table, moments.get(name, name), kind, place).alias(name) for name, kind in ROWS.items()
    )
    # Names that come back in every row are compared as numbers: a third of the time and of the memory.
    return rows.cast(dict.fromkeys(("person", "test", "unit", "uln_unit"), pl.Categorical))


def _people(table: pl.DataFrame, place: str) -> pl.DataFrame:
    """One row for each person, in the order of their names; what is stated of one must not differ between rows."""
    columns = [name for name in OF_PERSON if name in table.columns]
    stated = table.select(
        "row", pl.col("person").cast(pl.String), *(_as(table, n, PEOPLE[n], place).alias(n) for n in columns)
    )
    for name in columns:
        of_one = stated.filter(pl.col(name).is_not_null()).unique(["person", name], maintain_order=True)
        twice = of_one.filter(pl.col("person").is_duplicated())
        if not twice.is_empty():
            person, row = twice["person"][0], twice.filter(pl.col("person") == twice["person"][0])["row"][1]
            cause = f"{name} of person {printable(person)} differs from another row"
            raise InputError(
                f"{place}, row {row}, {name}", cause, "write the same in all rows, or leave it empty"
            )
    people = (
        stated.group_by("person").agg(pl.col(name).drop_nulls().first() for name in columns).sort("person")
    )
    if "alp_origin" in columns:
        wrong = people.filter(~pl.col("alp_origin").is_in(["liver", "bone"]))
        if not wrong.is_empty():
            raise UnknownName(f"{place}, alp_origin", "choice", wrong["alp_origin"][0], ("liver", "bone"))
    return people


def _as(table: pl.DataFrame, name: str, kind: pl.DataType | type[pl.DataType], place: str) -> pl.Expr:
    """A column in the type it must have; a cell that is none is named with its row. Absent columns are null."""
    if name not in table.columns:
        return pl.lit(None, kind)
    column = pl.col(name)
    if table.schema[name] == pl.String:
        column = column.str.strip_chars()
        column = pl.when(column != "").then(column)
        if kind == pl.Boolean:
            read = column.str.to_lowercase().replace_strict(BOOLEANS, default=None, return_dtype=pl.Boolean)
        elif kind == pl.Datetime("us"):
            days = column.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
            times = (column.str.to_datetime(form, strict=False, time_unit="us") for form in _MOMENTS)
            read = pl.coalesce(days, *times) if _timed(table, name) else days
        else:
            read = column.cast(kind, strict=False)
    else:
        read = column.cast(kind, strict=False)
    lost = table.select("row", given=column, read=read).filter(
        pl.col("read").is_null() & pl.col("given").is_not_null()
    )
    if not lost.is_empty():
        row, given = lost.row(0)[:2]
        hint = {pl.Float64: "write a number with a decimal point", pl.Boolean: "write true or false"}
        how = hint.get(kind, "write a day like 2026-03-04, or 2026-03-04T08:30")
        raise InputError(f"{place}, row {row}, {name}", f"'{printable(given)}' cannot be read", how)
    return read


_MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def _timed(table: pl.DataFrame, name: str) -> bool:
    """Does any cell hold more than a day?"""
    return (table[name].str.len_chars() > len("2026-03-04")).any()
