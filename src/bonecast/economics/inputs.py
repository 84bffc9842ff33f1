"""The table of inputs: one number a row, with its unit, range, law, mark and source; nothing is filled in."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import stats

from bonecast.charts import Card, card_html, counted
from bonecast.core import EVIDENCE_GRADES, Faults, TableResult, read_columns
from bonecast.engine import normals
from bonecast.errors import InputError, UnknownName, printable

COLUMNS = ("item", "of", "fracture", "at", "value", "low", "high", "law", "unit", "mark", "source")
LAWS = ("fixed", "normal", "lognormal", "gamma", "beta", "uniform")
RATE, PER_YEAR, RATIO, SHARE, YEARS = "per 1,000 person-years", "per year", "ratio", "share", "years"
# item: (units, whether `of` and `fracture` are named, what stands at `at`); * is the currency of the design
ITEMS: dict[str, tuple[tuple[str, ...], bool, bool, str]] = {
    "incidence": ((RATE,), False, True, "age"),
    "refracture": ((RATIO,), False, True, ""),
    "relative_risk": ((RATIO,), True, True, ""),
    "persistence": ((SHARE,), True, False, "years"),
    "offset": ((YEARS,), True, False, ""),
    "treatment": ((YEARS,), True, False, ""),
    "rebound_risk": ((RATIO,), True, True, ""),
    "rebound": ((YEARS,), True, False, ""),
    "uncovered": ((SHARE,), True, False, ""),
    "mortality": ((PER_YEAR,), False, False, "age"),
    "mortality_first_year": ((RATIO,), False, True, ""),
    "mortality_later": ((RATIO,), False, True, ""),
    "utility": ((SHARE,), False, False, "age"),
    "utility_first_year": ((SHARE,), False, True, ""),
    "utility_later": ((SHARE,), False, True, ""),
    "fracture_cost": (("*",), False, True, ""),
    "fracture_cost_later": (("* per year",), False, True, ""),
    "drug_cost": (("* per year", "* per dose"), True, False, ""),
    "administration_cost": (("* per year", "* per dose"), True, False, ""),
    "monitoring_cost": (("* per year",), True, False, ""),
}
# what a simulated trial says itself
SIMULATED = ("incidence", "refracture", "relative_risk", "persistence", "offset", "treatment", "rebound_risk",
             "rebound", "uncovered")  # fmt: skip
NEEDED = ("mortality", "utility")
NEEDED_OF_FRACTURES = ("fracture_cost", "utility_first_year")
Z = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class InputRow:
    """One number of the table.

    Parameters
    ----------
    item : str
        What it is, such as "fracture_cost".
    of : str
        Strategy or drug; empty where it is of none.
    fracture : str
        Kind of fracture; empty where it is of none.
    at : float
        Age or years; NaN where there is none.
    value : float
        The number.
    low : float
        Lower end of its 95 % range; NaN without one.
    high : float
        Upper end; NaN without one.
    law : str
        How it spreads: "fixed", "normal", "lognormal", "gamma", "beta" or "uniform".
    unit : str
        Unit.
    mark : str
        Evidence grade.
    source : str
        Where it was read.
    """

    item: str
    of: str
    fracture: str
    at: float
    value: float
    low: float
    high: float
    law: str
    unit: str
    mark: str
    source: str

    @property
    def stream(self) -> str:
        """The random stream: rows of one item that differ only in age or year go up and down together."""
        return f"input {self.item}|{self.of}|{self.fracture}"

    def draw(self, seed: int, count: int) -> np.ndarray:
        """Draw the number from its law.

        Parameters
        ----------
        seed : int
            Seed.
        count : int
            How many.

        Returns
        -------
        ndarray of float, shape (count,)

        Examples
        --------
        >>> row = InputRow("utility", "", "", 70.0, 0.8, 0.7, 0.9, "beta", "share", "assumption", "an example")
        >>> 0.75 < row.draw(1, 1000).mean() < 0.85
        True
        """
        if self.law == "fixed":
            return np.full(count, self.value)
        share = stats.norm.cdf(normals(seed, self.stream, 0, count))
        sd = (self.high - self.low) / (2 * Z)
        match self.law:
            case "normal":
                found = stats.norm.ppf(share, self.value, sd)
            case "lognormal":
                spread = (math.log(self.high) - math.log(self.low)) / (2 * Z)
                found = self.value * np.exp(spread * stats.norm.ppf(share))
            case "gamma":
                found = stats.gamma.ppf(share, (self.value / sd) ** 2, scale=sd**2 / self.value)
            case "beta":
                size = self.value * (1 - self.value) / sd**2 - 1
                found = stats.beta.ppf(share, self.value * size, (1 - self.value) * size)
            case _:
                found = self.low + (self.high - self.low) * share
        return np.asarray(found)


@dataclass(frozen=True)
class InputTable(TableResult):
    """All numbers of an evaluation.

    Parameters
    ----------
    rows : tuple of InputRow
        The numbers.
    currency : str
        Currency of the costs.
    """

    rows: tuple[InputRow, ...]
    currency: str

    def __repr__(self) -> str:
        return f"<InputTable of {len(self.rows)} numbers in {self.currency}>"

    def _repr_html_(self) -> str:
        many = f"{counted(len(self.rows), 'number')} in {self.currency}"
        return card_html(Card("Inputs of an economic evaluation", (many,)))

    def table(self) -> pl.DataFrame:
        """Return one row for each number, as it was read.

        Returns
        -------
        polars.DataFrame
            The columns of the file.
        """
        return pl.DataFrame([asdict(row) for row in self.rows], infer_schema_length=None)

    @property
    def fractures(self) -> tuple[str, ...]:
        """Kinds of fracture that have a cost, in the order of the file."""
        return tuple(dict.fromkeys(r.fracture for r in self.rows if r.item == "fracture_cost"))

    def of(self, item: str, of: str = "", fracture: str = "") -> tuple[InputRow, ...]:
        """Find the rows of an item.

        Parameters
        ----------
        item : str
            The item.
        of : str
            Strategy or drug.
        fracture : str
            Kind of fracture.

        Returns
        -------
        tuple of InputRow
            By age or year.
        """
        found = [r for r in self.rows if (r.item, r.of, r.fracture) == (item, of, fracture)]
        return tuple(sorted(found, key=lambda row: row.at))


def input_table(files: Sequence[str | os.PathLike[str]], currency: str) -> InputTable:
    """Read tables of inputs; all faults are reported together.

    Parameters
    ----------
    files : sequence of path
        CSV files with the columns item, of, fracture, at, value, low, high, law, unit, mark, source.
    currency : str
        Currency of all costs.

    Returns
    -------
    InputTable
        The numbers.

    Raises
    ------
    RecordError
        If numbers cannot be used, with place and line of each.
    """
    faults, rows = Faults(), []
    for file in files:
        given = read_columns(Path(file), printable(os.fspath(file), 120))
        for name in sorted(set(given.cells) - set(COLUMNS)):
            faults.note(UnknownName(given.place, "column", printable(name, 60), COLUMNS))
        for name in [name for name in ("item", "value", "unit", "mark", "source") if name not in given.cells]:
            faults.note(InputError(given.place, f"there is no column '{name}'", "add it"))
        faults.raise_any()
        for k, line in enumerate(given.lines):
            cells = {
                name: str(given.cells[name][k]).strip() if name in given.cells else "" for name in COLUMNS
            }
            with faults.noting():
                rows.append(_row(cells, f"{given.place}, line {line}", currency))
    seen: dict[tuple[str, str, str, float], int] = {}
    for row in rows:
        key = row.item, row.of, row.fracture, 0.0 if math.isnan(row.at) else row.at
        seen[key] = seen.get(key, 0) + 1
    for (item, of, fracture, _), count in seen.items():
        if count > 1:
            what = " ".join(word for word in (item, of, fracture) if word)
            faults.note(InputError("inputs", f"'{printable(what)}' is given {count} times", "keep one"))
    faults.raise_any()
    return InputTable(tuple(rows), currency)


def _row(cells: dict[str, str], place: str, currency: str) -> InputRow:
    if cells["item"] not in ITEMS:
        raise UnknownName(f"{place}, item", "item", printable(cells["item"], 60), ITEMS)
    units, has_of, has_fracture, at = ITEMS[cells["item"]]
    for name, has in (("of", has_of), ("fracture", has_fracture), ("at", bool(at))):
        if bool(cells[name]) != has:
            cause = f"it is {'empty' if has else 'of none'} for '{cells['item']}'"
            raise InputError(
                f"{place}, {name}", cause, f"write {at or 'a name'}" if has else "leave it empty"
            )
    known = [unit.replace("*", currency) for unit in units]
    if cells["unit"] not in known:
        cause = f"'{printable(cells['unit'], 60)}' is no unit of '{cells['item']}'"
        raise InputError(f"{place}, unit", cause, f"write {' or '.join(known)}")
    if cells["mark"] not in EVIDENCE_GRADES:
        raise UnknownName(f"{place}, mark", "mark", printable(cells["mark"], 60), EVIDENCE_GRADES)
    if not cells["source"]:
        raise InputError(f"{place}, source", "the number has none", "say where it was read")
    law = cells["law"] or "fixed"
    if law not in LAWS:
        raise UnknownName(f"{place}, law", "law", printable(law, 60), LAWS)
    numbers = {name: _number(cells[name], f"{place}, {name}") for name in ("at", "value", "low", "high")}
    made = InputRow(cells["item"], cells["of"], cells["fracture"], numbers["at"], numbers["value"], numbers["low"],
                    numbers["high"], law, cells["unit"], cells["mark"], cells["source"])  # fmt: skip
    _within(made, place)
    return made


def _within(row: InputRow, place: str) -> None:
    """Ranges that a law can have."""
    if math.isnan(row.value) or row.value < 0:
        raise InputError(f"{place}, value", "it is no number from 0 on", "write one")
    if row.unit == SHARE and row.value > 1:
        raise InputError(f"{place}, value", f"{row.value:g} is no share", "write a number from 0 to 1")
    if row.law == "fixed":
        return
    if not row.low < row.value < row.high:
        cause = "value does not lie between low and high"
        raise InputError(f"{place}, law", cause, "give the 95 % range, or write law fixed")
    if row.law in ("lognormal", "gamma", "beta") and row.low <= 0:
        raise InputError(f"{place}, low", f"a {row.law} law lies above 0", "give a low above 0")
    if row.law == "beta" and row.high >= 1:
        raise InputError(f"{place}, high", "a beta law lies below 1", "give a high below 1")


def _number(cell: str, place: str) -> float:
    if not cell:
        return math.nan
    try:
        found = float(cell)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(place, f"'{printable(cell, 60)}' is no number", "write one such as 0.35")
    return found
