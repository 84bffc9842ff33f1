"""A CSV file of laboratory values, one in each row: date, test, value, unit, uln; also time, baseline, lab."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

from bonecast.core import Amount, Faults, read_amount, read_text
from bonecast.errors import InputError, UnknownName, printable
from bonecast.liver.case import LabValue

NEEDED = ("date", "test", "value", "unit", "uln")
TAKEN = ("time", "baseline", "lab")
YES, NO = ("true", "yes", "1"), ("false", "no", "0", "")


def read_lab_csv(path: Path, place: str) -> tuple[LabValue, ...]:
    """The values of the file; the limit is in the unit of the value. Raises RecordError with all faults."""
    reader = csv.DictReader(io.StringIO(read_text(path, place), newline=""))
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    for name in header:
        if name not in NEEDED + TAKEN:
            raise UnknownName(f"{place}, header", "column", name, NEEDED + TAKEN)
    for name in NEEDED:
        if name not in header:
            raise InputError(f"{place}, header", f"there is no column {name}", f"give {', '.join(NEEDED)}")
    faults, values = Faults(), []
    for number, row in enumerate(reader, start=1):
        with faults.noting():
            values.append(_value(row, f"{place}, row {number}"))
    faults.raise_any()
    return tuple(values)


def _value(row: dict[str, str], place: str) -> LabValue:
    if None in row or None in row.values():
        raise InputError(
            place, "it has another number of cells than the header", "quote cells that hold commas"
        )
    row = {name: cell.strip() for name, cell in row.items()}
    said = row.get("baseline", "").casefold()
    if said not in YES + NO:
        raise InputError(
            f"{place}, baseline", f"'{printable(said)}' is neither yes nor no", "write true or false"
        )
    value = _number(row["value"], f"{place}, value")
    uln = _number(row["uln"], f"{place}, uln") if row["uln"] else None
    return LabValue(
        at=_moment(row, place),
        test=row["test"],
        value=value.number,
        unit=row["unit"],
        uln=uln.number if uln else None,
        uln_unit=row["unit"],
        baseline=said in YES,
        place=f"{place}, {row['test']}",
        lab=row.get("lab", ""),
        below_limit=value.below,
    )


def _number(cell: str, place: str) -> Amount:
    """A number without a unit, which has its own column; "<" says that it is the limit of the method."""
    amount = read_amount(cell, place)
    if amount.unit:
        raise InputError(place, f"'{printable(cell)}' is not a number", "write the unit in its own column")
    return amount


def _moment(row: dict[str, str], place: str) -> dt.datetime:
    try:
        time = dt.time.fromisoformat(row["time"]) if row.get("time") else dt.time()
        return dt.datetime.combine(dt.date.fromisoformat(row["date"]), time)
    except ValueError:
        raise InputError(
            f"{place}, date", f"'{printable(row['date'])}' is not a day", "write it like 2026-03-04"
        ) from None
