"""A cohort in a file: one laboratory value in each row, one result for each person; 100,000 people in seconds."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from bonecast.core import atomic_write
from bonecast.errors import InputError, UnknownName, printable
from bonecast.liver.admission import ROWS, admit
from bonecast.liver.measures import measure
from bonecast.liver.people import COLUMNS

NEEDED = ("person", "date", "test", "value", "unit", "uln")
# What may stand beside: a baseline mark for the row; the rest speaks of the person and is the same in its rows.
OF_PERSON = tuple(name for name in COLUMNS if name not in ("person", "causes_excluded"))
TAKEN = ("uln_unit", "baseline", *OF_PERSON)
SUFFIXES = (".csv", ".parquet")
NOT_TOLD = ("causes_excluded", "hy_law")  # step 3 of Hy's law takes a clinician


def assess_cohort(path: str | os.PathLike[str], bone_alp: bool = True) -> pl.DataFrame:
    """One row of results for each person of a CSV or Parquet file in long format, by person.

    Columns person, date, test, value, unit, uln; also uln_unit, baseline, start (first dose) and the facts of
    `people.COLUMNS`. Values before `start` count as baseline, and `values_before` says how many they are.
    `bone_alp` is taken for people of whom no row says whether ALP may be of bone: true means that ALP counts
    with a raised GGT only. Raises RecordError, which names each fault by its row.
    """
    place = printable(os.fspath(path), 120)
    table = _read(Path(path), place)
    rows = _rows(table, place)
    values = admit(rows, lambda row: f"{place}, row {row}")
    people = _people(table, place)
    unsaid = pl.col("bone_alp").fill_null(bone_alp) if "bone_alp" in people.columns else pl.lit(bone_alp)
    return measure(values, people.with_columns(bone_alp=unsaid)).drop(NOT_TOLD)


def write_cohort(results: pl.DataFrame, target: Path) -> None:
    """The results as CSV or Parquet, by the suffix of the name."""
    with atomic_write(target) as beside:
        if target.suffix.casefold() == ".parquet":
            results.write_parquet(beside)
        else:
            results.write_csv(beside, float_precision=None)


def _read(path: Path, place: str) -> pl.DataFrame:
    """The table of the file, its columns checked; a CSV file is read as text and turned into numbers later."""
    suffix = path.suffix.casefold()
    if suffix not in SUFFIXES:
        raise InputError(place, "the kind of file is not known", f"end its name with {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise InputError(place, "there is no such file", "check the path")
    try:
        table = pl.read_parquet(path) if suffix == ".parquet" else _csv(path)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        cause = f"it cannot be read ({printable(error, 120)})"
        raise InputError(place, cause, "save the table anew as CSV (UTF-8) or Parquet") from None
    for name in table.columns:
        if name not in NEEDED + TAKEN:
            raise UnknownName(f"{place}, header", "column", name, NEEDED + TAKEN)
    for name in NEEDED:
        if name not in table.columns:
            raise InputError(f"{place}, header", f"there is no column {name}", f"give {', '.join(NEEDED)}")
    if table.is_empty():
        raise InputError(place, "there is no row", "give one row for each value")
    return table.with_row_index("row", offset=1)


def _csv(path: Path) -> pl.DataFrame:
    """A clean file in its types at once; one with a cell that does not fit as text, so that the cell can be named."""
    text, numbers = dict.fromkeys(NEEDED + TAKEN, pl.String), dict.fromkeys(("value", "uln"), pl.Float64)
    try:
        return pl.read_csv(path, schema_overrides={**text, **numbers, "date": pl.Date})
    except pl.exceptions.ComputeError:
        return pl.read_csv(path, infer_schema=False)


def _rows(table: pl.DataFrame, place: str) -> pl.DataFrame:
    """The rows as `admit` takes them."""
    moments = {"at": "date"}
    rows = table.select(
        _as(table, moments.get(name, name), kind, place).alias(name) for name, kind in ROWS.items()
    )
    # Names that come back in every row are compared as numbers: a third of the time and of the memory.
    return rows.cast(dict.fromkeys(("person", "test", "unit", "uln_unit"), pl.Categorical))


def _people(table: pl.DataFrame, place: str) -> pl.DataFrame:
    """One row for each person, in the order of their names; what is said of one must not differ between rows."""
    said = [name for name in OF_PERSON if name in table.columns]
    stated = table.select(
        "row", pl.col("person").cast(pl.String), *(_as(table, n, COLUMNS[n], place).alias(n) for n in said)
    )
    for name in said:
        of_one = stated.filter(pl.col(name).is_not_null()).unique(["person", name], maintain_order=True)
        twice = of_one.filter(pl.col("person").is_duplicated())
        if not twice.is_empty():
            person, row = twice["person"][0], twice.filter(pl.col("person") == twice["person"][0])["row"][1]
            cause = f"{name} of person {printable(person)} differs from another row"
            raise InputError(
                f"{place}, row {row}, {name}", cause, "say the same in all rows, or leave it empty"
            )
    people = stated.group_by("person").agg(pl.col(name).drop_nulls().first() for name in said).sort("person")
    if "alp_origin" in said:
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
            words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
            made = column.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
        elif kind == pl.Datetime("us"):
            days = column.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
            times = (column.str.to_datetime(form, strict=False, time_unit="us") for form in _MOMENTS)
            made = pl.coalesce(days, *times) if _timed(table, name) else days
        else:
            made = column.cast(kind, strict=False)
    else:
        made = column.cast(kind, strict=False)
    lost = table.select("row", given=column, made=made).filter(
        pl.col("made").is_null() & pl.col("given").is_not_null()
    )
    if not lost.is_empty():
        row, given = lost.row(0)[:2]
        hint = {pl.Float64: "write a number with a decimal point", pl.Boolean: "write true or false"}
        how = hint.get(kind, "write a day like 2026-03-04, or 2026-03-04T08:30")
        raise InputError(f"{place}, row {row}, {name}", f"'{printable(given)}' cannot be read", how)
    return made


_MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def _timed(table: pl.DataFrame, name: str) -> bool:
    """Does any cell hold more than a day?"""
    return (table[name].str.len_chars() > len("2026-03-04")).any()
